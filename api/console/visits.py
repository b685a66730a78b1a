"""Who visits the console: the session behind the cookie, the language, and what belongs to one request."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from flask import g, request

from api.callers import NOBODY, Caller
from api.gateway import Call, Gateway, Language, asked_language, current_gateway
from api.settings import GatewaySettings
from store.sessions import SessionLimits, find_session
from store.users import UserView

LANGUAGE_COOKIE = "ekyc_language"
#: A year: a choice of language is no secret.
LANGUAGE_COOKIE_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Call):
    """One request of a browser; `user` is None before signing in."""

    user: UserView | None

    def at(self, version: int) -> Visit:
        """Return the same visit, about a case of this version."""
        return dataclasses.replace(self, version=version)


def session_cookie() -> str:
    """Return the name of the session's cookie; over https browsers hold it to this very host."""
    return "__Host-ekyc_session" if request.is_secure else "ekyc_session"


def session_limits(settings: GatewaySettings) -> SessionLimits:
    """Return how long sessions last."""
    return SessionLimits(idle_s=settings.console_idle_s, longest_s=settings.console_session_s)


def find_visit(*, active: bool) -> Visit:
    """Return who makes the current request; `active` when a person did something, not a script by itself."""
    gateway = current_gateway()
    user = _user(gateway, active=active)
    return Visit(gateway=gateway, caller=_caller(user), language=language(), user=user)


def _user(gateway: Gateway, *, active: bool) -> UserView | None:
    token = request.cookies.get(session_cookie())
    if not token:
        return None
    return find_session(
        gateway.store, token, limits=session_limits(gateway.settings), active=active
    )


def _caller(user: UserView | None) -> Caller:
    if user is None:
        return NOBODY
    return Caller(kind="user", prefix=user.handle, scopes=user.scopes, branch=user.branch)


def language() -> Language:
    """Return the language the visitor chose, else the one the browser asks for; looked up once a request."""
    if "language" not in g:
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        g.language = Language(chosen) if chosen in set(Language) else asked_language()
    found = g.language
    assert isinstance(found, Language)
    return found


def current_visit() -> Visit | None:
    """Return the visit of the current request, None where it ended before it was known."""
    visit = g.get("visit")
    return visit if isinstance(visit, Visit) else None
