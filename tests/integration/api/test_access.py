"""Who may do what: every scope against every route, other branches, revoked keys, limits."""

from __future__ import annotations

import time
import uuid

import pytest
import redis
from flask import Flask

from api import create_app
from api.application import endpoints
from api.endpoint import Endpoint
from api.settings import GatewaySettings
from store import api_keys
from store.api_keys import Scope
from store.database import Store
from tests.integration.api.conformance import Conformance
from tests.integration.api.desk import Desk, DeskOf, error

CLOSED = [endpoint for endpoint in endpoints() if endpoint.scopes]
OF_A_CASE = [endpoint for endpoint in CLOSED if "{case_id}" in endpoint.path]


def _ask(desk: Desk, endpoint: Endpoint, case_id: str) -> tuple[int, str | None]:
    path = endpoint.path.replace("{case_id}", case_id).replace("{kind}", "clip").removeprefix("/v1")
    answer = desk.call(endpoint.method, path)
    if endpoint.method == "HEAD":
        return answer.status_code, None
    return answer.status_code, (answer.get_json(silent=True) or {}).get("code")


@pytest.mark.parametrize("scope", list(Scope))
def test_every_scope_against_every_route(desk_of: DeskOf, capture: Desk, scope: Scope) -> None:
    desk, case_id = desk_of(scope), capture.open_case()
    order = {"erase_case": 1}
    for endpoint in sorted(CLOSED, key=lambda e: order.get(e.name, 0)):
        status, code = _ask(desk, endpoint, case_id)
        if scope in endpoint.scopes:
            assert status not in (401, 403), endpoint.name
            assert status < 500, endpoint.name
        else:
            assert status == 403, endpoint.name
            assert code in ("scope_missing", None), endpoint.name


@pytest.mark.parametrize("endpoint", OF_A_CASE, ids=lambda endpoint: endpoint.name)
def test_another_branch_s_case_is_not_there(
    capture: Desk, desk_of: DeskOf, endpoint: Endpoint
) -> None:
    case_id = capture.open_case(branch="HN-01")
    stranger = desk_of(*Scope, branch="SG-09")
    assert _ask(stranger, endpoint, case_id) in ((404, "case_unknown"), (404, None))
    assert _ask(stranger, endpoint, str(uuid.uuid4()))[0] == 404
    assert _ask(stranger, endpoint, "not-a-uuid")[0] == 404


def test_a_branch_sees_and_opens_its_own_alone(desk_of: DeskOf) -> None:
    hanoi = desk_of(Scope.CAPTURE, Scope.BACKOFFICE, branch="HN-01")
    saigon = desk_of(Scope.CAPTURE, Scope.BACKOFFICE, branch="SG-09")
    opened = hanoi.open_case()
    saigon.open_case()
    assert [case["id"] for case in hanoi.call("GET", "/cases").get_json()["cases"]] == [opened]
    assert error(hanoi.call("GET", "/cases?branch=SG-09")) == (403, "branch_forbidden")
    assert error(hanoi.create(branch="SG-09")) == (403, "branch_forbidden")
    assert hanoi.case(opened)["id"] == opened


@pytest.mark.parametrize("endpoint", CLOSED, ids=lambda endpoint: endpoint.name)
def test_without_a_valid_key_nothing_is_answered(
    app: Flask, conformance: Conformance, endpoint: Endpoint
) -> None:
    for key in ("", "ekyc_aaaaaaaa_" + "b" * 43, "x" * 5000):
        status, code = _ask(Desk(app, key, conformance), endpoint, str(uuid.uuid4()))
        assert (status, code) in ((401, "unauthenticated"), (401, None))


def test_a_revoked_key_opens_nothing_after_a_moment(
    gateway_settings: GatewaySettings, store: Store, conformance: Conformance
) -> None:
    app = create_app(gateway_settings.model_copy(update={"key_memory_s": 0.3}))
    key, view = api_keys.create_key(
        store, name="old", scopes={Scope.CAPTURE}, branch=None, actor="test"
    )
    desk = Desk(app, key, conformance)
    desk.open_case()
    api_keys.revoke_key(store, view.prefix, actor="test")
    time.sleep(0.4)
    assert error(desk.create()) == (401, "unauthenticated")
    app.extensions["ekyc"].store.engine.dispose()


def test_a_key_that_asks_too_often_is_told_when_to_come_back(
    gateway_settings: GatewaySettings, store: Store, broker: redis.Redis, conformance: Conformance
) -> None:
    app = create_app(gateway_settings.model_copy(update={"rate_limit": "5/minute"}))
    keys = [
        api_keys.create_key(store, name=name, scopes={Scope.CAPTURE}, branch=None, actor="test")[0]
        for name in ("busy", "quiet")
    ]
    busy, quiet = (Desk(app, key, conformance) for key in keys)
    for _ in range(5):
        busy.open_case()
    refused = busy.create()
    assert error(refused) == (429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    quiet.open_case()
    app.extensions["ekyc"].store.engine.dispose()


def test_limits_fail_open_and_say_so(
    gateway_settings: GatewaySettings,
    store: Store,
    conformance: Conformance,
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = {"rate_limit_url": "redis+unix:///nonexistent/v.sock", "rate_limit": "1/minute"}
    app = create_app(gateway_settings.model_copy(update=away))
    key, _ = api_keys.create_key(store, name="k", scopes={Scope.CAPTURE}, branch=None, actor="test")
    for _ in range(3):
        Desk(app, key, conformance).open_case()
    assert capsys.readouterr().out.count("rate_limit_not_counted") == 3
    app.extensions["ekyc"].store.engine.dispose()


def test_metrics_ask_for_their_token_when_there_is_one(
    gateway_settings: GatewaySettings, store: Store, conformance: Conformance
) -> None:
    app = create_app(
        GatewaySettings(**{**gateway_settings.model_dump(), "metrics_token": "t" * 20})
    )
    assert error(Desk(app, "wrong", conformance).call("GET", "/metrics")) == (
        401,
        "unauthenticated",
    )
    assert Desk(app, "t" * 20, conformance).call("GET", "/metrics").status_code == 200
    app.extensions["ekyc"].store.engine.dispose()
