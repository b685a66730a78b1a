from __future__ import annotations

import pytest

from pipeline.findings import FieldName
from pipeline.stages import Stage
from store.database import Store
from tests.integration.api.desk import FRONT, Desk, error, finish
from tests.unit.api import files
from tests.unit.pipeline import factories


@pytest.fixture
def read_case(capture: Desk, store: Store) -> str:
    case_id = capture.open_case()
    capture.put(case_id, FRONT, files.picture())
    finish(store, case_id, Stage.READ_CARD)
    return case_id


def test_fields_are_not_ready_before_the_card_is_read(capture: Desk) -> None:
    case_id = capture.open_case()
    told = capture.call("GET", f"/cases/{case_id}/fields").get_json()
    assert (told["ready"], told["fields"]) == (False, {})
    edit = capture.call(
        "PATCH", f"/cases/{case_id}/fields",
        json={"fields": {"sex": "Nam"}}, headers={"If-Match": f'"{told["version"]}"'},
    )  # fmt: skip
    assert error(edit) == (409, "fields_not_ready")


def test_fields_say_value_confidence_and_source(capture: Desk, read_case: str) -> None:
    told = capture.call("GET", f"/cases/{read_case}/fields").get_json()
    number = told["fields"]["id_number"]
    assert told["ready"] is True
    assert number["value"] == factories.VALUES[FieldName.ID_NUMBER]
    assert (number["source"], number["confidence"], number["edited"]) == ("ocr", 0.99, None)


def test_an_edit_keeps_what_stood_there(capture: Desk, reviewer: Desk, read_case: str) -> None:
    path = f"/cases/{read_case}/fields"
    etag = capture.call("GET", path).headers["ETag"]
    body = {"fields": {"full_name": "  NGUYỄN THỊ ÁNH "}}
    edited = capture.call("PATCH", path, json=body, headers={"If-Match": etag})
    name = edited.get_json()["fields"]["full_name"]
    assert edited.headers["ETag"] != etag
    assert (name["value"], name["source"]) == ("NGUYỄN THỊ ÁNH", "edited")
    assert name["edited"]["before"] == factories.VALUES[FieldName.FULL_NAME]
    assert name["edited"]["by"].startswith("key:")
    assert reviewer.call("GET", path).get_json() == edited.get_json()


def test_two_editors_do_not_overwrite_each_other(capture: Desk, read_case: str) -> None:
    path = f"/cases/{read_case}/fields"
    etag = capture.call("GET", path).headers["ETag"]
    first = {"json": {"fields": {"sex": "Nam"}}, "headers": {"If-Match": etag}}
    assert capture.call("PATCH", path, **first).status_code == 200
    assert error(capture.call("PATCH", path, **first)) == (412, "fields_version_stale")
    without = capture.call("PATCH", path, json={"fields": {"sex": "Nam"}})
    assert error(without) == (428, "fields_version_required")
    weak = capture.call("PATCH", path, json={"fields": {"sex": "Nam"}}, headers={"If-Match": "*"})
    assert error(weak) == (400, "header_invalid")


@pytest.mark.parametrize(
    "fields", [{}, {"shoe_size": "42"}, {"sex": ""}, {"sex": "N\0"}, {"sex": "x" * 301}, {"sex": 1}]
)
def test_edits_that_are_no_fields_are_refused(
    capture: Desk, read_case: str, fields: dict[str, object]
) -> None:
    answer = capture.call(
        "PATCH", f"/cases/{read_case}/fields", json={"fields": fields}, headers={"If-Match": '"1"'}
    )
    assert error(answer) == (422, "body_invalid")
