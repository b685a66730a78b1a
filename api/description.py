"""The API describes itself."""

from __future__ import annotations

from api.endpoint import Answers, Reply, Resource
from api.gateway import Call

description = Resource("description")


@description.endpoint("GET", "/openapi.json", answers=Answers())
def get_openapi(call: Call) -> Reply:
    """This document."""
    return Reply(
        body=call.gateway.description,
        headers={"Content-Type": "application/json", "Cache-Control": "public, max-age=300"},
    )
