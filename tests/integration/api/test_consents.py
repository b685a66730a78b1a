from __future__ import annotations

import hashlib
import uuid

import pytest

from store import consents
from store.database import Store
from tests.integration.api.desk import Desk, decide_case, error

TEXT = "Tôi đồng ý cho ngân hàng xử lý dữ liệu sinh trắc học để xác minh danh tính."
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
RECEIPT = {
    "purpose": "biometric_processing", "text_version": "2026-11", "text_sha256": SHA256, "language": "vi",
    "given_at": "2026-11-30T09:00:00+07:00",
}  # fmt: skip


def give(desk: Desk, case_id: str, **changes: object) -> dict[str, object]:
    answer = desk.call("POST", f"/cases/{case_id}/consents", json={**RECEIPT, **changes})
    assert answer.status_code == 201, answer.text
    told: dict[str, object] = answer.get_json()
    return told


def test_a_receipt_says_which_text_when_and_to_whom(capture: Desk, office: Desk) -> None:
    case_id = capture.open_case()
    given = give(capture, case_id)
    assert (given["text_sha256"], given["language"], given["ended_as"]) == (SHA256, "vi", None)
    assert str(given["recorded_by"]).startswith("key:")
    told = office.call("GET", f"/cases/{case_id}/consents").get_json()
    assert told == {"consents": [given]}
    assert office.call("GET", f"/cases/{case_id}/export").get_json()["consents"] == [given]


def test_the_same_text_again_changes_nothing(capture: Desk) -> None:
    case_id = capture.open_case()
    assert give(capture, case_id) == give(capture, case_id, given_at="2026-11-30T10:00:00+07:00")


def test_another_text_replaces_the_receipt_and_keeps_it(capture: Desk) -> None:
    case_id = capture.open_case()
    give(capture, case_id)
    give(capture, case_id, text_version="2026-12")
    old, new = capture.call("GET", f"/cases/{case_id}/consents").get_json()["consents"]
    assert (old["ended_as"], new["ended_as"], new["text_version"]) == ("replaced", None, "2026-12")


def test_a_consent_is_withdrawn_once_and_for_its_purpose_alone(
    capture: Desk, office: Desk, store: Store
) -> None:
    case_id = capture.open_case()
    give(capture, case_id)
    give(capture, case_id, purpose="identity_verification")
    path, body = f"/cases/{case_id}/consents/withdrawal", {"purpose": "biometric_processing"}
    assert office.call("POST", path, json=body).status_code == 204
    assert error(office.call("POST", path, json=body)) == (404, "consent_unknown")
    assert consents.purposes_held(store, uuid.UUID(case_id)) == {"identity_verification"}
    kinds = [
        row["kind"] for row in office.call("GET", f"/cases/{case_id}/events").get_json()["events"]
    ]
    assert kinds.count("consent_given") == 2
    assert kinds.count("consent_withdrawn") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": "marketing"},
        {"text_sha256": "abc"},
        {"language": "fr"},
        {"given_at": "2026-11-30T09:00:00"},
        {"name": "NGUYỄN VĂN MẪU"},
    ],
)
def test_what_is_no_receipt_is_refused(capture: Desk, changes: dict[str, object]) -> None:
    case_id = capture.open_case()
    answer = capture.call("POST", f"/cases/{case_id}/consents", json={**RECEIPT, **changes})
    assert error(answer) == (422, "body_invalid")


def test_receipts_outlive_the_erasure_of_the_case(
    capture: Desk, admin: Desk, office: Desk, store: Store
) -> None:
    case_id = capture.submitted_case()
    give(capture, case_id)
    decide_case(store, case_id)
    assert admin.call("DELETE", f"/cases/{case_id}").status_code == 204
    assert len(office.call("GET", f"/cases/{case_id}/consents").get_json()["consents"]) == 1
    again = capture.call("POST", f"/cases/{case_id}/consents", json=RECEIPT)
    assert error(again) == (410, "case_erased")
