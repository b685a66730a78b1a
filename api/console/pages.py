"""One decorator that serves a page: who may see it, what it takes, what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, get_type_hints
from urllib.parse import urlencode
from uuid import UUID

import structlog
from flask import Response, g, redirect, render_template, request
from pydantic import BaseModel, ValidationError
from werkzeug.wrappers import Response as AnyResponse

from api.callers import STAFF, Caller, require_scope
from api.console.protection import check_token, forget_visit, visitor_token
from api.console.visits import Visit, find_visit
from api.gateway import current_gateway
from api.problems import ApiError
from pipeline.errors import EkycError
from store.api_keys import Scope
from store.audit import append
from store.cases import case_version

__all__ = [
    "ADMIN",
    "ANYBODY",
    "PAGES",
    "SIGNED_IN",
    "STAFF",
    "Page",
    "Refusal",
    "SentTo",
    "Shown",
    "page",
    "view_of",
]

#: Nobody needs to be signed in.
ANYBODY: frozenset[Scope] = frozenset()
SIGNED_IN = frozenset(Scope)
ADMIN = frozenset({Scope.ADMIN})

#: Forms are a few short fields.
MAX_FORM_BYTES = 32 * 1024


class Shown:
    """A page to be shown: a template of `templates/console/` and what it is rendered with."""

    def __init__(self, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> None:
        self.template, self.status, self.context = template, status, context


@dataclass(frozen=True, slots=True)
class SentTo:
    """The browser goes to another page of the console, so that a reload repeats nothing."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a form was not taken: a code, the fields it is about, and what was entered, to be shown again."""

    code: str
    fields: frozenset[str] = frozenset()
    entered: dict[str, str]
    detail: str = ""


Answer = Shown | SentTo | AnyResponse
Handler = Callable[..., Answer]
Again = Callable[[Visit, Refusal], Shown]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page, or what one form does. `waits`: the browser asks by itself, so it is no sign of a person."""

    method: str
    path: str
    scopes: frozenset[Scope]
    handler: Handler
    form: type[BaseModel] | None
    query: type[BaseModel] | None
    refused: Again | None
    waits: bool

    @property
    def name(self) -> str:
        """The name by which `url_for("console.<name>")` finds it."""
        return self.handler.__name__


PAGES: list[Page] = []


def page(
    method: str,
    path: str,
    *,
    scopes: frozenset[Scope],
    refused: Again | None = None,
    waits: bool = False,
) -> Callable[[Handler], Handler]:
    """Serve `method path` below /console with the decorated handler.

    Args:
        method: GET or POST; a POST needs the visitor's token in its form.
        path: `{case_id}` and other `{segments}` become arguments.
        scopes: who may, one of them is enough; `ANYBODY` for pages before signing in.
        refused: shows the form again when it was not taken.
        waits: the browser calls it by itself; it does not keep a session alive.
    """

    def register(handler: Handler) -> Handler:
        hints = get_type_hints(handler)
        PAGES.append(
            Page(
                method=method, path=path, scopes=scopes, handler=handler, form=hints.get("form"),
                query=hints.get("query"), refused=refused, waits=waits,
            )
        )  # fmt: skip
        return handler

    return register


def view_of(spec: Page) -> Callable[..., AnyResponse]:
    """Return the view function of a page."""

    def view(**segments: str) -> AnyResponse:
        return serve(spec, segments)

    view.__name__ = spec.name
    return view


def serve(spec: Page, segments: dict[str, str]) -> AnyResponse:
    """Answer one request: who visits, whether they may, whether they meant it, then the handler."""
    request.max_content_length = MAX_FORM_BYTES
    visit = find_visit(active=not spec.waits)
    g.visit = visit
    if spec.scopes and visit.user is None:
        return _to_the_entrance(spec)
    structlog.contextvars.bind_contextvars(caller=visit.caller.prefix)
    _admit(spec, visit.caller)
    if spec.method == "POST":
        check_token()
    arguments: dict[str, Any] = dict(segments)
    if "case_id" in segments:
        arguments["case_id"], visit = _case_of(visit, segments["case_id"])
    if spec.query:
        arguments["query"] = _query(spec.query)
    return _answer(_handle(spec, visit, arguments))


def _to_the_entrance(spec: Page) -> AnyResponse:
    """Whoever is not signed in is asked to; a script that asks is told so."""
    if spec.waits:
        raise ApiError("unauthenticated")
    back = request.full_path.rstrip("?") if spec.method == "GET" else "/console/"
    query = "" if back == "/console/" else f"?{urlencode({'back': back})}"
    answer = redirect(f"/console/sign-in{query}", HTTPStatus.SEE_OTHER)
    forget_visit(answer)
    return answer


def _admit(spec: Page, caller: Caller) -> None:
    limiter = current_gateway().limiter
    if spec.scopes:
        limiter.count_user(caller.prefix)
    elif spec.method == "POST":
        limiter.count_stranger(request.remote_addr or "unknown")
    try:
        require_scope(caller, spec.scopes)
    except ApiError:
        append(
            current_gateway().store, actor=caller.actor, case_id=None, kind="access_refused",
            payload={"operation": f"console.{spec.name}"},
        )  # fmt: skip
        raise


def _case_of(visit: Visit, segment: str) -> tuple[UUID, Visit]:
    """Another branch's case is answered like one that does not exist."""
    try:
        case_id = UUID(segment)
    except ValueError:
        raise ApiError("case_unknown") from None
    structlog.contextvars.bind_contextvars(case_id=segment)
    version = case_version(visit.store, case_id, branch=visit.caller.branch)
    return case_id, visit.at(version)


def _query(model: type[BaseModel]) -> BaseModel:
    """Fields that were left empty in a form of filters were not asked for."""
    asked = {name: value for name, value in request.args.items() if value}
    try:
        return model.model_validate(asked)
    except ValidationError:
        raise ApiError("query_invalid") from None


def _handle(spec: Page, visit: Visit, arguments: dict[str, Any]) -> Answer:
    try:
        if spec.form:
            arguments["form"] = spec.form.model_validate(_entered(spec.form))
        return spec.handler(visit, **arguments)
    except ValidationError as error:
        names = frozenset(str(row["loc"][0]) for row in error.errors() if row["loc"])
        refusal = Refusal(code="form_invalid", fields=names, entered=_shown_again())
    except EkycError as error:
        refusal = Refusal(code=error.code, entered=_shown_again(), detail=_detail(error))
        if spec.refused is None:
            raise
    if spec.refused is None:
        raise ApiError("body_invalid")
    return spec.refused(visit, refusal)


def _detail(error: EkycError) -> str:
    """What more an error tells: why, or for how long."""
    wait_s = getattr(error, "retry_after_s", None)
    return str(getattr(error, "why", "")) if wait_s is None else f"{wait_s:.0f}"


def _entered(form: type[BaseModel]) -> dict[str, object]:
    """What a form holds: fields that were left empty are missing, repeated ones are lists."""
    entered: dict[str, object] = {}
    for name, values in request.form.lists():
        given = [value for value in values if value != ""]
        if given and name in form.model_fields:
            entered[name] = given if _is_many(form, name) else given[0]
    return entered


def _is_many(form: type[BaseModel], name: str) -> bool:
    return str(form.model_fields[name].annotation).startswith(("tuple", "frozenset"))


def _shown_again() -> dict[str, str]:
    """What was entered, but never a password."""
    return {name: value for name, value in request.form.items() if "password" not in name}


def _answer(answer: Answer) -> AnyResponse:
    if isinstance(answer, SentTo):
        return redirect(f"/console{answer.path}", HTTPStatus.SEE_OTHER)
    if isinstance(answer, Shown):
        body = render_template(f"console/{answer.template}", **answer.context)
        shown = Response(body, answer.status, content_type="text/html; charset=utf-8")
        visitor_token(shown)
        return shown
    return answer
