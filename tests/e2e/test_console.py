"""The console in a real browser, against the real gateway and workers: sign in, watch the queue, administrate."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ekyc.gateway import gunicorn_command
from ekyc.probes import gateway_answers
from ekyc.up import HOST, System, free_port
from store.api_keys import authenticate
from store.database import Store
from store.users import Role, create_user, switch_user
from tests.e2e.browsing import (
    MISSING,
    chromium,
    click,
    complaints,
    enter,
    find,
    look,
    sign_in,
    wait_until,
)
from tests.e2e.capturing import submit_case
from tests.e2e.conftest import wait_for

pytestmark = pytest.mark.skipif(MISSING, reason="chromium and chromedriver are not installed")

PASSWORD = "đường về nhà 42"


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    with chromium(tmp_path / "profile") as driver:
        yield driver


def _rows(browser: Any) -> list[str]:
    cells = browser.find_elements("css selector", "table.queue tbody td:nth-child(3)")
    return [cell.text for cell in cells]


def test_a_reviewer_watches_the_queue_without_reloading(browser: Any, quick_system: System) -> None:
    url = quick_system.url
    sign_in(browser, url, "reviewer", quick_system.passwords["reviewer"])
    assert browser.current_url == f"{url}/console/queue"
    browser.get(f"{url}/console/queue?every=true")
    assert _rows(browser) == []
    browser.execute_script("window.untouched = true")
    case_id = submit_case(quick_system)
    wait_until(browser, lambda: _rows(browser) == ["Đã chấp thuận"])
    wait_until(browser, lambda: case_id.hex[:8] in find(browser, "table.queue").text)
    assert browser.execute_script("return window.untouched")
    # Ages grow without a question to the server.
    browser.execute_script("document.querySelector('[data-since]').dataset.since -= 660")
    wait_until(browser, lambda: find(browser, "table.queue .age").text == "11 phút")
    click(browser, "table.queue tbody a")
    wait_until(browser, lambda: browser.current_url.endswith(f"/console/cases/{case_id}"))
    assert case_id.hex[:8] in find(browser, "main").text
    browser.back()
    # The choice of language is kept, and a page of the other language is whole.
    find(browser, 'button[value="en"]').click()
    wait_until(browser, lambda: _rows(browser) == ["Approved"])
    assert "every=true" in browser.current_url
    assert find(browser, "html").get_attribute("lang") == "en"
    for zoom in (1, 2):
        look(browser, zoom=zoom)
        wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert browser.execute_script(wide) <= 0
    # Everything is reached with the keyboard: the first stop leads past the navigation.
    from selenium.webdriver.common.keys import Keys

    find(browser, "body").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("class") == "skip"
    assert complaints(browser) == []


@pytest.fixture
def url(environment: dict[str, str], store: Store) -> Iterator[str]:
    """The gateway alone, as the process it is, with one person of each kind."""
    for role in (Role.REVIEWER, Role.ADMIN):
        create_user(store, name=role, role=role, branch=None, password=PASSWORD, actor="test")
    port = free_port(8400)
    process = subprocess.Popen(
        gunicorn_command(host=HOST, port=port, workers=1, threads=8),
        env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://{HOST}:{port}"
    wait_for(lambda: gateway_answers(address), timeout_s=60)
    yield address
    process.terminate()
    process.wait(60)


def test_an_administrator_makes_and_revokes_a_key(browser: Any, url: str, store: Store) -> None:
    sign_in(browser, url, "admin", PASSWORD)
    assert browser.current_url == f"{url}/console/health"
    assert "Không có bước nào hỏng" in find(browser, "main").text
    browser.get(f"{url}/console/keys")
    enter(browser, "name", "counter tablets")
    find(browser, 'input[value="capture"]').click()
    find(browser, "main .card button.primary").click()
    key = authenticate(store, find(browser, "[data-secret]").text)
    assert key is not None
    row = f'form[action="/console/keys/{key.prefix}/revoke"] button'
    find(browser, row).click()
    # Asked first; whoever says no has revoked nothing.
    browser.switch_to.alert.dismiss()
    assert authenticate(store, _key_text(browser)) is not None
    find(browser, row).click()
    browser.switch_to.alert.accept()
    wait_until(browser, lambda: "done=key_revoked" in browser.current_url)
    assert browser.find_elements("css selector", row) == []
    assert complaints(browser) == []


def _key_text(browser: Any) -> str:
    return str(find(browser, "[data-secret]").text)


def test_who_is_disabled_is_out_and_the_page_says_so(browser: Any, url: str, store: Store) -> None:
    sign_in(browser, url, "reviewer", PASSWORD)
    switch_user(store, "reviewer", active=False, actor="test")
    # The queue asks by itself, is refused, and leads to the entrance.
    wait_until(browser, lambda: "/console/sign-in" in browser.current_url)
    enter(browser, "name", "reviewer")
    enter(browser, "password", PASSWORD)
    find(browser, "main button.primary").click()
    assert "không đúng" in find(browser, '[role="alert"]').text
