"""Signing in and out: sessions, their ends, guessing, language, headers."""

from __future__ import annotations

import statistics
import time
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask

from api import create_app
from api.settings import GatewaySettings
from store import passwords, users
from store.database import Store
from store.settings import StoreSettings
from store.users import Role
from tests.integration.api.console.conftest import PASSWORD, Browser, BrowserOf, UserOf


def _events(store: Store, kind: str) -> list[Any]:
    with store.auditor() as connection:
        return list(
            connection.exec_driver_sql(
                "SELECT actor, payload FROM audit.event WHERE kind = %s ORDER BY seq", (kind,)
            )
        )


def _execute(settings: StoreSettings, statement: str) -> None:
    dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(dsn, autocommit=True) as admin:
        admin.execute(statement)


def test_signing_in_leads_to_the_page_that_was_asked_for(app: Flask, user_of: UserOf) -> None:
    user, browser = user_of(Role.REVIEWER), Browser(app)
    asked = browser.get("/queue?status=retake")
    assert asked.headers["Location"] == "/console/sign-in?back=%2Fconsole%2Fqueue%3Fstatus%3Dretake"
    page = browser.client.get(asked.headers["Location"]).text
    assert 'value="/console/queue?status=retake"' in page
    answer = browser.sign_in(user.name.upper() + " ", back="/console/queue?status=retake")
    assert answer.headers["Location"] == "/console/queue?status=retake"
    assert user.name in browser.get("/queue").text


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/console/", "//evil.example/console/", "/\\evil.example", "/v1/cases",
     "javascript:alert(1)", "/console/\\..", "/console/\r\nSet-Cookie: a=b"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(
    app: Flask, user_of: UserOf, elsewhere: str
) -> None:
    answer = Browser(app).sign_in(user_of(Role.REVIEWER).name, back=elsewhere)
    assert answer.headers["Location"] == "/console/"


def test_a_session_known_before_signing_in_is_worth_nothing_after(
    app: Flask, user_of: UserOf
) -> None:
    user, browser = user_of(Role.REVIEWER), Browser(app)
    browser.client.set_cookie("ekyc_session", "planted-by-somebody")
    assert browser.sign_in(user.name).status_code == 303
    first = browser.cookie()
    assert first != "planted-by-somebody"
    assert browser.sign_in(user.name, page="/password").status_code == 303
    thief = Browser(app)
    thief.client.set_cookie("ekyc_session", str(first))
    assert browser.cookie() != first
    assert thief.get("/queue").status_code == 303
    assert browser.get("/queue").status_code == 200


def test_signing_out_ends_the_session_in_the_database(browser_of: BrowserOf, app: Flask) -> None:
    browser = browser_of(Role.REVIEWER)
    token = str(browser.cookie())
    assert browser.post("/sign-out", page="/password").status_code == 303
    assert browser.cookie() is None
    again = Browser(app)
    again.client.set_cookie("ekyc_session", token)
    assert again.get("/queue").status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask, user_of: UserOf) -> None:
    user = user_of(Role.REVIEWER)
    plain = Browser(app).sign_in(user.name).headers["Set-Cookie"]
    assert plain.startswith("ekyc_session=")
    assert "HttpOnly" in plain
    assert "SameSite=Strict" in plain
    assert "Secure" not in plain
    secure = Browser(app, base_url="https://localhost").sign_in(user.name)
    assert secure.headers["Set-Cookie"].startswith("__Host-ekyc_session=")
    assert "Secure" in secure.headers["Set-Cookie"]
    assert "max-age=63072000" in secure.headers["Strict-Transport-Security"]


def test_a_session_ends_when_nothing_is_done_and_at_the_latest_after_its_time(
    browser_of: BrowserOf, settings: StoreSettings
) -> None:
    idle, old = browser_of(Role.REVIEWER), browser_of(Role.AUDITOR)
    _execute(settings, "UPDATE user_sessions SET seen_at = now() - interval '14 minutes'")
    # What a page asks by itself keeps nobody signed in, what a person does does.
    assert idle.get("/queue/rows").status_code == 200
    _execute(settings, "UPDATE user_sessions SET seen_at = seen_at - interval '2 minutes'")
    assert idle.get("/queue/rows").status_code == 401
    assert idle.get("/queue").status_code == 303
    _execute(
        settings, "UPDATE user_sessions SET seen_at = now(), began_at = now() - interval '13 hours'"
    )
    assert old.get("/queue").status_code == 303


def test_what_a_person_does_keeps_the_session(
    browser_of: BrowserOf, settings: StoreSettings
) -> None:
    browser = browser_of(Role.REVIEWER)
    for _ in range(3):
        _execute(settings, "UPDATE user_sessions SET seen_at = seen_at - interval '14 minutes'")
        assert browser.get("/queue").status_code == 200


def test_a_disabled_person_is_out_at_once_and_told_nothing(
    browser_of: BrowserOf, app: Flask, store: Store
) -> None:
    browser = browser_of(Role.REVIEWER, name="lan")
    users.switch_user(store, "lan", active=False, actor="test")
    assert browser.get("/queue").status_code == 303
    refused = Browser(app).sign_in("lan")
    unknown = Browser(app).sign_in("nobody-of-this-name")
    assert (refused.status_code, unknown.status_code) == (401, 401)
    assert _message(refused.text) == _message(unknown.text)
    users.switch_user(store, "lan", active=True, actor="test")
    assert browser.get("/queue").status_code == 303
    assert Browser(app).sign_in("lan").status_code == 303


def _message(page: str) -> str:
    return page.partition('role="alert">')[2].partition("</p>")[0].strip()


def test_guessing_gets_slow_for_names_that_exist_and_for_those_that_do_not(
    app: Flask, user_of: UserOf, store: Store, settings: StoreSettings
) -> None:
    user = user_of(Role.REVIEWER)
    for name in (user.name, "nobody-of-this-name"):
        browser = Browser(app)
        for _ in range(5):
            assert browser.sign_in(name, "wrong password").status_code == 401
        blocked = browser.sign_in(name, PASSWORD)
        assert blocked.status_code == 429
        assert "30 giây" in _message(blocked.text) or "29 giây" in _message(blocked.text)
    noted = [(row.actor, row.payload["user"]) for row in _events(store, "sign_in_blocked")]
    assert noted == [("nobody", user.handle), ("nobody", None)]
    _execute(settings, "UPDATE sign_in_failures SET blocked_until = now()")
    assert Browser(app).sign_in(user.name, "wrong password").status_code == 401
    assert "60 giây" in _message(Browser(app).sign_in(user.name).text).replace("59", "60")
    _execute(settings, "UPDATE sign_in_failures SET blocked_until = now()")
    assert Browser(app).sign_in(user.name).status_code == 303
    for _ in range(4):
        assert Browser(app).sign_in(user.name, "wrong password").status_code == 401
    assert Browser(app).sign_in(user.name).status_code == 303


def test_guessing_many_names_from_one_address_gets_slow_too(
    app: Flask, user_of: UserOf, store: Store
) -> None:
    user, browser = user_of(Role.REVIEWER), Browser(app)
    answers = [browser.sign_in(f"name{n}", "wrong password").status_code for n in range(26)]
    assert answers == [401] * 25 + [429]
    assert browser.sign_in(user.name).status_code == 429
    assert [row.payload["blocked"] for row in _events(store, "sign_in_blocked")] == [["address"]]


def test_a_name_that_exists_takes_as_long_as_one_that_does_not(
    app: Flask, user_of: UserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CPU time of real hashes: with none computed for strangers the difference would be tenfold."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=19 * 1024))
    passwords._hash_of_nobody.cache_clear()
    user = user_of(Role.REVIEWER)
    passwords.matches("warm", None)

    def took_s(name: str) -> float:
        browser = Browser(app)
        token, began = browser.token("/sign-in"), time.process_time()
        browser.client.post(
            "/console/sign-in", data={"token": token, "name": name, "password": "wrong password"}
        )
        return time.process_time() - began

    known = statistics.median(took_s(user.name) for _ in range(4))
    unknown = statistics.median(took_s("nobody-of-this-name") for _ in range(4))
    assert 0.5 < known / unknown < 2.0


def test_signing_in_and_out_is_noted_without_a_name(browser_of: BrowserOf, store: Store) -> None:
    browser = browser_of(Role.REVIEWER, name="nguyen.lan")
    browser.post("/sign-out", page="/password")
    (into,), (out,) = _events(store, "signed_in"), _events(store, "signed_out")
    assert into.actor == out.actor
    assert into.actor.startswith("user:")
    assert into.payload == {"address": "127.0.0.1"}
    with store.auditor() as connection:
        record = connection.exec_driver_sql("SELECT actor || payload::text FROM audit.event").scalars()  # fmt: skip
        assert not any("nguyen" in line for line in record)


def test_a_new_password_is_proved_by_the_old_one_and_ends_all_sessions(
    browser_of: BrowserOf, app: Flask
) -> None:
    browser, other = browser_of(Role.REVIEWER, name="lan"), Browser(app)
    assert other.sign_in("lan").status_code == 303
    new = "một mật khẩu khác hẳn"

    def change(present: str, first: str, second: str) -> Any:
        return browser.post(
            "/password", present_password=present, new_password=first, again_password=second
        )

    assert change("wrong password", new, new).status_code == 422
    assert "ít nhất 12" in change(PASSWORD, "short", "short").text
    assert "không giống nhau" in change(PASSWORD, new, new + "x").text
    assert "tên đăng nhập" in change(PASSWORD, "Lan's own password", "Lan's own password").text
    assert "quá ít ký tự" in change(PASSWORD, "a" * 20, "a" * 20).text
    assert change(PASSWORD, new, new).status_code == 303
    assert browser.get("/queue").status_code == 303
    assert other.get("/queue").status_code == 303
    assert Browser(app).sign_in("lan").status_code == 401
    assert Browser(app).sign_in("lan", new).status_code == 303


def test_the_language_is_remembered(app: Flask) -> None:
    browser = Browser(app)
    assert "Mật khẩu" in browser.get("/sign-in").text
    assert '<html lang="vi">' in browser.get("/sign-in").text
    answer = browser.post("/language", page="/sign-in", language="en", back="/console/sign-in")
    assert answer.headers["Location"] == "/console/sign-in"
    assert "Password" in browser.get("/sign-in", headers={"Accept-Language": "vi"}).text
    assert browser.post("/language", page="/sign-in", language="fr").status_code == 422


def test_every_page_forbids_foreign_sources_and_frames(app: Flask) -> None:
    for path in ("/sign-in", "/queue", "/nowhere", "/static/console.css"):
        headers = Browser(app).get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
    assert Browser(app).get("/sign-in").headers["Cache-Control"] == "no-store"


def test_proxies_are_believed_only_as_far_as_it_was_said(
    gateway_settings: GatewaySettings, user_of: UserOf, store: Store
) -> None:
    user = user_of(Role.REVIEWER)
    behind = create_app(gateway_settings.model_copy(update={"trusted_proxies": 1}))
    plain = create_app(gateway_settings)
    told = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    for app, secure in ((behind, True), (plain, False)):
        client = app.test_client()
        page = client.get("/console/sign-in", headers=told)
        assert ("__Host-" in page.headers["Set-Cookie"]) == secure
        token = page.text.partition('name="token" value="')[2][:64]
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        client.post(
            "/console/sign-in", data={"token": token, "name": user.name, "password": PASSWORD},
            headers={**told, "Cookie": cookie},
        )  # fmt: skip
        app.extensions["ekyc"].store.engine.dispose()
    assert [row.payload["address"] for row in _events(store, "signed_in")] == ["203.0.113.9", "127.0.0.1"]  # fmt: skip


def test_without_a_database_a_page_says_so(gateway_settings: GatewaySettings) -> None:
    away = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    app = create_app(gateway_settings.model_copy(update={"database_url": away}))
    browser = Browser(app)
    browser.client.set_cookie("ekyc_session", "some-token")
    answer = browser.get("/queue")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert answer.headers["Retry-After"]
    assert "tạm thời không trả lời được" in answer.text


def test_who_asks_too_often_is_told_when_to_come_back(
    gateway_settings: GatewaySettings, user_of: UserOf, broker: object
) -> None:
    app = create_app(gateway_settings.model_copy(update={"rate_limit": "5/minute"}))
    browser = Browser(app)
    assert browser.sign_in(user_of(Role.REVIEWER).name).status_code == 303
    answers = [browser.get("/queue") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert "chờ một lát" in answers[-1].text
    app.extensions["ekyc"].store.engine.dispose()
