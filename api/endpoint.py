"""One decorator that serves an operation and describes it: scopes, headers, body, answers and problems.

What the handler's signature says is what is parsed and what the OpenAPI document shows: a parameter `body` or
`query` is a pydantic model, `case_id` and `kind` come from the path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, get_type_hints
from uuid import UUID

import structlog
from flask import Blueprint, Response, g, request
from pydantic import BaseModel, ValidationError

from api.callers import Caller, identify, require_scope
from api.gateway import Call, asked_language, current_gateway
from api.headers import Header
from api.problems import ApiError
from api.uploads import read_body
from pipeline.stages import EvidenceKind
from store.api_keys import Scope
from store.audit import append
from store.cases import case_version

#: Bodies are small JSON; evidence has limits of its own.
MAX_JSON_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer with headers; `body` is a model, bytes (with their Content-Type in `headers`) or nothing."""

    body: BaseModel | bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    status: HTTPStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What an operation answers when it does as asked.

    `models` are those one of which the body is; `also` are further statuses without a body; `headers` come beside it.
    """

    models: tuple[type[BaseModel], ...] = ()
    status: HTTPStatus = HTTPStatus.OK
    also: tuple[HTTPStatus, ...] = ()
    headers: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ("application/json",)


Handler = Callable[..., Reply | BaseModel | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One operation of the API."""

    method: str
    path: str
    summary: str
    scopes: frozenset[Scope]
    headers: tuple[Header, ...]
    answers: Answers
    problems: frozenset[str]
    body: type[BaseModel] | None
    raw_body: tuple[str, ...]
    query: type[BaseModel] | None
    handler: Handler

    @property
    def name(self) -> str:
        """The operation id."""
        return self.handler.__name__


class Resource:
    """A blueprint and the endpoints on it."""

    def __init__(self, name: str, *, prefix: str = "/v1") -> None:
        self.blueprint = Blueprint(name, __name__, url_prefix=prefix)
        self.prefix = prefix
        self.endpoints: list[Endpoint] = []

    def endpoint(
        self,
        method: str,
        path: str,
        *,
        scopes: frozenset[Scope] = frozenset(),
        answers: Answers,
        headers: tuple[Header, ...] = (),
        raw_body: tuple[str, ...] = (),
        problems: tuple[str, ...] = (),
    ) -> Callable[[Handler], Handler]:
        """Serve `method path` with the decorated handler and describe it.

        Args:
            method: the HTTP method.
            path: in the words of OpenAPI, `{case_id}`, `{kind}` and `{name}` are the parameters there are.
            scopes: who may call; none means anybody.
            answers: what it answers when it does as asked.
            headers: what the handler reads.
            raw_body: media types of a body that is not JSON and that the handler reads itself.
            problems: codes that the handler can answer with, beside those that follow from the declaration.
        """  # fmt: skip

        def register(handler: Handler) -> Handler:
            hints = get_type_hints(handler)
            body, query = hints.get("body"), hints.get("query")
            spec = Endpoint(
                method=method,
                path=self.prefix + path,
                summary=(handler.__doc__ or "").strip().partition("\n")[0],
                scopes=scopes,
                headers=headers,
                answers=answers,
                problems=frozenset(problems)
                | _implied(scopes, path, headers, body=body, query=query, raw=bool(raw_body)),
                body=body,
                raw_body=raw_body,
                query=query,
                handler=handler,
            )
            self.endpoints.append(spec)
            self._route(spec, path)
            return handler

        return register

    def _route(self, spec: Endpoint, path: str) -> None:
        def view(**segments: str) -> Response:
            return serve(spec, segments)

        rule = path.replace("{", "<").replace("}", ">")
        self.blueprint.add_url_rule(
            rule, spec.name, view, methods=[spec.method], provide_automatic_options=False
        )


def _implied(
    scopes: frozenset[Scope],
    path: str,
    headers: tuple[Header, ...],
    *,
    body: object,
    query: object,
    raw: bool,
) -> frozenset[str]:
    """The problems that follow from what is declared."""
    codes = {"internal_error", "unavailable"}
    if scopes:
        codes |= {"unauthenticated", "scope_missing", "rate_limited"}
    if "{case_id}" in path:
        codes |= {"case_unknown"}
    if "{kind}" in path:
        codes |= {"evidence_kind_unknown"}
    if body or raw:
        codes |= {"length_required", "body_too_large", "body_truncated"}
    if body:
        codes |= {"body_invalid", "body_not_json"}
    if query:
        codes |= {"query_invalid"}
    return frozenset(codes).union(*(header.problems for header in headers))


def serve(spec: Endpoint, segments: dict[str, str]) -> Response:
    """Answer one request: who asks, what for, then the handler."""
    gateway = current_gateway()
    g.endpoint_spec = spec
    caller = identify(gateway.keys, gateway.limiter, spec.scopes)
    structlog.contextvars.bind_contextvars(caller=caller.prefix)
    _admit(spec, caller)
    arguments: dict[str, Any] = {}
    version = None
    if "case_id" in segments:
        arguments["case_id"] = _case_id(segments["case_id"])
        structlog.contextvars.bind_contextvars(case_id=segments["case_id"])
        # Another branch's case is answered like one that does not exist, whatever the call.
        version = case_version(gateway.store, arguments["case_id"], branch=caller.branch)
    if "kind" in segments:
        arguments["kind"] = _kind(segments["kind"])
    if "name" in segments:
        arguments["name"] = segments["name"]
    if spec.query:
        arguments["query"] = _query(spec.query)
    if spec.body:
        arguments["body"] = _body(spec.body)
    call = Call(gateway=gateway, caller=caller, language=asked_language(), version=version)
    return _respond(spec, spec.handler(call, **arguments))


def _admit(spec: Endpoint, caller: Caller) -> None:
    """Let in who has a scope for it; that somebody tried without one is written to the audit chain."""
    try:
        require_scope(caller, spec.scopes)
    except ApiError:
        append(
            current_gateway().store, actor=caller.actor, case_id=None, kind="access_refused",
            payload={"operation": spec.name},
        )  # fmt: skip
        raise


def _case_id(segment: str) -> UUID:
    try:
        return UUID(segment)
    except ValueError:
        raise ApiError("case_unknown") from None


def _kind(segment: str) -> EvidenceKind:
    try:
        return EvidenceKind(segment)
    except ValueError:
        raise ApiError(
            "evidence_kind_unknown", kinds=[str(kind) for kind in EvidenceKind]
        ) from None


def _query(model: type[BaseModel]) -> BaseModel:
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise ApiError("query_invalid", errors=_where(error)) from None


def _body(model: type[BaseModel]) -> BaseModel:
    data = read_body(MAX_JSON_BYTES)
    if data and request.mimetype != "application/json":
        raise ApiError("body_not_json")
    try:
        return model.model_validate_json(data or b"{}")
    except ValidationError as error:
        raise ApiError("body_invalid", errors=_where(error)) from None


def _where(error: ValidationError) -> list[dict[str, str]]:
    """Say where and why, never what was sent."""
    return [
        {"at": "/".join(str(step) for step in row["loc"]), "why": row["type"]}
        for row in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _respond(spec: Endpoint, result: Reply | BaseModel | None) -> Response:
    reply = result if isinstance(result, Reply) else Reply(body=result)
    status = reply.status or spec.answers.status
    if isinstance(reply.body, BaseModel):
        answer = Response(reply.body.model_dump_json(), mimetype="application/json")
    else:
        answer = Response(reply.body or b"")
        if reply.body is None:
            del answer.headers["Content-Type"]
    answer.status_code = status
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers.update(reply.headers)
    return answer
