"""The queue page: filters, order, paging, urgency, branches, hostile text, and following changes."""

from __future__ import annotations

import re
import threading
import time
from typing import Any

import pytest
from werkzeug.test import TestResponse

from pipeline.reasons import REASONS, ReasonCode, Severity
from pipeline.stages import Stage
from pipeline.verdict import Outcome, Reason
from store import cases
from store.database import Store
from store.review_claims import claim_review
from store.settings import StoreSettings
from store.users import Role, find_user
from tests.integration.api.console.conftest import Browser, BrowserOf
from tests.integration.api.console.test_entrance import _execute
from tests.integration.store import cases_made as made

BORDERLINE = Reason(code=ReasonCode.FACE_BORDERLINE, stage=Stage.MATCH_FACE, weight=Severity.SOFT)
NO_MATCH = Reason(code=ReasonCode.FACE_NO_MATCH, stage=Stage.MATCH_FACE, weight=Severity.HARD)


def _review(store: Store, *reasons: Reason) -> str:
    return made.decided_case(store, made.verdict(Outcome.REVIEW, *reasons)).hex[:8]


def _shown(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return re.findall(r"<code>([0-9a-f]{8})</code>", answer.text)


@pytest.fixture
def reviewer_s(browser_of: BrowserOf) -> Browser:
    return browser_of(Role.REVIEWER)


def test_what_waits_longest_comes_first_with_its_reasons(reviewer_s: Browser, store: Store) -> None:
    first, second = _review(store, BORDERLINE), _review(store, NO_MATCH, BORDERLINE)
    made.new_case(store)
    page = reviewer_s.get("/queue")
    assert _shown(page) == [first, second]
    assert REASONS[ReasonCode.FACE_BORDERLINE].staff_vi in page.text
    assert 'data-count="review">2<' in page.text
    assert 'data-count="open">1<' in page.text
    assert _shown(reviewer_s.get("/queue?reason=face_no_match")) == [second]
    assert _shown(reviewer_s.get("/queue?status=approved")) == []
    assert "Không có hồ sơ nào" in reviewer_s.get("/queue?status=approved").text
    assert len(_shown(reviewer_s.get("/queue?every=true"))) == 3


def test_who_is_deciding_a_case_is_shown(
    reviewer_s: Browser, browser_of: BrowserOf, store: Store
) -> None:
    case_id = made.decided_case(store, made.verdict(Outcome.REVIEW, BORDERLINE))
    browser_of(Role.REVIEWER, name="nv-0007")
    known = {"If-None-Match": reviewer_s.get("/queue/rows").headers["ETag"]}
    claim_review(store, case_id, actor=find_user(store, "nv-0007").actor)
    page = reviewer_s.get("/queue/rows", headers=known).text
    assert "nv-0007 đang xem" in page
    assert f'href="/console/cases/{case_id}"' in page
    assert 'action="/console/review/next"' in reviewer_s.get("/queue").text
    assert "/review/next" not in browser_of(Role.AUDITOR).get("/queue").text


def test_age_is_time_in_the_status_and_turns_yellow_and_red(
    reviewer_s: Browser, store: Store, settings: StoreSettings
) -> None:
    case = _review(store, BORDERLINE)
    for minutes, urgency in ((0, "fresh"), (11, "soon"), (31, "late")):
        _execute(settings, f"UPDATE cases SET status_since = now() - interval '{minutes} minutes'")
        page = reviewer_s.get("/queue")
        assert f'class="age {urgency}"' in page.text
        assert f"{minutes} phút" in page.text
    assert _shown(reviewer_s.get("/queue?older_min=30")) == [case]
    assert _shown(reviewer_s.get("/queue?older_min=60")) == []


def test_pages_follow_each_other_without_gap_or_repetition(
    reviewer_s: Browser, store: Store
) -> None:
    opened = [made.new_case(store).hex[:8] for _ in range(103)]
    seen, path = [], "/queue?status=open"
    while path:
        page = reviewer_s.get(path)
        seen += _shown(page)
        found = re.search(r'rel="next" href="/console([^"]+)"', page.text)
        path = found.group(1).replace("&amp;", "&") if found else ""
    assert seen == opened
    assert reviewer_s.get("/queue?cursor=nonsense").status_code == 422
    assert reviewer_s.get("/queue?status=emperor").status_code == 422


def test_a_branch_sees_its_own_alone(browser_of: BrowserOf, store: Store) -> None:
    own, other = made.new_case(store, branch="HN-01"), made.new_case(store, branch="SG-09")
    bound, free = browser_of(Role.REVIEWER, branch="HN-01"), browser_of(Role.AUDITOR)
    assert _shown(bound.get("/queue?status=open")) == [own.hex[:8]]
    assert bound.get("/queue?status=open&branch=SG-09").status_code == 403
    assert 'data-count="open">1<' in bound.get("/queue?status=open").text
    assert _shown(bound.get("/queue?every=true")) == [own.hex[:8]]
    assert set(_shown(free.get("/queue?status=open"))) == {own.hex[:8], other.hex[:8]}
    assert _shown(free.get("/queue?status=open&branch=SG-09")) == [other.hex[:8]]


def test_hostile_text_stays_text(
    reviewer_s: Browser, store: Store, settings: StoreSettings
) -> None:
    made.new_case(store, branch="HN")
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    _execute(settings, f"UPDATE cases SET reference = '{hostile}', branch = '{hostile}'")
    page = reviewer_s.get("/queue?status=open")
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    for path in ("/queue?branch=", "/queue?cursor=", "/", "/sign-in?back="):
        assert "<script>alert" not in reviewer_s.get(path + hostile).text


def test_lines_are_sent_again_only_when_they_differ(
    reviewer_s: Browser, store: Store, settings: StoreSettings
) -> None:
    _review(store, BORDERLINE)
    first = reviewer_s.get("/queue/rows")
    known = {"If-None-Match": first.headers["ETag"]}
    assert (
        f"data-etag='{first.headers['ETag']}'".replace('"', "&#34;")
        in reviewer_s.get("/queue").text
    )
    assert reviewer_s.get("/queue/rows", headers=known).status_code == 304
    # What no line shows is no change.
    _execute(settings, "UPDATE cases SET version = version + 1")
    assert reviewer_s.get("/queue/rows", headers=known).status_code == 304
    second = _review(store, BORDERLINE)
    changed = reviewer_s.get("/queue/rows", headers=known)
    assert second in _shown(changed)
    assert changed.headers["Cache-Control"] == "private, no-cache"


def test_a_waiting_browser_is_told_of_a_change_at_once(reviewer_s: Browser, store: Store) -> None:
    _review(store, BORDERLINE)
    known = {"If-None-Match": reviewer_s.get("/queue/rows").headers["ETag"]}
    answers: list[tuple[float, Any]] = []

    def wait() -> None:
        began = time.monotonic()
        answer = reviewer_s.get("/queue/rows?wait=5", headers=known)
        answers.append((time.monotonic() - began, answer))

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.5)
    cases.create_case(store, branch=None, reference="R-2", actor="test")  # not in this list
    case = _review(store, NO_MATCH)
    waiting.join(20)
    took_s, answer = answers[0]
    assert case in _shown(answer)
    assert took_s < 5


def test_without_a_waiting_place_the_answer_comes_at_once(
    reviewer_s: Browser, store: Store, app: Any
) -> None:
    known = {"If-None-Match": reviewer_s.get("/queue/rows").headers["ETag"]}
    places = app.extensions["ekyc"].waiting_room
    taken = [places.acquire(blocking=False) for _ in range(5)]
    assert all(taken)
    began = time.monotonic()
    assert reviewer_s.get("/queue/rows?wait=5", headers=known).status_code == 304
    assert time.monotonic() - began < 3
