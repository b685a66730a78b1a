"""Structured logs of the gateway: one JSON line per request with its ids, never a value of a person."""

from __future__ import annotations

import logging
import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger(__name__)

REQUEST_ID = "X-Request-Id"
_REQUEST_ID_FORM = re.compile(r"[A-Za-z0-9._-]{8,64}")


def configure_logs(level: str) -> None:
    """Write JSON lines to stdout from `level` on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=False,
    )


def trace_requests(app: Flask) -> None:
    """Give every request an id, answer with it, and log one line when it is done."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def _begin() -> None:
    presented = request.headers.get(REQUEST_ID, "")
    g.request_id = presented if _REQUEST_ID_FORM.fullmatch(presented) else uuid.uuid4().hex
    g.began_at = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(answer: Response) -> Response:
    answer.headers[REQUEST_ID] = g.request_id
    answer.headers["X-Content-Type-Options"] = "nosniff"
    fields = {"problem": g.problem_code} if "problem_code" in g else {}
    log.info(
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,  # never the address as sent
        status=answer.status_code,
        ms=round((time.perf_counter() - g.began_at) * 1000, 1),
        **fields,
    )
    return answer


def _forget(_error: BaseException | None) -> None:
    structlog.contextvars.clear_contextvars()
