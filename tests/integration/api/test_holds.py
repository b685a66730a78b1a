from __future__ import annotations

from store.database import Store
from tests.integration.api.desk import Desk, decide_case, error

REASON = {"reason": "Order 12/2026 of the court"}


def test_what_is_on_hold_cannot_be_erased(capture: Desk, admin: Desk, store: Store) -> None:
    case_id = capture.submitted_case()
    decide_case(store, case_id)
    held = admin.call("POST", f"/cases/{case_id}/hold", json=REASON).get_json()["holds"]
    assert [row["released_at"] for row in held] == [None]
    assert "reason" not in held[0]
    assert error(admin.call("DELETE", f"/cases/{case_id}")) == (409, "case_on_hold")
    assert admin.call("DELETE", f"/cases/{case_id}/hold").status_code == 204
    assert error(admin.call("DELETE", f"/cases/{case_id}/hold")) == (404, "hold_unknown")
    assert admin.call("DELETE", f"/cases/{case_id}").status_code == 204
    (past,) = admin.call("GET", f"/cases/{case_id}/hold").get_json()["holds"]
    assert past["released_at"] is not None
    assert error(admin.call("POST", f"/cases/{case_id}/hold", json=REASON)) == (410, "case_erased")


def test_a_hold_needs_a_reason_and_an_admin(capture: Desk, admin: Desk, office: Desk) -> None:
    case_id = capture.open_case()
    assert error(admin.call("POST", f"/cases/{case_id}/hold", json={})) == (422, "body_invalid")
    assert error(office.call("POST", f"/cases/{case_id}/hold", json=REASON)) == (
        403,
        "scope_missing",
    )
