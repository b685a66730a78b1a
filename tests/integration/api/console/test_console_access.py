"""Every page of the console, without and with each role."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from api.console.pages import ANYBODY, Page
from api.console.site import console_pages
from store import audit
from store.database import Store
from store.users import SCOPES_OF, Role
from tests.integration.api.console.conftest import Browser, BrowserOf
from tests.integration.api.desk import Desk

PAGES = console_pages()
CLOSED = [page for page in PAGES if page.scopes]
#: Whoever asks ends the session or the page itself.
LAST = {"do_sign_out", "change_password"}


def path_of(page: Page, case_id: str) -> str:
    words = {"case_id": case_id, "endpoint_id": str(uuid.uuid4())}
    path = page.path
    for name in ("case_id", "endpoint_id"):
        path = path.replace("{" + name + "}", words[name])
    while "{" in path:
        before, _, rest = path.partition("{")
        path = f"{before}x{rest.partition('}')[2]}"
    return path


def ask(browser: Browser, page: Page, case_id: str, token: str = "") -> tuple[int, str]:
    answer = browser.client.open(
        f"/console{path_of(page, case_id)}", method=page.method, data={"token": token} if token else None,
    )  # fmt: skip
    return answer.status_code, answer.headers.get("Location", "")


def test_every_rule_below_console_is_a_declared_page(app: Flask) -> None:
    served = {
        rule.endpoint.removeprefix("console.")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/console")
    }
    assert served == {page.name for page in PAGES} | {"static", "elsewhere"}
    assert {page.name for page in PAGES if page.scopes == ANYBODY} == {
        "show_sign_in", "do_sign_in", "do_sign_out", "choose_language",
    }  # fmt: skip


@pytest.mark.parametrize("page", CLOSED, ids=lambda page: page.name)
def test_without_signing_in_nothing_is_shown(app: Flask, capture: Desk, page: Page) -> None:
    status, location = ask(Browser(app), page, capture.open_case())
    if page.waits:
        assert status == 401
    else:
        assert status == 303
        assert location.startswith("/console/sign-in")


@pytest.mark.parametrize("role", list(Role))
def test_every_role_against_every_page(
    browser_of: BrowserOf, capture: Desk, store: Store, role: Role
) -> None:
    browser, case_id = browser_of(role), capture.open_case()
    token = browser.token("/password")
    for page in sorted(CLOSED, key=lambda page: page.name in LAST):
        status, _ = ask(browser, page, case_id, token=token if page.method == "POST" else "")
        if page.scopes & SCOPES_OF[role]:
            assert status not in (401, 403), page.name
            assert status < 500, page.name
        else:
            assert status == 403, page.name


def test_a_refused_page_is_noted_with_who_asked(browser_of: BrowserOf, store: Store) -> None:
    assert browser_of(Role.ADMIN).get("/queue").status_code == 403
    with store.auditor() as connection:
        row = connection.exec_driver_sql(
            "SELECT actor, payload FROM audit.event WHERE kind = 'access_refused'"
        ).one()
    assert row.payload == {"operation": "console.show_queue"}
    assert row.actor.startswith("user:")
    assert audit.verify(store).first_bad is None


@pytest.mark.parametrize("page", [p for p in CLOSED if p.method == "POST"], ids=lambda p: p.name)
def test_no_form_is_taken_without_its_token(
    browser_of: BrowserOf, capture: Desk, page: Page
) -> None:
    case_id = capture.open_case()
    role = next(role for role in Role if page.scopes & SCOPES_OF[role])
    browser, other = browser_of(role), browser_of(role, name="somebody-else")
    assert ask(browser, page, case_id)[0] == 403
    assert ask(browser, page, case_id, token="0" * 64)[0] == 403
    assert ask(browser, page, case_id, token=other.token("/password"))[0] == 403


def test_another_site_s_form_is_not_taken(browser_of: BrowserOf) -> None:
    browser = browser_of(Role.REVIEWER)
    token = browser.token("/password")
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        answer = browser.client.post(
            "/console/sign-out", data={"token": token}, headers={"Origin": origin}
        )
        assert answer.status_code == 403
    assert browser.get("/queue").status_code == 200


def test_what_is_not_there_is_a_page_in_the_visitor_s_language(app: Flask) -> None:
    answer = Browser(app).get("/nowhere", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "There is no such page" in answer.text
    assert "Không có trang này" in Browser(app).get("/nowhere").text


@pytest.mark.parametrize(
    "path",
    [
        "../site.py",
        "..%2fsite.py",
        "%2e%2e/site.py",
        "..\\site.py",
        "....//site.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "console.css%00.py",
    ],
)
def test_no_path_leads_out_of_the_static_files(app: Flask, path: str) -> None:
    answer = app.test_client().get(f"/console/static/{path}")
    assert answer.status_code in (400, 404)
    assert "import" not in answer.text
    assert "root:" not in answer.text
