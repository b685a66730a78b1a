from __future__ import annotations

import base64

import pytest
from flask import Flask
from sqlalchemy import text

from pipeline.findings import Band, CardVersion, FieldName
from pipeline.reasons import ReasonCode
from store.api_keys import Scope
from store.database import Store
from tests.integration.api.conformance import Conformance
from tests.integration.api.desk import Desk, DeskOf, decide_case, error
from tests.unit.api import files
from tests.unit.pipeline import factories

UNKNOWN = factories.card(version=CardVersion.UNKNOWN)
SEEN = {"outcome": "approved", "reason": "Card and person were seen at the counter."}


def test_a_reviewer_decides_what_is_in_review(
    capture: Desk, reviewer: Desk, office: Desk, store: Store
) -> None:
    case_id = capture.submitted_case()
    early = reviewer.call("POST", f"/cases/{case_id}/verdict", json=SEEN)
    assert error(early) == (409, "case_wrong_status")
    decide_case(store, case_id, card=UNKNOWN)
    assert capture.case(case_id)["status"] == "review"
    told = reviewer.call("POST", f"/cases/{case_id}/verdict", json=SEEN).get_json()
    assert told["status"] == "approved"
    assert told["verdict"]["decided_by"].startswith("key:")
    assert "reviewer_decided" in {reason["code"] for reason in told["verdict"]["reasons"]}
    assert office.case(case_id)["verdict"] == told["verdict"]


def test_a_reviewer_asks_for_a_retake(capture: Desk, reviewer: Desk, store: Store) -> None:
    case_id = capture.submitted_case()
    decide_case(store, case_id, card=UNKNOWN)
    body = {
        "outcome": "retake",
        "reason": "The back is hidden by a thumb.",
        "retake": ["card_back"],
    }
    assert reviewer.call("POST", f"/cases/{case_id}/verdict", json=body).status_code == 200
    told = capture.case(case_id)
    assert (told["status"], told["missing"]) == ("retake", ["card_back"])
    again = capture.call("POST", f"/cases/{case_id}/submit")
    assert error(again) == (422, "evidence_missing")
    capture.put(case_id, "card_back", files.picture(colour=200))
    assert capture.case(case_id)["missing"] == []
    assert capture.call("POST", f"/cases/{case_id}/submit").status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "approved"},
        {"outcome": "review", "reason": "not sure"},
        {"outcome": "approved", "reason": "fine", "retake": ["selfie"]},
        {"outcome": "retake", "reason": "again"},
        {"outcome": "retake", "reason": "again", "retake": ["passport"]},
        {"outcome": "approved", "reason": "\0\0\0"},
    ],
)
def test_verdicts_that_make_no_sense_are_refused(
    capture: Desk, reviewer: Desk, store: Store, body: dict[str, object]
) -> None:
    case_id = capture.open_case()
    answer = reviewer.call("POST", f"/cases/{case_id}/verdict", json=body)
    assert error(answer) == (422, "body_invalid")


def test_a_verdict_says_why_to_staff_alone(capture: Desk, office: Desk, store: Store) -> None:
    case_id = capture.submitted_case()
    decide_case(store, case_id, face=factories.face(band=Band.NO_MATCH, similarity=0.1234))
    told = office.case(case_id, **{"Accept-Language": "en"})
    assert told["verdict"]["outcome"] == "rejected"
    assert [reason["code"] for reason in told["verdict"]["reasons"]] == [ReasonCode.FACE_NO_MATCH]
    assert told["verdict"]["policy_version"]
    seen = capture.call("GET", f"/cases/{case_id}").text
    for secret in ("face_no_match", "0.1234", "policy_version"):
        assert secret not in seen


def test_the_export_holds_everything_but_pictures(
    capture: Desk, desk_of: DeskOf, store: Store
) -> None:
    auditor = desk_of(Scope.AUDITOR)
    case_id = capture.submitted_case()
    decide_case(store, case_id)
    answer = auditor.call("GET", f"/cases/{case_id}/export")
    told = answer.get_json()
    assert told["case"]["verdict"]["outcome"] == "approved"
    assert told["fields"]["fields"]["full_name"]["value"] == factories.VALUES[FieldName.FULL_NAME]
    assert len(told["case"]["evidence"]) == 4
    for colour in (90, 91, 92):
        encoded = base64.b64encode(files.picture(colour=colour)).decode()
        assert encoded[40:80] not in answer.text
    assert max(len(word) for word in answer.text.split('"')) < 200
    kinds = [event["kind"] for event in told["events"]]
    assert "case_exported" in kinds
    assert [event["seq"] for event in told["events"]] == sorted(e["seq"] for e in told["events"])


def test_the_timeline_holds_no_personal_data(capture: Desk, office: Desk, store: Store) -> None:
    case_id = capture.submitted_case()
    decide_case(store, case_id)
    told = office.call("GET", f"/cases/{case_id}/events")
    for name in (FieldName.ID_NUMBER, FieldName.FULL_NAME, FieldName.PLACE_OF_RESIDENCE):
        assert factories.VALUES[name] not in told.get_data(as_text=True)
        assert factories.VALUES[name] not in told.text.encode().decode("unicode_escape")


def test_health_and_metrics(capture: Desk, office: Desk, store: Store) -> None:
    case_id = capture.submitted_case()
    assert capture.call("GET", "/health/live").status_code == 200
    ready = capture.call("GET", "/health/ready").get_json()
    assert ready == {"status": "ready", "database": True, "broker": True}
    waiting = capture.call("GET", "/metrics").text
    assert 'ekyc_stages{stage="read_card",status="pending"} 1.0' in waiting
    assert "ekyc_stage_oldest_pending_seconds{" in waiting
    decide_case(store, case_id)
    done = capture.call("GET", "/metrics").text
    assert 'ekyc_stage_duration_seconds_bucket{le="0.025",' not in done
    assert 'ekyc_stage_duration_seconds_bucket{le="0.05",stage="read_card"} 1.0' in done
    assert 'ekyc_stage_duration_seconds_count{stage="match_face"} 1.0' in done
    assert 'ekyc_verdicts_total{outcome="approved"} 1.0' in done
    assert 'ekyc_case_duration_seconds_count{outcome="approved"} 1.0' in done
    assert "ekyc_cases_opened_total 1.0" in done
    assert capture.call("GET", "/metrics").text.count("ekyc_cases_opened_total 1.0") == 1


def _looks(store: Store, case_id: str | None) -> list[tuple[str, str, dict[str, object]]]:
    with store.auditor() as connection:
        rows = connection.execute(
            text(
                "SELECT actor, kind, payload FROM audit.access_log"
                " WHERE case_id IS NOT DISTINCT FROM CAST(:case_id AS uuid) ORDER BY seq"
            ),
            {"case_id": case_id},
        )
        return [tuple(row) for row in rows]


def test_every_look_at_a_person_is_in_the_access_log(
    capture: Desk, desk_of: DeskOf, store: Store
) -> None:
    staff = desk_of(Scope.REVIEWER, Scope.AUDITOR)
    case_id = capture.submitted_case()
    assert capture.call("GET", f"/cases/{case_id}/fields").get_json()["fields"] == {}
    assert _looks(store, case_id) == []  # nothing was read yet, so nobody saw anything
    decide_case(store, case_id)
    for path in ("fields", "evidence/selfie", "export", "events"):
        assert staff.call("GET", f"/cases/{case_id}/{path}").status_code == 200
    capture.call("GET", f"/cases/{case_id}/fields")
    looks = _looks(store, case_id)
    assert [kind for _, kind, _ in looks] == [
        "fields_viewed", "evidence_viewed", "case_exported", "timeline_viewed", "fields_viewed",
    ]  # fmt: skip
    assert len({actor for actor, _, _ in looks}) == 2
    shown = looks[0][2]["fields"]
    assert isinstance(shown, list)
    assert "full_name" in shown
    assert factories.VALUES[FieldName.FULL_NAME] not in str(looks)


def test_who_tries_without_the_right_is_in_the_access_log(
    capture: Desk, office: Desk, app: Flask, conformance: Conformance, store: Store
) -> None:
    case_id = capture.submitted_case()
    assert error(office.call("GET", f"/cases/{case_id}/evidence/selfie")) == (403, "scope_missing")
    assert error(capture.call("GET", "/cases")) == (403, "scope_missing")
    nobody = Desk(app, "ekyc_aaaaaaaa_" + "b" * 43, conformance)
    assert nobody.call("GET", f"/cases/{case_id}/events").status_code == 401
    assert [(kind, payload) for _, kind, payload in _looks(store, None)] == [
        ("access_refused", {"operation": "view_evidence"}),
        ("access_refused", {"operation": "list_cases"}),
    ]


def test_metrics_tell_what_receivers_and_anchors_lag_behind(capture: Desk, store: Store) -> None:
    capture.submitted_case()
    measured = capture.call("GET", "/metrics").text
    assert 'ekyc_webhook_deliveries{status="pending"} 0.0' in measured
    assert "ekyc_outbox_lag_seconds 0.0" in measured
    assert float(measured.split("ekyc_unanchored_seconds ")[-1].split()[0]) > 0
