"""Requests drawn from the OpenAPI document: the gateway answers as it says, and never with a fault of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.application import describe
from api.sniffing import types_of
from pipeline.stages import EvidenceKind
from store import api_keys
from store.api_keys import Scope
from store.database import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


class _Door:
    """Leads to the gateway of the running test; before the first, to the document alone."""

    gateway: Flask | None = None

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        if self.gateway is not None:
            return self.gateway(environ, start)
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(describe()).encode()]


door = _Door()
contract = schemathesis.openapi.from_wsgi("/v1/openapi.json", app=door)
CHECKS = (
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@schemathesis.serializer(
    "application/partial-upload",
    "application/octet-stream",
    *(kind for kinds in map(types_of, EvidenceKind) for kind in kinds),
)
def as_it_is(_: object, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def key(store: Store) -> str:
    return api_keys.create_key(store, name="all", scopes=set(Scope), branch=None, actor="test")[0]


@contract.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_operation_answers_as_described(case: Case, app: Flask, key: str) -> None:
    door.gateway = app
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=list(CHECKS))
