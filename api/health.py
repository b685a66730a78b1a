"""Health for orchestrators and figures for Prometheus."""

from __future__ import annotations

import hmac

import structlog
from flask import request

from api.answers import Alive, Readiness
from api.endpoint import Answers, Reply, Resource
from api.gateway import Call
from api.metrics import CONTENT_TYPE, render
from api.problems import ApiError
from store.database import ping
from store.gauges import read_gauges

health = Resource("health", prefix="")
log = structlog.get_logger(__name__)


@health.endpoint(
    "GET",
    "/health/live",
    answers=Answers(models=(Alive,)),
)
def live(_call: Call) -> Alive:
    """Whether the process answers at all."""
    return Alive(status="live")


@health.endpoint("GET", "/health/ready", answers=Answers(models=(Readiness,)))
def ready(call: Call) -> Readiness:
    """Whether cases can be taken. The broker need not be there: the sweeper rings what was missed."""
    broker = call.gateway.doorbell.answers()
    if not _database_answers(call):
        raise ApiError("unavailable", database=False, broker=broker)
    return Readiness(status="ready", database=True, broker=broker)


def _database_answers(call: Call) -> bool:
    try:
        ping(call.store)
    except Exception as error:  # whatever is wrong with it, it does not answer
        log.warning("database_away", error=type(error).__name__)
        return False
    return True


@health.endpoint(
    "GET", "/metrics", answers=Answers(media_types=("text/plain",)), problems=("unauthenticated",)
)
def metrics(call: Call) -> Reply:
    """Figures in the text format of Prometheus; counts and times only."""
    token = call.gateway.settings.metrics_token
    presented = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and not hmac.compare_digest(presented.encode(), token.get_secret_value().encode()):
        raise ApiError("unauthenticated")
    return Reply(body=render(read_gauges(call.store)), headers={"Content-Type": CONTENT_TYPE})
