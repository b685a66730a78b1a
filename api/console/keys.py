"""API keys of clients: list, create (shown once), revoke."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from pydantic import Field, StringConstraints

from api.console.pages import ADMIN, Answer, Refusal, SentTo, Shown, page
from api.console.visits import Visit
from api.requests import Asked, Done, Name
from store import api_keys
from store.api_keys import Scope

KeyName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]


class NewKey(Asked):
    """A key to make."""

    name: KeyName
    scopes: frozenset[Scope] = Field(min_length=1)
    branch: Name | None = None


def _list(visit: Visit, **context: object) -> Shown:
    # Those that still open something first, the latest first.
    keys = sorted(reversed(api_keys.list_keys(visit.store)), key=lambda key: key.revoked_at is not None)  # fmt: skip
    shown = {"refusal": None, "given": None, "done": None, **context}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if shown["refusal"] else HTTPStatus.OK
    return Shown("keys.html", status, keys=keys, scopes=tuple(Scope), **shown)


def _again(visit: Visit, refusal: Refusal) -> Shown:
    return _list(visit, refusal=refusal)


@page("GET", "/keys", scopes=ADMIN)
def show_keys(visit: Visit, query: Done) -> Shown:
    """All keys, without the keys themselves."""
    return _list(visit, done=query.done)


@page("POST", "/keys", scopes=ADMIN, refused=_again)
def add_key(visit: Visit, form: NewKey) -> Answer:
    """Make a key and show it, now and never again."""
    presented, key = api_keys.create_key(
        visit.store, name=form.name, scopes=form.scopes, branch=form.branch, actor=visit.caller.actor
    )  # fmt: skip
    return _list(visit, given=(key.name, presented))


@page("POST", "/keys/{prefix}/revoke", scopes=ADMIN, refused=_again)
def revoke_key(visit: Visit, prefix: str) -> Answer:
    """Make a key worthless."""
    api_keys.revoke_key(visit.store, prefix, actor=visit.caller.actor)
    return SentTo("/keys?done=key_revoked")
