"""Cases from the command line: hold, release, erase, and what a person may ask to see."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from ekyc.operations_cli import console, open_store_here, refuse
from pipeline.errors import EkycError
from store import api_keys, holds
from store.cases import erase_case
from store.retention import erase_biometrics
from store.subject import write_subject_export

if TYPE_CHECKING:
    from store.database import Store

app = typer.Typer(no_args_is_help=True)

#: The API key that answers for what is done; not an option, for command lines are seen by others.
API_KEY_VARIABLE = "EKYC_API_KEY"
CaseId = Annotated[UUID, typer.Argument(metavar="CASE")]


@app.command("hold")
def hold(
    case_id: CaseId,
    reason: Annotated[str, typer.Option(prompt=True, help="Who ordered it; kept sealed.")],
) -> None:
    """Put a case on legal hold: nothing of it is erased until it is released."""
    store = open_store_here()
    try:
        holds.hold_case(store, case_id, reason=reason, actor=_admin(store))
    except (EkycError, ValueError) as error:
        raise refuse(error) from error
    console.print(f"{case_id} is on hold")


@app.command("release")
def release(case_id: CaseId) -> None:
    """End the hold of a case."""
    store = open_store_here()
    try:
        holds.release_case(store, case_id, actor=_admin(store))
    except (EkycError, ValueError) as error:
        raise refuse(error) from error
    console.print(f"{case_id} is no longer on hold")


@app.command("erase")
def erase(
    case_id: CaseId,
    biometrics_only: Annotated[  # noqa: FBT002
        bool, typer.Option("--biometrics-only", help="Selfie and clip alone; the card stays.")
    ] = False,
) -> None:
    """Erase a case that has ended: its key, its evidence, what was read from it. The audit chain stays."""
    store = open_store_here()
    try:
        actor = _admin(store)
        if biometrics_only:
            erase_biometrics(store, case_id, because="request", actor=actor)
        else:
            erase_case(store, case_id, actor=actor)
    except (EkycError, ValueError) as error:
        raise refuse(error) from error
    console.print(
        f"{case_id} is erased" if not biometrics_only else f"{case_id}: selfie and clip are erased"
    )


@app.command("export")
def export(
    case_id: CaseId,
    out: Annotated[Path, typer.Option(help="The ZIP to write; it must not exist.")],
) -> None:
    """Write everything held about the person of a case, for that person: fields, pictures, consents, who looked."""
    store = open_store_here()
    try:
        write_subject_export(store, case_id, out, actor=_admin(store))
    except (EkycError, ValueError, FileExistsError) as error:
        raise refuse(error) from error
    typer.echo(str(out))


def _admin(store: Store) -> str:
    key = api_keys.authenticate(store, os.environ.get(API_KEY_VARIABLE, ""))
    if key is None or api_keys.Scope.ADMIN not in key.scopes:
        raise ValueError(f"{API_KEY_VARIABLE} must hold an API key of scope admin")
    return f"key:{key.prefix}"
