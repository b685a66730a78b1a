"""Backup and restore from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ekyc.backup import discard, make_backup, read_manifest, restore_backup
from ekyc.operations_cli import console, open_store_here, refuse
from pipeline.errors import EkycError

app = typer.Typer(no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER")]


@app.command("make")
def make(out: Folder) -> None:
    """Back up database and blobs into a new folder. The KEK is not in it: keep it in another place."""
    store = open_store_here()
    try:
        manifest = make_backup(store, out)
    except EkycError as error:
        discard(out)
        raise refuse(error) from error
    console.print(
        f"{out}: {manifest.blobs} blobs, {manifest.last_event} audit events, schema {manifest.schema};"
        f" needs the KEK {', '.join(manifest.keks) or 'of nothing'}",
        soft_wrap=True,
    )


@app.command("check")
def check(backup: Folder) -> None:
    """Say what a backup holds, and whether its dump is whole."""
    try:
        manifest = read_manifest(backup)
    except EkycError as error:
        raise refuse(error) from error
    console.print_json(data={name: getattr(manifest, name) for name in manifest.__slots__})


@app.command("restore")
def restore(backup: Folder) -> None:
    """Restore into an empty database and an empty place for blobs; afterwards run `ekyc audit verify`."""
    try:
        manifest = restore_backup(open_store_here(), backup)
    except EkycError as error:
        raise refuse(error) from error
    console.print(
        f"restored the backup of {manifest.made_at}: {manifest.blobs} blobs; now run `ekyc audit verify`"
    )
