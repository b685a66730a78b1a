"""Users, keys, webhooks and health: what administrators do, and that it is noted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from pipeline.findings import ModelRef
from pipeline.stages import Stage
from store import api_keys, deliveries, heartbeats, queue, webhooks
from store.api_keys import Scope
from store.cases import get_case
from store.database import Store
from store.users import Role, find_user, list_users
from tests.integration.api.console.conftest import Browser, BrowserOf
from tests.integration.store import cases_made as made

_SECRET = re.compile(r"data-secret>([^<]+)<")


def _secret(page: str) -> str:
    found = _SECRET.search(page)
    assert found is not None, page
    return found.group(1)


def _record(store: Store, like: str) -> list[tuple[str, str, dict[str, Any]]]:
    with store.auditor() as connection:
        rows = connection.exec_driver_sql(
            "SELECT kind, actor, payload FROM audit.event WHERE kind LIKE %s ORDER BY seq", (like,)
        )
        return [(row.kind, row.actor, row.payload) for row in rows]


@pytest.fixture
def admin_s(browser_of: BrowserOf) -> Browser:
    return browser_of(Role.ADMIN, name="root-admin")


def _actor(store: Store) -> str:
    return find_user(store, "root-admin").actor


def test_a_user_is_added_with_a_password_shown_once(
    admin_s: Browser, app: Flask, store: Store
) -> None:
    page = admin_s.post("/users", name="nv-0042", role="reviewer", branch="HN-01")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    password, browser = _secret(page.text), Browser(app)
    assert password not in admin_s.get("/users").text
    assert browser.sign_in("nv-0042", password).status_code == 303
    assert browser.get("/queue").status_code == 200
    renewed = _secret(admin_s.post("/users/nv-0042/password", page="/users").text)
    assert browser.get("/queue").status_code == 303
    assert browser.sign_in("nv-0042", password).status_code == 401
    assert browser.sign_in("nv-0042", renewed).status_code == 303
    answer = admin_s.post("/users/nv-0042/disable", page="/users")
    assert answer.headers["Location"] == "/console/users?done=user_disabled"
    assert browser.get("/queue").status_code == 303
    assert "Vô hiệu từ" in admin_s.get("/users").text
    admin_s.post("/users/nv-0042/enable", page="/users")
    assert browser.sign_in("nv-0042", renewed).status_code == 303
    handle = find_user(store, "nv-0042").handle
    told = [event for event in _record(store, "user_%") if event[2]["user"] == handle]
    assert [kind for kind, _, _ in told] == [
        "user_created", "user_password_set", "user_disabled", "user_enabled",
    ]  # fmt: skip
    assert {actor for _, actor, _ in told} == {_actor(store)}


def test_what_was_entered_is_not_lost_when_it_is_refused(admin_s: Browser, store: Store) -> None:
    bad = admin_s.post("/users", name="Nguyễn Lan", role="auditor", branch="HN-01")
    assert bad.status_code == 422
    assert 'value="Nguyễn Lan"' in bad.text
    assert 'value="HN-01"' in bad.text
    assert "Vui lòng kiểm tra lại: name" in bad.text
    taken = admin_s.post("/users", name="root-admin", role="auditor")
    assert "đã từng được dùng" in taken.text
    bound = admin_s.post("/users", name="second-admin", role="admin", branch="HN-01")
    assert "mọi chi nhánh" in bound.text
    assert [user.name for user in list_users(store)] == ["root-admin"]


def test_nobody_locks_themselves_out(admin_s: Browser, store: Store) -> None:
    for what in ("disable", "password"):
        answer = admin_s.post(f"/users/root-admin/{what}", page="/users")
        assert answer.status_code == 422
        assert "với chính mình" in answer.text
    assert admin_s.get("/users").status_code == 200
    assert admin_s.post("/users/nobody/disable", page="/users").status_code == 422


def test_a_key_is_shown_once_works_and_is_revoked(admin_s: Browser, store: Store) -> None:
    page = admin_s.post("/keys", name="<b>counter</b>", scopes=["capture", "backoffice"], branch="HN-01")  # fmt: skip
    presented = _secret(page.text)
    assert "<b>counter</b>" not in page.text
    key = api_keys.authenticate(store, presented)
    assert key is not None
    assert (key.name, key.scopes, key.branch) == (
        "<b>counter</b>", {Scope.CAPTURE, Scope.BACKOFFICE}, "HN-01",
    )  # fmt: skip
    assert presented not in admin_s.get("/keys").text
    admin_s.post(f"/keys/{key.prefix}/revoke", page="/keys")
    assert api_keys.authenticate(store, presented) is None
    assert "Thu hồi lúc" in admin_s.get("/keys").text
    assert {(kind, actor) for kind, actor, _ in _record(store, "key_%")} == {
        ("key_created", _actor(store)), ("key_revoked", _actor(store)),
    }  # fmt: skip
    assert admin_s.post("/keys", name="no scopes").status_code == 422
    assert admin_s.post("/keys", name="bad", scopes="emperor").status_code == 422
    assert admin_s.post("/keys/unknown/revoke", page="/keys").status_code == 422


def test_webhooks_from_adding_to_sending_again(admin_s: Browser, store: Store) -> None:
    refused = admin_s.post("/webhooks", url="http://plain.example/hook", kinds="case_decided")
    assert refused.status_code == 422
    assert 'value="http://plain.example/hook"' in refused.text
    page = admin_s.post(
        "/webhooks", url="https://bank.example/hook?a=<b>", kinds=["case_decided", "case_erased"]
    )
    secret = _secret(page.text)
    assert secret.startswith("whsec_")
    assert "a=&lt;b&gt;" in page.text
    (endpoint,) = webhooks.list_endpoints(store)
    made.decided_case(store, made.verdict(made.Outcome.APPROVED))
    delivery = deliveries.claim_delivery(store, lease_s=30, per_endpoint=1)
    assert delivery is not None
    deliveries.mark_failed(
        store, delivery, http_status=500, error_code="http_status", again_in_s=0, max_attempts=1
    )
    assert "Gửi lại 1 lượt đã bỏ" in admin_s.get("/webhooks").text
    dead = admin_s.get(f"/deliveries?endpoint={endpoint.id}&status=dead")
    assert "500 http_status" in dead.text
    answer = admin_s.post(f"/webhooks/{endpoint.id}/replay", page="/webhooks")
    assert answer.headers["Location"] == f"/console/deliveries?endpoint={endpoint.id}"
    (row,) = deliveries.list_deliveries(store)
    assert (row.status, row.attempts) == ("pending", 0)
    admin_s.post(f"/webhooks/{endpoint.id}/disable", page="/webhooks")
    assert not webhooks.list_endpoints(store)[0].active
    admin_s.post(f"/webhooks/{endpoint.id}/enable", page="/webhooks")
    assert webhooks.list_endpoints(store)[0].active
    renewed = _secret(admin_s.post(f"/webhooks/{endpoint.id}/secret", page="/webhooks").text)
    assert renewed != secret
    assert admin_s.post("/webhooks/nonsense/replay", page="/webhooks").status_code == 422
    assert {actor for _, actor, _ in _record(store, "webhook_%")} == {_actor(store), "sweeper"}


def test_health_shows_workers_and_starts_what_failed_again(admin_s: Browser, store: Store) -> None:
    heartbeats.beat(
        store, worker="w-ocr", queue="ocr", device="cpu", pid=7, host="<host>",
        models=[ModelRef(name="vn_card_rec", sha256="ab" * 32)],
    )  # fmt: skip
    case_id = made.submitted_case(store)
    for _ in range(queue.MAX_ATTEMPTS):
        with store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE stages SET available_at = now()")
        claimed = made.claim(store, case_id, Stage.READ_CARD)
        queue.fail(store, claimed, error_code="engine_crashed")
    page = admin_s.get("/health").text
    assert "w-ocr" in page
    assert "&lt;host&gt;" in page
    assert "vn_card_rec abababababab" in page
    assert "engine_crashed" in page
    answer = admin_s.post(f"/cases/{case_id}/requeue", page="/health", stage="read_card")
    assert answer.headers["Location"] == "/console/health?done=stage_requeued"
    assert get_case(store, case_id).stages[Stage.READ_CARD].status == "pending"
    again = admin_s.post(f"/cases/{case_id}/requeue", page="/users", stage="read_card")
    assert again.status_code == 422
    assert "không còn hỏng" in again.text
    (event,) = _record(store, "stage_requeued")
    assert event[1] == _actor(store)
