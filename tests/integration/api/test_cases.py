from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import redis
from flask import Flask

from api.settings import GatewaySettings
from pipeline.challenge import Action
from pipeline.findings import Band, CardVersion, FieldName, Rejection
from pipeline.reasons import REASONS, ReasonCode
from pipeline.stages import EvidenceKind, Stage
from store.api_keys import Scope
from store.database import Store
from tests.integration.api.desk import FRONT, Desk, DeskOf, decide_case, error, finish
from tests.unit.api import files
from tests.unit.pipeline import factories


def test_a_new_case_says_what_may_be_sent(capture: Desk) -> None:
    answer = capture.create(branch="HN-01", reference="A-1")
    told = answer.get_json()
    assert answer.headers["Location"] == f"/v1/cases/{told['id']}"
    assert [row["kind"] for row in told["accepts"]] == [str(kind) for kind in EvidenceKind]
    assert capture.case(told["id"])["missing"] == ["card_front", "selfie", "clip"]


def test_a_hundred_posts_with_one_key_open_one_case(app: Flask, desk_of: DeskOf) -> None:
    desk = desk_of(Scope.CAPTURE, Scope.BACKOFFICE)
    start = threading.Barrier(20)

    def post(number: int) -> str:
        if number < 20:
            start.wait()
        return desk.open_case("the-same-key", branch="HN-01")

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(post, range(100)))) == 1
    assert len(desk.call("GET", "/cases").get_json()["cases"]) == 1


def test_a_key_is_not_used_twice_for_different_bodies(capture: Desk, desk_of: DeskOf) -> None:
    first = capture.create("key-0001", branch="HN-01")
    again = capture.create("key-0001", branch="HN-01")
    assert first.headers["Idempotent-Replayed"] == "false"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == first.get_json()
    assert error(capture.create("key-0001", branch="HN-02")) == (422, "idempotency_key_reused")
    assert desk_of(Scope.CAPTURE).open_case("key-0001") != first.get_json()["id"]


def test_the_idempotency_key_is_needed(capture: Desk) -> None:
    answer = capture.call("POST", "/cases", json={})
    assert error(answer) == (400, "idempotency_key_required")
    short = capture.call("POST", "/cases", json={}, headers={"Idempotency-Key": "x"})
    assert error(short) == (400, "header_invalid")


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"json": {"branch": "a\0b"}}, 422, "body_invalid"),
        ({"json": {"reference": "Nguyễn Văn A"}}, 422, "body_invalid"),
        ({"json": {"colour": "red"}}, 422, "body_invalid"),
        ({"json": ["x"]}, 422, "body_invalid"),
        ({"data": b"{", "content_type": "application/json"}, 422, "body_invalid"),
        ({"data": b"[" * 9999, "content_type": "application/json"}, 422, "body_invalid"),
        ({"data": b'"\xff\xfe"', "content_type": "application/json"}, 422, "body_invalid"),
        ({"data": b'{"branch": "\\ud800"}', "content_type": "application/json"}, 422, "body_invalid"),
        ({"data": b"a=1", "content_type": "text/plain"}, 415, "body_not_json"),
        ({"data": {"a": "1"}}, 415, "body_not_json"),
        ({"data": b" " * 70_000, "content_type": "application/json"}, 413, "body_too_large"),
    ],
)  # fmt: skip
def test_bodies_that_are_not_as_described_are_refused(
    capture: Desk, sent: dict[str, object], status: int, code: str
) -> None:
    answer = capture.call("POST", "/cases", headers={"Idempotency-Key": uuid4().hex}, **sent)
    assert error(answer) == (status, code)
    assert "Nguyễn" not in answer.get_data(as_text=True)


def test_a_challenge_is_drawn_and_drawn_again(capture: Desk) -> None:
    case_id = capture.open_case()
    told = [capture.challenge(case_id) for _ in range(8)]
    assert len({row["nonce"] for row in told}) == 8
    assert len({tuple(step["action"] for step in row["steps"]) for row in told}) > 1
    assert capture.case(case_id)["challenge"]["id"] == told[-1]["id"]
    assert "nonce" not in capture.case(case_id)["challenge"]


def test_what_a_person_cannot_do_is_not_asked(capture: Desk) -> None:
    case_id = capture.open_case()
    for _ in range(5):
        told = capture.challenge(case_id, exclude=[Action.BLINK])
        assert Action.BLINK not in {step["action"] for step in told["steps"]}
    assert capture.case(case_id)["challenge"]["excluded"] == ["blink"]
    both = {"exclude": [Action.BLINK, Action.SMILE]}
    answer = capture.call("POST", f"/cases/{case_id}/challenge", json=both)
    assert error(answer) == (422, "challenge_impossible")


def test_what_was_left_out_stays_on_record(capture: Desk, office: Desk) -> None:
    case_id = capture.open_case()
    capture.challenge(case_id, exclude=[Action.SMILE])
    assert office.call("GET", f"/cases/{case_id}/export").get_json()["case"]["challenge"][
        "excluded"
    ] == ["smile"]
    events = office.call("GET", f"/cases/{case_id}/events").get_json()["events"]
    (issued,) = (row for row in events if row["kind"] == "challenge_issued")
    assert issued["payload"]["excluded"] == ["smile"]


def test_submit_names_what_is_missing(capture: Desk) -> None:
    case_id = capture.open_case()
    capture.put(case_id, FRONT, files.picture())
    answer = capture.call("POST", f"/cases/{case_id}/submit")
    assert error(answer) == (422, "evidence_missing")
    assert answer.get_json()["kinds"] == ["clip", "selfie"]


def test_submit_is_refused_while_the_number_is_missing(capture: Desk, store: Store) -> None:
    case_id = capture.open_case()
    capture.send_everything(case_id)
    unread = factories.card_with(FieldName.ID_NUMBER, None)
    finish(store, case_id, Stage.READ_CARD, unread)
    answer = capture.call("POST", f"/cases/{case_id}/submit")
    assert error(answer) == (422, "field_required")
    assert answer.get_json()["fields"] == ["id_number"]


def test_a_submitted_case_takes_nothing_more(capture: Desk) -> None:
    case_id = capture.submitted_case()
    for answer in (
        capture.call("POST", f"/cases/{case_id}/submit"),
        capture.put(case_id, FRONT, files.picture(colour=1)),
        capture.call("POST", f"/cases/{case_id}/challenge", json={}),
    ):
        assert error(answer) == (409, "case_wrong_status")
        assert answer.get_json()["case_status"] == "processing"


def test_replacing_the_card_voids_the_match(capture: Desk, office: Desk, store: Store) -> None:
    case_id = capture.open_case()
    capture.send_everything(case_id)
    for stage in (Stage.READ_CARD, Stage.MATCH_FACE):
        finish(store, case_id, stage)
    assert office.stage(case_id, Stage.MATCH_FACE)["summary"]["band"] == "match"
    assert capture.put(case_id, FRONT, files.picture(colour=7)).get_json()["changed"] is True
    voided = office.stage(case_id, Stage.MATCH_FACE)
    assert (voided["status"], voided["summary"]) == ("pending", None)


def test_bells_ring_after_the_commit(capture: Desk, broker: redis.Redis) -> None:
    case_id = capture.open_case()
    capture.put(case_id, FRONT, files.picture())
    assert broker.llen("ocr") == 1
    assert case_id in str(broker.lindex("ocr", 0))
    assert broker.llen("face") == 0


def test_the_capture_client_never_sees_a_score(capture: Desk, office: Desk, store: Store) -> None:
    case_id = capture.submitted_case()
    finish(store, case_id, Stage.READ_CARD)
    finish(store, case_id, Stage.MATCH_FACE, factories.face(similarity=0.4242))
    seen = capture.call("GET", f"/cases/{case_id}")
    assert "0.4242" not in seen.text
    assert "similarity" not in seen.text
    assert "0.4242" in office.call("GET", f"/cases/{case_id}").text


def test_guidance_follows_the_language(capture: Desk, store: Store) -> None:
    case_id = capture.open_case()
    capture.put(case_id, FRONT, files.picture())
    rejected = factories.card(rejected=Rejection(code=ReasonCode.CARD_BLURRED), fields={})
    finish(store, case_id, Stage.READ_CARD, rejected)
    spec = REASONS[ReasonCode.CARD_BLURRED]
    for header, text in (("vi-VN,vi;q=0.9", spec.customer_vi), ("en-GB", spec.customer_en)):
        (line,) = capture.case(case_id, **{"Accept-Language": header})["guidance"]
        assert line == {"text": text, "retake": ["card_front"]}


def test_an_unchanged_case_costs_a_304(capture: Desk) -> None:
    case_id = capture.open_case()
    first = capture.call("GET", f"/cases/{case_id}")
    known = {"If-None-Match": first.headers["ETag"]}
    assert capture.call("GET", f"/cases/{case_id}", headers=known).status_code == 304
    english = {**known, "Accept-Language": "en"}
    assert capture.call("GET", f"/cases/{case_id}", headers=english).status_code == 200
    capture.put(case_id, FRONT, files.picture())
    assert capture.call("GET", f"/cases/{case_id}", headers=known).status_code == 200


def test_the_long_poll_answers_when_the_case_changes(capture: Desk, desk_of: DeskOf) -> None:
    case_id = capture.open_case()
    other = desk_of(Scope.CAPTURE)
    known = {"If-None-Match": capture.call("GET", f"/cases/{case_id}").headers["ETag"]}
    timer = threading.Timer(0.6, other.put, (case_id, FRONT, files.picture()))
    began = time.monotonic()
    timer.start()
    answer = capture.call("GET", f"/cases/{case_id}?wait=5", headers=known)
    timer.join()
    assert answer.status_code == 200
    assert 0.5 < time.monotonic() - began < 4


def test_the_long_poll_ends_without_a_change(capture: Desk) -> None:
    case_id = capture.open_case()
    known = {"If-None-Match": capture.call("GET", f"/cases/{case_id}").headers["ETag"]}
    began = time.monotonic()
    assert capture.call("GET", f"/cases/{case_id}?wait=0.5", headers=known).status_code == 304
    assert time.monotonic() - began >= 0.5
    for wrong in ("?wait=soon", "?wait=-1", "?wait=600", "?sleep=1"):
        assert error(capture.call("GET", f"/cases/{case_id}{wrong}")) == (422, "query_invalid")


def test_waiting_never_takes_all_threads(
    app: Flask, capture: Desk, gateway_settings: GatewaySettings
) -> None:
    case_id = capture.open_case()
    known = {"If-None-Match": capture.call("GET", f"/cases/{case_id}").headers["ETag"]}
    places = app.extensions["ekyc"].waiting_room
    for _ in range(gateway_settings.long_poll_slots):
        assert places.acquire(blocking=False)
    began = time.monotonic()
    assert capture.call("GET", f"/cases/{case_id}?wait=5", headers=known).status_code == 304
    assert time.monotonic() - began < 2
    places.release()


def test_the_list_is_paged_and_misses_nothing(capture: Desk, office: Desk) -> None:
    opened = [capture.open_case(branch=f"B-{number % 2}") for number in range(7)]
    listed, cursor = [], ""
    while True:
        page = office.call("GET", f"/cases?limit=3{cursor}").get_json()
        listed += [case["id"] for case in page["cases"]]
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(listed) == sorted(opened)
    assert len(listed) == 7
    of_branch = office.call("GET", "/cases?branch=B-1&status=open,review").get_json()["cases"]
    assert {case["id"] for case in of_branch} == set(opened[1::2])
    assert office.call("GET", "/cases?status=approved").get_json()["cases"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("status=lost", "query_invalid"),
        ("since=yesterday", "query_invalid"),
        ("since=2026-11-23T08:00:00", "query_invalid"),
        ("limit=0", "query_invalid"),
        ("limit=201", "query_invalid"),
        ("cursor=abc", "cursor_invalid"),
        ("cursor=%00", "query_invalid"),
    ],
)
def test_wrong_queries_are_refused(office: Desk, query: str, code: str) -> None:
    assert error(office.call("GET", f"/cases?{query}")) == (422, code)


def test_erasing_leaves_the_skeleton(capture: Desk, desk_of: DeskOf, store: Store) -> None:
    judge = desk_of(Scope.REVIEWER, Scope.AUDITOR, Scope.ADMIN)
    case_id = capture.submitted_case()
    open_case = capture.open_case()
    assert error(judge.call("DELETE", f"/cases/{open_case}")) == (409, "case_wrong_status")
    decide_case(store, case_id, card=factories.card(version=CardVersion.UNKNOWN))
    approved = {"outcome": "rejected", "reason": "seen in person"}
    assert judge.call("POST", f"/cases/{case_id}/verdict", json=approved).status_code == 200
    assert judge.call("DELETE", f"/cases/{case_id}").status_code == 204
    assert error(judge.call("GET", f"/cases/{case_id}/evidence/selfie")) == (410, "case_erased")
    assert error(judge.call("GET", f"/cases/{case_id}/export")) == (410, "case_erased")
    events = judge.call("GET", f"/cases/{case_id}/events").get_json()["events"]
    assert events[0]["kind"] == "case_opened"
    assert "erased" in [event["payload"].get("to") for event in events]
    assert judge.case(case_id)["status"] == "erased"


# ---------------------------------------------------------------- reviewers


def in_review(capture: Desk, store: Store) -> str:
    case_id = capture.submitted_case()
    unsure = factories.face(band=Band.REVIEW, similarity=0.5, fmr=1e-3)
    decide_case(store, case_id, face=unsure)
    return case_id


def test_a_claimed_case_is_decided_by_nobody_else(
    capture: Desk, desk_of: DeskOf, store: Store
) -> None:
    case_id = in_review(capture, store)
    anna, binh = desk_of(Scope.REVIEWER), desk_of(Scope.REVIEWER)
    claim = anna.call("POST", f"/cases/{case_id}/claim")
    assert claim.status_code == 200
    assert claim.get_json()["claimed_by"].startswith("key:")
    verdict = {"outcome": "approved", "reason": "documents and face compared"}
    for method, path, body in (
        ("POST", "claim", None), ("DELETE", "claim", None), ("POST", "verdict", verdict),
    ):  # fmt: skip
        answer = binh.call(method, f"/cases/{case_id}/{path}", json=body)
        assert error(answer) == (409, "review_claimed")
    assert anna.call("DELETE", f"/cases/{case_id}/claim").status_code == 204
    assert binh.call("POST", f"/cases/{case_id}/verdict", json=verdict).status_code == 200
    assert error(anna.call("POST", f"/cases/{case_id}/claim")) == (409, "case_wrong_status")


def test_a_verdict_is_about_the_case_that_was_looked_at(
    capture: Desk, reviewer: Desk, store: Store
) -> None:
    case_id = in_review(capture, store)
    etag = reviewer.call("GET", f"/cases/{case_id}").headers["ETag"]
    verdict = {"outcome": "rejected", "reason": "another person"}
    reviewer.call("POST", f"/cases/{case_id}/claim")
    path = f"/cases/{case_id}/verdict"
    stale = reviewer.call("POST", path, json=verdict, headers={"If-Match": etag})
    assert error(stale) == (412, "case_version_stale")
    etag = reviewer.call("GET", f"/cases/{case_id}").headers["ETag"]
    assert reviewer.call("POST", path, json=verdict, headers={"If-Match": etag}).status_code == 200
