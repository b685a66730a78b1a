"""Webhooks: who is told of verdicts, what was delivered, what was given up, and sending again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.console.pages import ADMIN, Answer, Refusal, SentTo, Shown, page
from api.console.visits import Visit
from api.requests import Asked, Done
from store import deliveries, webhooks
from store.errors import WebhookUnknown
from store.webhooks import EventKind

#: Time for a receiver to take over a new secret.
OVERLAP_S = 24 * 3600.0
SHOWN_DELIVERIES = 200


class NewEndpoint(Asked):
    """A receiver to tell."""

    url: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    kinds: frozenset[EventKind] = Field(min_length=1)


class DeliveryQuery(Asked):
    """Which deliveries."""

    endpoint: UUID | None = None
    status: Literal["pending", "delivered", "dead"] | None = None


def _list(visit: Visit, **context: object) -> Shown:
    shown = {"refusal": None, "given": None, "done": None, **context}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if shown["refusal"] else HTTPStatus.OK
    endpoints = webhooks.list_endpoints(visit.store)
    return Shown("webhooks.html", status, endpoints=endpoints, kinds=tuple(EventKind), **shown)


def _again(visit: Visit, refusal: Refusal) -> Shown:
    return _list(visit, refusal=refusal)


@page("GET", "/webhooks", scopes=ADMIN)
def show_webhooks(visit: Visit, query: Done) -> Shown:
    """All endpoints, and how many of their deliveries wait or were given up."""
    return _list(visit, done=query.done)


@page("POST", "/webhooks", scopes=ADMIN, refused=_again)
def add_webhook(visit: Visit, form: NewEndpoint) -> Answer:
    """Add an endpoint; its secret is shown now and never again."""
    _, secret = webhooks.add_endpoint(
        visit.store, url=form.url, kinds=form.kinds, actor=visit.caller.actor,
        allow_http=visit.gateway.settings.webhook_allow_http,
    )  # fmt: skip
    return _list(visit, given=(form.url, secret))


@page("POST", "/webhooks/{endpoint}/disable", scopes=ADMIN, refused=_again)
def disable_webhook(visit: Visit, endpoint: str) -> Answer:
    """Tell an endpoint nothing more; what is pending waits."""
    return _switch(visit, endpoint, active=False)


@page("POST", "/webhooks/{endpoint}/enable", scopes=ADMIN, refused=_again)
def enable_webhook(visit: Visit, endpoint: str) -> Answer:
    """Go on telling an endpoint."""
    return _switch(visit, endpoint, active=True)


@page("POST", "/webhooks/{endpoint}/secret", scopes=ADMIN, refused=_again)
def renew_secret(visit: Visit, endpoint: str) -> Answer:
    """Draw a new secret and show it once; the former signs too for a day."""
    known = _known(endpoint)
    secret = webhooks.rotate_secret(
        visit.store, known, overlap_s=OVERLAP_S, actor=visit.caller.actor
    )
    return _list(visit, given=(str(known), secret))


@page("POST", "/webhooks/{endpoint}/replay", scopes=ADMIN, refused=_again)
def replay_dead(visit: Visit, endpoint: str) -> Answer:
    """Send again what was given up."""
    deliveries.replay(visit.store, _known(endpoint), actor=visit.caller.actor, dead=True)
    return SentTo(f"/deliveries?endpoint={_known(endpoint)}")


@page("GET", "/deliveries", scopes=ADMIN)
def show_deliveries(visit: Visit, query: DeliveryQuery) -> Shown:
    """What became of the latest deliveries."""
    rows = deliveries.list_deliveries(
        visit.store, status=query.status, endpoint_id=query.endpoint, limit=SHOWN_DELIVERIES
    )
    endpoints = {view.id: view for view in webhooks.list_endpoints(visit.store)}
    return Shown("deliveries.html", rows=rows, endpoints=endpoints, query=query)


def _switch(visit: Visit, endpoint: str, *, active: bool) -> Answer:
    webhooks.switch_endpoint(visit.store, _known(endpoint), active=active, actor=visit.caller.actor)
    return SentTo(f"/webhooks?done=webhook_{'enabled' if active else 'disabled'}")


def _known(endpoint: str) -> UUID:
    try:
        return UUID(endpoint)
    except ValueError:
        raise WebhookUnknown("no such endpoint") from None
