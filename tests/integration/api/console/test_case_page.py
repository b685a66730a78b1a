"""The case page: what a reviewer sees, what others do not, and that every look is in the record once."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from api.console import looks
from pipeline.case import CaseStatus
from pipeline.findings import (
    Cue,
    FieldName,
)
from pipeline.reasons import REASONS, ReasonCode, Severity
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome, Reason
from store import audit, cases, fields
from store.database import Store
from store.users import Role
from tests.integration.api.console.conftest import Browser, BrowserOf
from tests.integration.api.console.judged import CLIP, HARD, card, judged_case, liveness
from tests.integration.store import cases_made as made
from tests.unit.pipeline import factories

HOSTILE = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
def reviewer(browser_of: BrowserOf) -> Browser:
    return browser_of(Role.REVIEWER, name="lan.anh")


def events_of(store: Store, case_id: UUID) -> list[str]:
    return [event.kind for event in audit.events(store, case_id)]


def addresses(page: TestResponse) -> list[str]:
    found = re.findall(r'(?:src|href)="(/console/cases/[^"]+)"', page.text)
    return sorted({address.replace("&amp;", "&") for address in found if "look=" in address})


# ---------------------------------------------------------------- what is shown


def test_reasons_sources_and_conflicts_are_side_by_side(reviewer: Browser, store: Store) -> None:
    text = reviewer.get(f"/cases/{judged_case(store)}").text
    assert REASONS[ReasonCode.QR_MISMATCH].staff_vi in text
    assert "1 trường mâu thuẫn" in text
    row = text.partition('<tr id="field-full_name"')[2].partition("</tr>")[0]
    assert row.startswith(' data-field="full_name" class="bad"')
    assert "NGUYỄN VĂN MẪU" in row
    assert re.search(r"NGUYỄN VĂN M<mark>ÙA</mark>", row)
    assert "khác" in row
    assert '<rect class="box bad" x="35.0" y="26.0" width="170.0" height="38.0"' in text


def test_plot_has_signals_windows_events_and_faces(reviewer: Browser, store: Store) -> None:
    text = reviewer.get(f"/cases/{judged_case(store)}").text
    plot = text.partition('id="plot"')[2].partition("</svg>")[0]
    assert plot.count("<polyline") == 3
    assert '<g class="window passed">' in plot
    assert '<g class="event counted">' in plot
    assert "Quay trái" in plot
    assert plot.count('class="dot') == 2
    assert "không thấy" in text


def test_page_speaks_the_visitor_s_language(reviewer: Browser, store: Store) -> None:
    case_id = judged_case(store)
    reviewer.post("/language", page=f"/cases/{case_id}", language="en", back="/console/")
    text = reviewer.get(f"/cases/{case_id}").text
    assert REASONS[ReasonCode.QR_MISMATCH].staff_en in text
    assert "1 fields in conflict" in text
    assert "Calibration <code>some-2026</code>" in text
    assert "Turn left" in text


def test_case_that_is_still_being_judged_has_a_page(reviewer: Browser, store: Store) -> None:
    case_id = made.submitted_case(store)
    made.complete(store, made.claim(store, case_id, Stage.READ_CARD))
    page = reviewer.get(f"/cases/{case_id}")
    assert page.status_code == 200
    assert "chưa được hệ thống kết luận" in page.text
    assert reviewer.get(f"/cases/{made.new_case(store)}").status_code == 200


def test_photos_that_could_not_be_judged_are_one_click_away(
    reviewer: Browser, store: Store
) -> None:
    case_id = made.submitted_case(store)
    found = [address.partition("?")[0] for address in addresses(reviewer.get(f"/cases/{case_id}"))]
    for kind in ("card_front", "selfie"):
        assert any(address.endswith(f"/evidence/{kind}") for address in found), kind


def test_erased_case_shows_its_record_alone(reviewer: Browser, store: Store) -> None:
    case_id = made.decided_case(store, made.verdict(Outcome.APPROVED))
    cases.erase_case(store, case_id, actor="key:admin")
    page = reviewer.get(f"/cases/{case_id}")
    assert page.status_code == 200
    assert "đã bị xóa" in page.text
    assert addresses(page) == []


def test_auditor_sees_the_record_and_nothing_of_the_person(
    browser_of: BrowserOf, store: Store
) -> None:
    case_id, auditor = judged_case(store), browser_of(Role.AUDITOR)
    page = auditor.get(f"/cases/{case_id}")
    assert page.status_code == 200
    assert "Hệ thống kết luận" in page.text
    assert "NGUYỄN VĂN MẪU" not in page.text
    assert addresses(page) == []
    assert "0.93" not in page.text
    for path in ("pictures/portrait", "evidence/selfie"):
        assert auditor.get(f"/cases/{case_id}/{path}").status_code == 403
    assert events_of(store, case_id)[-1] == "timeline_viewed"


def test_edited_value_stands_beside_what_was_read(reviewer: Browser, store: Store) -> None:
    case_id = judged_case(store)
    fields.edit_fields(
        store, case_id, edits={FieldName.FULL_NAME: "NGUYỄN VĂN MÙA"},
        expected_version=fields.get_fields(store, case_id).version, actor="key:desk",
    )  # fmt: skip
    text = reviewer.get(f"/cases/{case_id}").text
    assert "đã sửa, trước là “NGUYỄN VĂN MẪU”" in text
    assert "key:desk" in text


# ---------------------------------------------------------------- hostile text


def test_nothing_that_was_read_or_written_becomes_markup(reviewer: Browser, store: Store) -> None:
    hostile_reason = Reason(
        code=ReasonCode.QR_MISMATCH, stage=Stage.READ_CARD, weight=Severity.SOFT,
        facts={"fields": HOSTILE, "cause": HOSTILE, "action": HOSTILE, "cue": HOSTILE},
    )  # fmt: skip
    hostile_cue = Cue(name=HOSTILE, score=0.1, threshold=0.2, suspicious=True)
    case_id = judged_case(
        store, hostile_reason, HARD, card=card(HOSTILE, HOSTILE + "x"),
        liveness=liveness(cues=(*factories.cues(), hostile_cue)),
    )  # fmt: skip
    fields.edit_fields(
        store, case_id, edits={FieldName.PLACE_OF_RESIDENCE: HOSTILE},
        expected_version=fields.get_fields(store, case_id).version, actor="key:desk",
    )  # fmt: skip
    reviewer.post(f"/cases/{case_id}/claim", page=f"/cases/{case_id}")
    version = cases.case_version(store, case_id)
    reviewer.post(
        f"/cases/{case_id}/verdict", page=f"/cases/{case_id}",
        outcome="approved", reason=HOSTILE, version=str(version),
    )  # fmt: skip
    page = reviewer.get(f"/cases/{case_id}")
    assert page.status_code == 200
    assert page.text.count("&lt;script&gt;alert(1)") >= 4
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_refused_form_shows_what_was_typed_as_text(reviewer: Browser, store: Store) -> None:
    case_id = judged_case(store)
    reviewer.post(f"/cases/{case_id}/claim", page=f"/cases/{case_id}")
    answer = reviewer.post(
        f"/cases/{case_id}/verdict", page=f"/cases/{case_id}", outcome="nonsense", reason=HOSTILE, version="1"
    )  # fmt: skip
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


# ---------------------------------------------------------------- looks


def test_one_look_is_one_event_that_names_everything(reviewer: Browser, store: Store) -> None:
    case_id = judged_case(store)
    page = reviewer.get(f"/cases/{case_id}")
    shown = addresses(page)
    assert len(shown) >= 9
    for address in shown:
        assert reviewer.client.get(address).status_code == 200, address
    kinds = events_of(store, case_id)
    assert kinds.count("case_viewed") == 1
    assert not {"picture_viewed", "evidence_viewed"} & set(kinds)
    looked = audit.events(store, case_id)[-1]
    assert looked.actor.startswith("user:")
    assert set(looked.payload["evidence"]) == {"card_front", "card_back", "selfie", "clip"}
    assert "portrait" in looked.payload["pictures"]
    assert "full_name" in looked.payload["fields"]
    assert "NGUYỄN" not in str(looked.payload)


def test_without_its_page_each_picture_is_noted(
    reviewer: Browser, browser_of: BrowserOf, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, other = judged_case(store), judged_case(store)
    picture_path = f"/console/cases/{case_id}/pictures/portrait"
    mine = next(a for a in addresses(reviewer.get(f"/cases/{case_id}")) if "/portrait" in a)
    foreign = mine.replace(str(case_id), str(other))
    colleague = browser_of(Role.REVIEWER, name="somebody.else")
    for browser, address in (
        (reviewer, picture_path),
        (reviewer, f"{picture_path}?look=9999999999.{'0' * 64}"),
        (reviewer, f"{picture_path}?look=²"),
        (colleague, mine),
    ):
        before = events_of(store, case_id).count("picture_viewed")
        assert browser.client.get(address).status_code == 200
        assert events_of(store, case_id).count("picture_viewed") == before + 1, address
    reviewer.client.get(foreign)
    assert events_of(store, other)[-1] == "picture_viewed"
    monkeypatch.setattr(looks, "time", _Later)
    before = events_of(store, case_id).count("picture_viewed")
    reviewer.client.get(mine)
    assert events_of(store, case_id).count("picture_viewed") == before + 1
    assert audit.verify(store).first_bad is None


class _Later:
    @staticmethod
    def time() -> float:
        return time.time() + looks.LOOK_S + 1


def test_every_look_is_in_the_access_log(reviewer: Browser, store: Store) -> None:
    case_id = judged_case(store)
    reviewer.get(f"/cases/{case_id}")
    reviewer.get(f"/cases/{case_id}/pictures/face")
    with store.auditor() as connection:
        rows = connection.exec_driver_sql("SELECT kind FROM audit.access_log ORDER BY seq").all()
    assert [row.kind for row in rows] == ["case_viewed", "picture_viewed"]


# ---------------------------------------------------------------- files


def test_parts_of_a_clip_are_served(reviewer: Browser, store: Store) -> None:
    path = f"/cases/{judged_case(store)}/evidence/clip"
    whole = reviewer.get(path)
    assert (whole.status_code, whole.data) == (200, CLIP)
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = reviewer.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, CLIP[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(CLIP)}"
    assert reviewer.get(path, headers={"Range": "bytes=-7"}).data == CLIP[-7:]
    assert reviewer.get(path, headers={"Range": f"bytes={len(CLIP)}-"}).status_code == 416


def test_files_are_not_kept_and_cannot_run(reviewer: Browser, store: Store) -> None:
    case_id = judged_case(store)
    for path in ("evidence/selfie", "pictures/card_front"):
        answer = reviewer.get(f"/cases/{case_id}/{path}")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("evidence/nothing", "evidence/chip", "pictures/still_77", "pictures/..%2f..%2fx"):
        assert reviewer.get(f"/cases/{case_id}/{path}").status_code == 404


def test_another_branch_s_case_is_not_there(browser_of: BrowserOf, store: Store) -> None:
    case_id, stranger = judged_case(store), browser_of(Role.REVIEWER, branch="HCM-09")
    for path in ("", "/pictures/portrait", "/evidence/selfie"):
        assert stranger.get(f"/cases/{case_id}{path}").status_code == 404
    assert "case_viewed" not in events_of(store, case_id)


# ---------------------------------------------------------------- deciding


def decide(browser: Browser, case_id: UUID, version: int, **form: Any) -> TestResponse:
    said = {"outcome": "approved", "reason": "ảnh rõ, chữ in khớp", "version": str(version), **form}
    return browser.post(f"/cases/{case_id}/verdict", page=f"/cases/{case_id}", **said)


def status_of(store: Store, case_id: UUID) -> CaseStatus:
    return cases.get_case(store, case_id).status


def test_claim_decide_and_on_to_the_next(reviewer: Browser, store: Store) -> None:
    first, second = judged_case(store), judged_case(store)
    assert 'id="verdict"' not in reviewer.get(f"/cases/{first}").text
    answer = reviewer.post("/review/next", page=f"/cases/{first}")
    assert answer.headers["Location"] == f"/console/cases/{first}"
    assert 'id="verdict"' in reviewer.get(f"/cases/{first}").text
    answer = decide(reviewer, first, cases.case_version(store, first), go_on="true")
    assert answer.headers["Location"] == f"/console/cases/{second}"
    assert status_of(store, first) is CaseStatus.APPROVED
    answer = decide(reviewer, second, cases.case_version(store, second), go_on="true")
    assert answer.headers["Location"] == "/console/queue"
    assert "ảnh rõ, chữ in khớp" in reviewer.get(f"/cases/{first}").text


def test_queue_leads_to_the_case_that_waits_longest(reviewer: Browser, store: Store) -> None:
    case_id = judged_case(store)
    answer = reviewer.post("/review/next", page="/queue")
    assert answer.headers["Location"] == f"/console/cases/{case_id}"


def test_auditor_claims_nothing(browser_of: BrowserOf, store: Store) -> None:
    judged_case(store)
    auditor = browser_of(Role.AUDITOR)
    assert "/console/review/next" not in auditor.get("/queue").text
    assert auditor.post("/review/next", page="/password").status_code == 403


def test_two_reviewers_do_not_collide(
    reviewer: Browser, browser_of: BrowserOf, store: Store
) -> None:
    case_id, colleague = judged_case(store), browser_of(Role.REVIEWER, name="minh.duc")
    reviewer.post(f"/cases/{case_id}/claim", page=f"/cases/{case_id}")
    page = colleague.get(f"/cases/{case_id}").text
    assert "lan.anh đang duyệt hồ sơ này" in page
    assert 'id="claim"' not in page
    refused = decide(colleague, case_id, cases.case_version(store, case_id))
    assert refused.status_code == 422
    assert "Người khác đang duyệt" in refused.text
    token = colleague.token(f"/cases/{case_id}")
    taken = colleague.client.post(f"/console/cases/{case_id}/claim", data={"token": token})
    assert taken.status_code == 409
    reviewer.post(f"/cases/{case_id}/release", page=f"/cases/{case_id}")
    assert decide(colleague, case_id, cases.case_version(store, case_id)).status_code == 303


def test_claim_goes_on_while_the_page_is_open(reviewer: Browser, store: Store) -> None:
    case_id = judged_case(store)
    reviewer.post(f"/cases/{case_id}/claim", page=f"/cases/{case_id}")
    assert reviewer.post(f"/cases/{case_id}/renew", page=f"/cases/{case_id}").status_code == 204


def test_stale_page_decides_nothing_and_shows_what_changed(reviewer: Browser, store: Store) -> None:
    case_id = judged_case(store)
    reviewer.post(f"/cases/{case_id}/claim", page=f"/cases/{case_id}")
    seen = cases.case_version(store, case_id)
    fields.edit_fields(
        store, case_id, edits={FieldName.FULL_NAME: "KHÁC"},
        expected_version=fields.get_fields(store, case_id).version, actor="key:desk",
    )  # fmt: skip
    answer = decide(reviewer, case_id, seen)
    assert answer.status_code == 422
    assert "Hồ sơ đã thay đổi" in answer.text
    assert 'value="ảnh rõ, chữ in khớp"' in answer.text
    assert status_of(store, case_id) is CaseStatus.REVIEW


def test_against_a_hard_reason_two_people_approve(
    reviewer: Browser, browser_of: BrowserOf, store: Store
) -> None:
    case_id, colleague = judged_case(store, HARD), browser_of(Role.REVIEWER, name="minh.duc")
    reviewer.post(f"/cases/{case_id}/claim", page=f"/cases/{case_id}")
    assert "cần hai người khác nhau" in reviewer.get(f"/cases/{case_id}").text
    answer = decide(reviewer, case_id, cases.case_version(store, case_id))
    assert answer.headers["Location"].endswith("told=first_approval")
    assert status_of(store, case_id) is CaseStatus.REVIEW
    assert "Bạn đã chấp thuận" in reviewer.get(f"/cases/{case_id}").text
    decide(reviewer, case_id, cases.case_version(store, case_id))
    assert status_of(store, case_id) is CaseStatus.REVIEW
    assert "lan.anh đã chấp thuận" in colleague.get(f"/cases/{case_id}").text
    decide(colleague, case_id, cases.case_version(store, case_id))
    assert status_of(store, case_id) is CaseStatus.APPROVED
    assert audit.verify(store).first_bad is None


def test_retake_names_what_and_rejection_needs_a_reason(reviewer: Browser, store: Store) -> None:
    case_id = judged_case(store)
    reviewer.post(f"/cases/{case_id}/claim", page=f"/cases/{case_id}")
    version = cases.case_version(store, case_id)
    for said in (
        {"outcome": "retake"},
        {"outcome": "rejected", "reason": "  "},
        {"outcome": "review"},
    ):
        assert decide(reviewer, case_id, version, **said).status_code == 422
    assert status_of(store, case_id) is CaseStatus.REVIEW
    decide(reviewer, case_id, version, outcome="retake", retake=["selfie", "clip"])
    case = cases.get_case(store, case_id)
    assert case.status is CaseStatus.RETAKE
    assert case.verdict is not None
    assert set(case.verdict.retake) == {EvidenceKind.SELFIE, EvidenceKind.CLIP}
