"""People of the console from the command line. A password comes from the terminal or stdin, never from an argument."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Table

from ekyc.operations_cli import ACTOR, console, open_store_here, refuse
from pipeline.errors import EkycError
from store import users
from store.users import Role

app = typer.Typer(no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(help="3 to 32 of a-z, 0-9, dot, dash, underscore; a staff number is best.")
]


@app.command("create")
def create(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the person is here for.")],
    branch: Annotated[str | None, typer.Option(help="Bind the person to one branch.")] = None,
) -> None:
    """Add a person; the password is asked for, or read from stdin."""
    try:
        user = users.create_user(
            open_store_here(), name=name, role=role, branch=branch, password=_new_password(), actor=ACTOR,
        )  # fmt: skip
    except EkycError as error:
        raise refuse(error) from error
    typer.echo(f"{user.name} may sign in as {user.role}; the record calls them {user.actor}")


@app.command("list")
def list_all() -> None:
    """Show all people, and how the record calls them."""
    table = Table("name", "role", "branch", "in the record", "created", "disabled")
    for user in users.list_users(open_store_here()):
        table.add_row(
            user.name, user.role, user.branch or "all", user.actor, f"{user.created_at:%Y-%m-%d %H:%M}",
            f"{user.disabled_at:%Y-%m-%d %H:%M}" if user.disabled_at else "",
        )  # fmt: skip
    console.print(table)


@app.command("disable")
def disable(name: Name) -> None:
    """Let a person in no more; their sessions end at once."""
    _switch(name, active=False)


@app.command("enable")
def enable(name: Name) -> None:
    """Let a person in again."""
    _switch(name, active=True)


@app.command("password")
def set_password(name: Name) -> None:
    """Give a person a new password, asked for or read from stdin; their sessions end."""
    try:
        users.set_password(open_store_here(), name, _new_password(), actor=ACTOR)
    except EkycError as error:
        raise refuse(error) from error


def _switch(name: str, *, active: bool) -> None:
    try:
        users.switch_user(open_store_here(), name, active=active, actor=ACTOR)
    except EkycError as error:
        raise refuse(error) from error


def _new_password() -> str:
    """Arguments are seen by everybody on the machine and kept by shells."""
    if sys.stdin.isatty():
        return str(typer.prompt("password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
