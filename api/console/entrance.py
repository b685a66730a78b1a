"""The entrance: signing in and out, one's own password, the language."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from flask import redirect, request
from pydantic import Field, StringConstraints

from api.console.pages import ANYBODY, SIGNED_IN, Answer, Refusal, SentTo, Shown, page
from api.console.protection import forget_visit, set_cookie
from api.console.visits import (
    LANGUAGE_COOKIE,
    LANGUAGE_COOKIE_S,
    Visit,
    session_cookie,
    session_limits,
)
from api.gateway import Language
from api.requests import Asked
from store.errors import PasswordRefused
from store.passwords import MAX_CHARACTERS
from store.sessions import end_session
from store.sign_in import sign_in
from store.users import Role, set_password

#: Longer ones were never set.
TypedPassword = Annotated[str, StringConstraints(min_length=1, max_length=4 * MAX_CHARACTERS)]
FIRST_PAGE = {Role.REVIEWER: "/queue", Role.AUDITOR: "/queue", Role.ADMIN: "/health"}


class Back(Asked):
    """Where to go after signing in."""

    back: Annotated[str, StringConstraints(max_length=500)] = "/console/"


class Credentials(Asked):
    """Who wants in."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=64)]
    password: TypedPassword
    back: Annotated[str, StringConstraints(max_length=500)] = "/console/"


class ChosenLanguage(Asked):
    """A language, and the page where it was chosen."""

    language: Language
    back: Annotated[str, StringConstraints(max_length=500)] = "/console/"


class OwnPassword(Asked):
    """A new password, and the present one as a proof."""

    present_password: TypedPassword
    new_password: TypedPassword
    again_password: TypedPassword = Field(description="Typed twice, for it cannot be seen.")


@page("GET", "/", scopes=SIGNED_IN)
def first_page(visit: Visit) -> SentTo:
    """The page with which a person's work begins."""
    assert visit.user is not None
    return SentTo(FIRST_PAGE[visit.user.role])


@page("GET", "/sign-in", scopes=ANYBODY)
def show_sign_in(visit: Visit, query: Back) -> Answer:
    """The form to sign in with."""
    if visit.user is not None:
        return SentTo("/")
    return Shown("sign_in.html", back=local(query.back), refusal=None)


def _sign_in_again(_visit: Visit, refusal: Refusal) -> Shown:
    status = (
        HTTPStatus.TOO_MANY_REQUESTS
        if refusal.code == "sign_in_blocked"
        else HTTPStatus.UNAUTHORIZED
    )
    return Shown(
        "sign_in.html", status, back=local(refusal.entered.get("back", "")), refusal=refusal
    )


@page("POST", "/sign-in", scopes=ANYBODY, refused=_sign_in_again)
def do_sign_in(visit: Visit, form: Credentials) -> Answer:
    """Begin a session, always a new one: a token that was known before signing in is worth nothing after it."""
    limits = session_limits(visit.gateway.settings)
    token, _ = sign_in(
        visit.store, name=form.name, password=form.password,
        address=request.remote_addr or "unknown", limits=limits,
    )  # fmt: skip
    if before := request.cookies.get(session_cookie()):
        end_session(visit.store, before)
    answer = redirect(local(form.back), HTTPStatus.SEE_OTHER)
    set_cookie(answer, session_cookie(), token)
    return answer


@page("POST", "/sign-out", scopes=ANYBODY)
def do_sign_out(visit: Visit) -> Answer:
    """End the session, here and in the database."""
    if token := request.cookies.get(session_cookie()):
        end_session(visit.store, token)
    answer = redirect("/console/sign-in", HTTPStatus.SEE_OTHER)
    forget_visit(answer)
    return answer


@page("POST", "/language", scopes=ANYBODY)
def choose_language(_visit: Visit, form: ChosenLanguage) -> Answer:
    """Remember the language in this browser."""
    answer = redirect(local(form.back), HTTPStatus.SEE_OTHER)
    set_cookie(answer, LANGUAGE_COOKIE, str(form.language), max_age_s=LANGUAGE_COOKIE_S)
    return answer


@page("GET", "/password", scopes=SIGNED_IN)
def show_password(_visit: Visit) -> Shown:
    """The form for a new password of one's own."""
    return Shown("password.html", refusal=None)


def _password_again(_visit: Visit, refusal: Refusal) -> Shown:
    return Shown("password.html", HTTPStatus.UNPROCESSABLE_ENTITY, refusal=refusal)


@page("POST", "/password", scopes=SIGNED_IN, refused=_password_again)
def change_password(visit: Visit, form: OwnPassword) -> Answer:
    """Change one's own password; all sessions end, this one too."""
    assert visit.user is not None
    if form.new_password != form.again_password:
        raise PasswordRefused("typed_differently")
    _prove(visit, form.present_password)
    set_password(visit.store, visit.user.name, form.new_password, actor=visit.caller.actor)
    return SentTo("/sign-in")


def _prove(visit: Visit, password: str) -> None:
    """The present password is asked for as at the entrance, with the same patience."""
    assert visit.user is not None
    limits = session_limits(visit.gateway.settings)
    token, _ = sign_in(
        visit.store, name=visit.user.name, password=password,
        address=request.remote_addr or "unknown", limits=limits,
    )  # fmt: skip
    end_session(visit.store, token)


def local(back: str) -> str:
    """Return `back` if it is a page of this console, else the first page: nobody is sent elsewhere."""
    parts = urlsplit(back)
    stays = not (parts.scheme or parts.netloc) and parts.path.startswith("/console/")
    return back if stays and "\\" not in back and back.isprintable() else "/console/"
