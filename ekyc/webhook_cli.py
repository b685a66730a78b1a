"""Webhooks from the command line: add an endpoint, look at deliveries, send again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from ekyc.operations_cli import ACTOR, console, open_store_here, refuse
from pipeline.errors import EkycError
from store import deliveries, webhooks
from store.webhooks import EventKind

app = typer.Typer(no_args_is_help=True)

#: Time for a receiver to take over a new secret.
OVERLAP_H = 24.0

Endpoint = Annotated[UUID, typer.Argument(metavar="ENDPOINT", help="See `ekyc webhook list`.")]


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="https address of the receiver.")],
    event: Annotated[
        list[EventKind] | None, typer.Option(help="What to tell; all kinds if not said.")
    ] = None,
) -> None:
    """Add an endpoint; its id and its secret are shown, the secret never again."""
    from workers.webhook_settings import WebhookSettings

    try:
        endpoint_id, secret = webhooks.add_endpoint(
            open_store_here(), url=url, kinds=event or list(EventKind),
            allow_http=WebhookSettings().allow_http, actor=ACTOR,
        )  # fmt: skip
    except EkycError as error:
        raise refuse(error) from error
    typer.echo(f"{endpoint_id}\n{secret}")


@app.command("list")
def list_endpoints() -> None:
    """Show all endpoints, and how many of their deliveries are pending or dead."""
    table = Table("id", "url", "events", "active", "pending", "dead")
    for view in webhooks.list_endpoints(open_store_here()):
        table.add_row(
            str(view.id), view.url, ", ".join(view.kinds), "yes" if view.active else "no",
            str(view.pending), str(view.dead),
        )  # fmt: skip
    console.print(table)


@app.command("disable")
def disable(endpoint: Endpoint) -> None:
    """Tell an endpoint nothing more; what is pending waits."""
    _switch(endpoint, active=False)


@app.command("enable")
def enable(endpoint: Endpoint) -> None:
    """Go on telling an endpoint. What happened meanwhile: `ekyc webhook replay ENDPOINT --since`."""
    _switch(endpoint, active=True)


def _switch(endpoint: UUID, *, active: bool) -> None:
    try:
        webhooks.switch_endpoint(open_store_here(), endpoint, active=active, actor=ACTOR)
    except EkycError as error:
        raise refuse(error) from error


@app.command("rotate-secret")
def rotate_secret(
    endpoint: Endpoint,
    overlap_h: Annotated[
        float, typer.Option(min=0, help="Hours during which both secrets sign.")
    ] = OVERLAP_H,
) -> None:
    """Give an endpoint a new secret and show it; the former signs too until the overlap ends."""
    try:
        secret = webhooks.rotate_secret(
            open_store_here(), endpoint, overlap_s=overlap_h * 3600, actor=ACTOR
        )
    except EkycError as error:
        raise refuse(error) from error
    typer.echo(secret)


@app.command("deliveries")
def list_deliveries(
    status: Annotated[str | None, typer.Option(help="pending, delivered or dead.")] = None,
    endpoint: Annotated[UUID | None, typer.Option(help="Of one endpoint alone.")] = None,
    case: Annotated[UUID | None, typer.Option(help="Of one case alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
) -> None:
    """Show deliveries, the newest first."""
    table = Table("case", "event", "status", "attempts", "answer", "error", "next")
    rows = deliveries.list_deliveries(
        open_store_here(), status=status, endpoint_id=endpoint, case_id=case, limit=limit
    )
    for row in rows:
        table.add_row(
            str(row.case_id), row.kind, row.status, str(row.attempts), str(row.http_status or ""),
            row.error_code or "", f"{row.next_at:%Y-%m-%d %H:%M:%S}" if row.status == "pending" else "",
        )  # fmt: skip
    console.print(table)


@app.command("replay")
def replay(
    endpoint: Endpoint,
    dead: Annotated[bool, typer.Option("--dead", help="What was given up.")] = False,  # noqa: FBT002
    case: Annotated[UUID | None, typer.Option(help="Everything about one case.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Everything from then on (UTC).")] = None,
) -> None:
    """Send events again, or those that an endpoint was never told; conditions add up."""
    if not (dead or case or since):
        raise typer.BadParameter("say --dead, --case or --since")
    try:
        number = deliveries.replay(
            open_store_here(), endpoint, actor=ACTOR, dead=dead, case_id=case,
            since=since.replace(tzinfo=UTC) if since else None,
        )  # fmt: skip
    except EkycError as error:
        raise refuse(error) from error
    typer.echo(f"{number} deliveries are due")
