"""Derived pictures over the API: listed without content, looked at one by one, each look on record."""

from __future__ import annotations

from store import audit
from store.api_keys import Scope
from store.database import Store
from tests.integration.api.console.judged import judged_case
from tests.integration.api.desk import Desk, DeskOf, error
from tests.unit.api import files


def test_pictures_are_listed_and_looked_at(reviewer: Desk, store: Store) -> None:
    case_id = judged_case(store)
    listed = reviewer.call("GET", f"/cases/{case_id}/pictures").get_json()["pictures"]
    assert {row["name"] for row in listed} == {
        "card_front", "card_back", "portrait", "face", "still_00",
    }  # fmt: skip
    (still,) = (row for row in listed if row["name"] == "still_00")
    assert (still["time_s"], still["shows"], still["band"]) == (2.5, "turn_left", "review")
    before = len(audit.events(store, case_id))
    answer = reviewer.call("GET", f"/cases/{case_id}/pictures/still_00")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.data == files.picture()
    (looked,) = audit.events(store, case_id)[before:]
    assert (looked.kind, looked.payload["name"]) == ("picture_viewed", "still_00")
    unknown = reviewer.call("GET", f"/cases/{case_id}/pictures/still_77")
    assert error(unknown) == (404, "evidence_unknown")


def test_only_reviewers_see_them(desk_of: DeskOf, store: Store) -> None:
    case_id = judged_case(store)
    for scope in (Scope.CAPTURE, Scope.BACKOFFICE, Scope.AUDITOR):
        for path in ("pictures", "pictures/portrait"):
            answer = desk_of(scope).call("GET", f"/cases/{case_id}/{path}")
            assert error(answer) == (403, "scope_missing")
