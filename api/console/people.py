"""Users of the console: who may sign in, as what, and new passwords that are shown once."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Annotated

from pydantic import StringConstraints

from api.console.pages import ADMIN, Answer, Refusal, SentTo, Shown, page
from api.console.visits import Visit
from api.requests import Asked, Done, Name
from store import users
from store.users import NAME_PATTERN, Role

#: 96 random bits: nobody types it twice, the person makes an own one of it.
PASSWORD_BYTES = 12


class NewUser(Asked):
    """A person to add."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, pattern=f"^{NAME_PATTERN}$")]
    role: Role
    branch: Name | None = None


def _list(visit: Visit, **context: object) -> Shown:
    people = users.list_users(visit.store)
    shown = {"refusal": None, "given": None, "done": None, **context}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if shown["refusal"] else HTTPStatus.OK
    return Shown("users.html", status, people=people, roles=tuple(Role), **shown)


def _again(visit: Visit, refusal: Refusal) -> Shown:
    return _list(visit, refusal=refusal)


@page("GET", "/users", scopes=ADMIN)
def show_users(visit: Visit, query: Done) -> Shown:
    """Everybody, with what can be done."""
    return _list(visit, done=query.done)


@page("POST", "/users", scopes=ADMIN, refused=_again)
def add_user(visit: Visit, form: NewUser) -> Answer:
    """Add a person; the first password is drawn here and shown once."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user = users.create_user(
        visit.store, name=form.name, role=form.role, branch=form.branch, password=password,
        actor=visit.caller.actor,
    )  # fmt: skip
    return _list(visit, given=(user.name, password))


@page("POST", "/users/{name}/password", scopes=ADMIN, refused=_again)
def renew_password(visit: Visit, name: str) -> Answer:
    """Draw a new password for a person and show it once; their sessions end."""
    if _is_self(visit, name):
        return _again(visit, Refusal(code="user_is_self", entered={}))
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    users.set_password(visit.store, name, password, actor=visit.caller.actor)
    return _list(visit, given=(name, password))


@page("POST", "/users/{name}/disable", scopes=ADMIN, refused=_again)
def disable_user(visit: Visit, name: str) -> Answer:
    """Let a person in no more. Nobody locks themselves out, so there is always one administrator."""
    if _is_self(visit, name):
        return _again(visit, Refusal(code="user_is_self", entered={}))
    users.switch_user(visit.store, name, active=False, actor=visit.caller.actor)
    return SentTo("/users?done=user_disabled")


@page("POST", "/users/{name}/enable", scopes=ADMIN, refused=_again)
def enable_user(visit: Visit, name: str) -> Answer:
    """Let a person in again."""
    users.switch_user(visit.store, name, active=True, actor=visit.caller.actor)
    return SentTo("/users?done=user_enabled")


def _is_self(visit: Visit, name: str) -> bool:
    return visit.user is not None and visit.user.name == name
