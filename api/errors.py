"""Exceptions become problem+json (RFC 9457) here; what is not expected becomes a 500 without internals."""

from __future__ import annotations

import traceback
from http import HTTPStatus

import structlog
from flask import Flask, Response, g, jsonify
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import ClientDisconnected, HTTPException

from api.problems import PROBLEMS, ApiError
from pipeline.errors import EkycError, IllegalTransition
from store.errors import StoreError

log = structlog.get_logger(__name__)

RETRY_AFTER_S = 2

#: What of a domain error the caller may see, per attribute: the name of the member.
_MEMBERS = {
    "kinds": "kinds",
    "fields": "fields",
    "expected": "expected_offset",
    "status": "case_status",
}

_OF_STATUS = {
    HTTPStatus.NOT_FOUND: "route_unknown",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.LENGTH_REQUIRED: "length_required",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
}


def register_errors(app: Flask) -> None:
    """Answer every exception of `app` with problem+json."""
    app.register_error_handler(ApiError, _api_error)
    app.register_error_handler(StoreError, _domain_error)
    app.register_error_handler(EkycError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def answer_to(error: Exception) -> Response:
    """Return the problem+json answer to an exception; `g.problem_code` then says its code."""
    if isinstance(error, ApiError):
        return _api_error(error)
    if isinstance(error, EkycError):
        return _domain_error(error)
    if isinstance(error, HTTPException):
        return _http_error(error)
    return _unexpected(error)


def problem(code: str, **members: object) -> Response:
    """Return the problem+json answer of a code."""
    kind = PROBLEMS[code]
    g.problem_code = code
    body = {
        "type": f"urn:ekyc:problem:{code}",
        "title": kind.title,
        "status": int(kind.status),
        "code": code,
        "request_id": g.get("request_id", ""),
        **members,
    }
    answer = jsonify(body)
    answer.status_code, answer.mimetype = kind.status, "application/problem+json"
    answer.headers.update(_headers(kind.status, members))
    return answer


def _headers(status: HTTPStatus, members: dict[str, object]) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="ekyc"'
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        headers["Retry-After"] = str(members.get("retry_after_s", RETRY_AFTER_S))
    if "expected_offset" in members:
        headers["Upload-Offset"] = str(members["expected_offset"])
    return headers


def _api_error(error: ApiError) -> Response:
    return problem(error.code, **error.members)


def _domain_error(error: EkycError | StoreError) -> Response:
    if isinstance(error, IllegalTransition):
        return problem("case_wrong_status", case_status=str(error.status))
    if error.code not in PROBLEMS:
        return _unexpected(error)
    shown = {
        member: _plain(getattr(error, attribute))
        for attribute, member in _MEMBERS.items()
        if getattr(error, attribute, None) is not None
    }
    return problem(error.code, **shown)


def _plain(value: object) -> object:
    if isinstance(value, (tuple, list, set, frozenset)):
        return sorted(str(item) for item in value)
    return value if isinstance(value, int) else str(value)


def _http_error(error: HTTPException) -> Response:
    if isinstance(error, ClientDisconnected):
        return problem("body_truncated")
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unexpected(error)
    answer = problem(_OF_STATUS.get(status, "request_malformed"))
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _unexpected(error: Exception) -> Response:
    """Log where it happened, but not the message: a driver's message may quote a value."""
    lost = isinstance(error, (OperationalError, InterfaceError, PoolTimeout)) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
    frames = traceback.extract_tb(error.__traceback__)
    log.error(
        "request_failed",
        error=type(error).__name__,
        trace=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    )
    return problem("unavailable" if lost else "internal_error")
