"""The record from the command line: verify it, anchor it, export what proves a case."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from ekyc.environment import read_record_settings
from ekyc.operations_cli import ACTOR, console, open_store_here, refuse
from pipeline.errors import EkycError
from store import api_keys, audit
from store.anchors import Notary, make_anchor, open_notary, signer_of
from store.chain import ChainReport, verify_chain
from store.package import Images, write_package

if TYPE_CHECKING:
    from store.database import Store

app = typer.Typer(no_args_is_help=True)

#: The API key that answers for images in a package; not an option, for command lines are seen by others.
API_KEY_VARIABLE = "EKYC_API_KEY"


@app.command("verify")
def verify() -> None:
    """Check every event of the audit chain, and compare it with the anchors outside the database.

    Exit 1 names the first event that was altered, removed or added.
    """
    store = open_store_here()
    notary = open_notary(read_record_settings())
    inside = audit.verify(store)
    if inside.first_bad is not None:
        _broken(inside.first_bad, inside.reason)
    report = verify_chain(store, notary)
    if report.first_bad is not None:
        _broken(report.first_bad, report.reason)
    console.print(f"{report.checked} events, the chain holds")
    console.print(_vouched(report), soft_wrap=True)


def _broken(seq: int, reason: str | None) -> None:
    console.print(f"event {seq}: {reason}", style="red", soft_wrap=True)
    raise typer.Exit(1)


def _vouched(report: ChainReport) -> str:
    if report.anchors is None:
        return "not compared with anchors outside the database: EKYC_ANCHOR_URL is not set"
    if report.anchored is None:
        return "no event yet, and so no anchor"
    newest = report.anchored
    return (
        f"{report.anchors} anchors outside the database agree; the newest, of {newest.at},"
        f" covers {newest.seq} events"
    )


@app.command("anchor")
def anchor() -> None:
    """Sign the head of the chain and keep it outside the database, now. The sweeper does it now and then."""
    try:
        made = make_anchor(open_store_here(), _notary())
    except (EkycError, ValueError) as error:
        raise refuse(error) from error
    typer.echo(
        f"event {made.seq} is anchored" if made else "nothing happened since the last anchor"
    )


def _notary() -> Notary:
    notary = open_notary(read_record_settings())
    if notary is None:
        raise ValueError("EKYC_ANCHOR_URL is not set")
    return notary


@app.command("new-key")
def new_key() -> None:
    """Draw a signing key for EKYC_SIGNING_KEY, and its public key, which auditors are given."""
    from store.signing import new_seed, open_signer, public_text

    seed = new_seed()
    ((key_id, public),) = open_signer(seed, ()).trusted.items()
    typer.echo(f"signing key (secret): {seed}\npublic key: {public_text(public)}\nkey id: {key_id}")


@app.command("public-key")
def public_key() -> None:
    """Show the public keys with which anchors and packages are verified here."""
    from store.signing import public_text

    for key_id, public in signer_of(read_record_settings()).trusted.items():
        typer.echo(f"{key_id} {public_text(public)}")


@app.command("export")
def export(
    case_id: Annotated[UUID, typer.Argument(metavar="CASE")],
    out: Annotated[Path, typer.Option(help="The ZIP to write; it must not exist.")],
    with_images: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--with-images", help="With the evidence itself; EKYC_API_KEY must be a reviewer's key."
        ),
    ] = False,
) -> None:
    """Write the evidence package of a case, which anybody can verify with the public key alone."""
    store = open_store_here()
    try:
        images = _images(store) if with_images else None
        write_package(store, _notary(), case_id, out, actor=ACTOR, images=images)
    except (EkycError, ValueError, FileExistsError) as error:
        raise refuse(error) from error
    typer.echo(str(out))


def _images(store: Store) -> Images:
    key = api_keys.authenticate(store, os.environ.get(API_KEY_VARIABLE, ""))
    if key is None or api_keys.Scope.REVIEWER not in key.scopes:
        raise ValueError(f"{API_KEY_VARIABLE} must hold an API key of scope reviewer")
    return Images(actor=f"key:{key.prefix}", branch=key.branch)
