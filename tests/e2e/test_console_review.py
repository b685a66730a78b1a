"""A reviewer at work in a real browser: from the queue to a verdict by keys alone, told to the bank and proved."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ekyc.home import signing_key_of
from ekyc.up import System
from pipeline.case import CaseStatus
from store import audit, deliveries, webhooks
from store.cases import get_case
from store.reviews import list_reviews
from tests.e2e.browsing import MISSING, chromium, complaints, find, sign_in, wait_until
from tests.e2e.capturing import submit_case
from tests.e2e.conftest import wait_for
from tests.e2e.quick_engines import DOUBTFUL_RGB
from tests.integration.workers.receivers import always, receiver

pytestmark = pytest.mark.skipif(MISSING, reason="chromium and chromedriver are not installed")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    with chromium(tmp_path / "profile", height=1600) as driver:
        yield driver


def press(browser: Any, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def test_review_by_keys_is_told_and_proved(
    start_system: Callable[..., System], broker: object, browser: Any, environment: dict[str, str]
) -> None:
    from selenium.webdriver.common.keys import Keys

    system = start_system(
        EKYC_WEBHOOK_ALLOW_HTTP="1", EKYC_WEBHOOK_ALLOW_NETWORKS='["127.0.0.0/8"]',
        EKYC_ANCHOR_S="1",
    )  # fmt: skip
    with receiver(always(200)) as (url, came):
        webhooks.add_endpoint(
            system.store, url=url, kinds=list(webhooks.EventKind), allow_http=True, actor="cli"
        )
        case_id = submit_case(system, selfie_rgb=DOUBTFUL_RGB)
        sign_in(browser, system.url, "reviewer", system.passwords["reviewer"])
        wait_until(browser, lambda: case_id.hex[:8] in find(browser, "#queue").text)
        browser.get(f"{system.url}/console/cases/{case_id}")
        assert "vùng cần người xem" in find(browser, ".reasons").text
        assert _loaded(browser, ".side img") == 2
        assert _loaded(browser, ".pair img") == 2
        # The clip of these tests is no film: the page says so, and the stills remain.
        wait_until(browser, lambda: find(browser, "#unplayable").is_displayed())
        _fields_light_up_with_their_rows(browser)
        press(browser, "?")
        assert find(browser, "#help").is_displayed()
        press(browser, Keys.ESCAPE, "f")
        assert find(browser, "#card_front.large")
        press(browser, Keys.ESCAPE, "c")
        find(browser, "#verdict")
        press(browser, "a", "1", Keys.ENTER)
        wait_until(browser, lambda: browser.current_url.endswith("/console/queue"))
        wait_for(lambda: len(came) == 2, 60, tend=system.supervisor.tend)
        wait_for(
            lambda: not deliveries.list_deliveries(system.store, status="pending"), 30,
            tend=system.supervisor.tend,
        )  # fmt: skip
    assert [message.told["status"] for message in came] == ["review", "approved"]
    assert get_case(system.store, case_id).status is CaseStatus.APPROVED
    (review,) = list_reviews(system.store, case_id)
    assert review.reason == "Giấy tờ và khuôn mặt khớp"
    kinds = [event.kind for event in audit.events(system.store, case_id)]
    assert {"case_viewed", "review_claimed", "review_recorded"} <= set(kinds)
    assert not {"picture_viewed", "evidence_viewed"} & set(kinds)
    assert [line for line in complaints(browser) if "/evidence/clip" not in line] == []
    told = subprocess.run(
        [sys.executable, "-m", "ekyc", "audit", "verify"],
        env={
            **os.environ, **environment, "EKYC_ANCHOR_URL": system.home.anchors.as_uri(),
            "EKYC_SIGNING_KEY": signing_key_of(system.home),
        },
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert "the chain holds" in told.stdout


def _loaded(browser: Any, selector: str) -> int:
    script = (
        "return [...document.querySelectorAll(arguments[0])]"
        ".filter((image) => image.complete && image.naturalWidth > 0).length"
    )
    wait_until(browser, lambda: browser.execute_script(script, selector) == 2)
    return int(browser.execute_script(script, selector))


def _fields_light_up_with_their_rows(browser: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    row = find(browser, "tr[data-field=full_name]")
    ActionChains(browser).move_to_element(row).perform()
    wait_until(browser, lambda: "lit" in (row.get_attribute("class") or ""))
