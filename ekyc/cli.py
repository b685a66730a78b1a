"""The command line. Sub-commands are imported when they are used: a gateway has no model runtime to import."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperGroup

from ekyc import operations_cli

#: Sub-command -> module with `app`, what it is for.
SUB_APPS = {
    "audit": ("ekyc.audit_cli", "The record: verify it, anchor it, export what proves a case."),
    "backup": ("ekyc.backup_cli", "Back up database and blobs, check a backup, restore it."),
    "card": ("ekyc.card_cli", "Read cards."),
    "case": ("ekyc.case_cli", "Cases: hold, release, erase, and export for the person."),
    "eval": ("ekyc.eval_cli", "Measure engines on data whose truth is known."),
    "face": ("ekyc.face_cli", "Compare faces."),
    "liveness": ("ekyc.liveness_cli", "Judge challenge clips."),
    "specimen": ("ekyc.specimen_cli", "Make SPECIMEN cards, selfies, clips and whole cases."),
    "user": (
        "ekyc.user_cli",
        "People who sign in to the console: create, disable, give a new password.",
    ),
    "webhook": ("ekyc.webhook_cli", "Webhooks: who is told of verdicts, and what was delivered."),
    "weights": ("ekyc.weights_cli", "List, verify and fetch model weights."),
}


class _LazyGroup(TyperGroup):
    """The commands of `operations_cli`, and the sub-apps of the table above."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *SUB_APPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in SUB_APPS:
            return super().get_command(ctx, cmd_name)
        module, purpose = SUB_APPS[cmd_name]
        try:
            command = typer.main.get_group(importlib.import_module(module).app)
        except ModuleNotFoundError as error:
            return _absent(cmd_name, purpose, error.name or "")
        command.name, command.help = cmd_name, command.help or purpose
        return command


def _absent(name: str, purpose: str, missing: str) -> Any:
    """A command that says which package it lacks: images hold only what their process needs."""
    absent = typer.Typer()

    @absent.command(
        name,
        help=f"{purpose} Not installed here: {missing} is missing.",
        # whatever was asked of it, the answer is the same
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def say_so() -> None:
        typer.secho(f"`ekyc {name}` needs the package {missing}", fg="red", err=True)
        raise typer.Exit(2)

    return typer.main.get_command(absent)


app = typer.Typer(
    cls=_LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # locals may hold what was read from a card
    help="Open eKYC: read the card, match the face, score liveness, explain the verdict.",
)
app.add_typer(operations_cli.app)


def main() -> None:
    """Entry point of the console script."""
    app()
