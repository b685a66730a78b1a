"""What is done about answers that no test of the real gateway brings about easily."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from capture_client import events as e
from capture_client.api_client import CaptureApi
from capture_client.calls import Line, call_gateway
from capture_client.desk_case import DeskCase
from capture_client.desk_values import Step
from capture_client.due import Call, next_call
from capture_client.events import FlowEvent
from capture_client.flow import Flow
from capture_client.forwarder import Forwarder
from capture_client.problems import DiskFull
from capture_client.spool import open_spool
from capture_client.transport import Patience
from capture_client.vault import FileVault
from pipeline.case import CaseStatus
from pipeline.findings import FieldName
from tests.unit.capture_client.desk_events import (
    CASE,
    FRONT,
    GOOD,
    NOW,
    TO_FIELDS,
    TO_REVIEW,
    arrived,
    read,
    sha,
)

Gateway = Callable[[httpx.Request], httpx.Response]
OPENED: tuple[FlowEvent, ...] = (*TO_FIELDS, e.CaseOpened(case_id=CASE), e.ConsentArrived())


@pytest.fixture
def case_of(tmp_path: Path) -> Callable[..., DeskCase]:
    """A case with a journal on a real disk; its evidence is the empty picture."""

    def make(*events: FlowEvent) -> DeskCase:
        case = DeskCase(open_spool(tmp_path, FileVault(tmp_path)).begin(), Flow(), lambda *_: None)
        for event in events:
            case.tell(event)
        case.evidence = lambda sha256: b"bytes"  # type: ignore[method-assign]
        return case

    return make


def problem(code: str, status: int, **members: object) -> httpx.Response:
    body = {"code": code, "title": "No.", "status": status, **members}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def api_of(gateway: Gateway) -> CaptureApi:
    return CaptureApi(
        "http://g", "key",
        transport=httpx.MockTransport(gateway), patience=Patience(attempts=1, first_pause_s=0),
    )  # fmt: skip


def forwarder_of(gateway: Gateway) -> Forwarder:
    api = api_of(gateway)
    return Forwarder(connect=lambda _: api, now=lambda: NOW, rng=random.Random(1))


def state(status: str = "open", reading: str = "pending") -> httpx.Response:
    return httpx.Response(
        200,
        json={
            "id": str(CASE), "version": 1, "status": status, "attempt": 1, "missing": [], "evidence": [],
            "stages": [{"stage": "read_card", "status": reading}], "guidance": [],
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (problem("unauthenticated", 401), "key_refused"),
        (problem("scope_missing", 403), "key_refused"),
        (problem("rate_limited", 429), "busy"),
        (httpx.Response(502, text="<html>"), "busy"),
        (httpx.Response(403, text="<html> a proxy's page"), "busy"),
        (problem("internal_error", 500), "busy"),
        (problem("digest_mismatch", 422), "digest_mismatch"),
    ],
)
def test_a_refusal_holds_the_case_and_says_why(
    case_of: Callable[..., DeskCase], answer: httpx.Response, code: str
) -> None:
    case = case_of(*OPENED)
    rest_s = forwarder_of(lambda _: answer).forward(case, is_attended=False)
    assert rest_s is not None
    assert rest_s >= 0.5
    assert case.flow.held is not None
    assert case.flow.held.code == code
    assert FRONT in case.flow.captures


def test_rests_double_up_to_a_minute(case_of: Callable[..., DeskCase]) -> None:
    case, forwarder = case_of(*OPENED), forwarder_of(lambda _: httpx.Response(503))
    rests_s = [forwarder.forward(case, is_attended=False) or 0.0 for _ in range(12)]
    assert rests_s[0] <= 1.0
    assert all(30.0 <= rest_s <= 60.0 for rest_s in rests_s[-3:])


@pytest.mark.parametrize("code", ["case_unknown", "case_erased", "attempts_exhausted"])
def test_a_case_that_cannot_go_on_is_kept_and_says_so(
    case_of: Callable[..., DeskCase], code: str
) -> None:
    case = case_of(*OPENED)
    forwarder = forwarder_of(lambda _: problem(code, 404))
    forwarder.forward(case, is_attended=True)
    assert (case.flow.lost, case.flow.step) == (code, Step.RESULT)
    assert forwarder.forward(case, is_attended=True) is None


def test_evidence_that_the_gateway_cannot_take_is_captured_again(
    case_of: Callable[..., DeskCase],
) -> None:
    case = case_of(*OPENED)
    forwarder_of(lambda _: problem("evidence_type_refused", 415)).forward(case, is_attended=True)
    assert case.flow.step is Step.CARD_FRONT
    assert FRONT not in case.flow.captures


def test_a_case_that_somebody_else_handed_in_is_looked_at(
    case_of: Callable[..., DeskCase],
) -> None:
    def gateway(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return state("processing")
        return problem("case_wrong_status", 409, case_status="processing")

    case = case_of(*OPENED)
    forwarder_of(gateway).forward(case, is_attended=False)
    assert case.flow.status is CaseStatus.PROCESSING
    assert not case.flow.stored
    assert case.flow.notice is not None
    assert case.flow.notice.code == "evidence_differs"


def test_edits_of_a_card_that_is_read_again_are_sent_again(
    case_of: Callable[..., DeskCase],
) -> None:
    def gateway(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            return problem("fields_not_ready", 409)
        if request.url.path.endswith("/fields"):
            fields = {"version": 9, "ready": False, "rejected": None, "fields": {}}
            return httpx.Response(200, json=fields)
        return state()

    edit = e.FieldEdited(field=FieldName.FULL_NAME, value="B")
    back = arrived(TO_FIELDS[4].kind)  # type: ignore[union-attr]
    case = case_of(*OPENED, arrived(FRONT), back, read(**GOOD), edit)
    assert next_call(case.flow, is_attended=False) is Call.SEND_EDITS
    forwarder_of(gateway).forward(case, is_attended=False)
    assert case.flow.reading is None
    assert not case.flow.edits[FieldName.FULL_NAME].arrived
    assert next_call(case.flow, is_attended=False) is Call.LOOK


def test_a_card_whose_engine_is_dead_does_not_keep_the_case(
    case_of: Callable[..., DeskCase],
) -> None:
    def gateway(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/fields"):
            fields = {"version": 9, "ready": False, "rejected": None, "fields": {}}
            return httpx.Response(200, json=fields)
        return state(reading="dead")

    case = case_of(*OPENED)
    line = Line(api=api_of(gateway), now=NOW)
    event = call_gateway(line, case, Call.READ_FIELDS)
    assert isinstance(event, e.FieldsRead)
    assert event.failed


def test_too_few_actions_to_draw_from_are_told(case_of: Callable[..., DeskCase]) -> None:
    case = case_of(*[event for event in TO_REVIEW[:13] if not isinstance(event, e.ChallengeIssued)])
    case.tell(e.StepChosen(step=Step.CHALLENGE))
    case.tell(e.ChallengeWanted())
    gateway = forwarder_of(lambda _: problem("challenge_impossible", 422))
    gateway.forward(case, is_attended=True)
    assert case.flow.challenge_wanted is None
    assert case.flow.notice is not None
    assert case.flow.notice.code == "challenge_impossible"


def test_when_the_disk_is_full_an_answer_did_not_happen_and_is_asked_for_again(
    case_of: Callable[..., DeskCase], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def gateway(request: httpx.Request) -> httpx.Response:
        taken.append(request.url.path)
        answer = {"kind": "card_front", "sha256": sha(FRONT), "size": 5, "changed": True}
        return httpx.Response(200, json=answer)

    def full(*_args: object) -> None:
        raise DiskFull("spool")

    case, forwarder = case_of(*OPENED), forwarder_of(gateway)
    with monkeypatch.context() as patch:
        patch.setattr("capture_client.spool.CaseSpool.append", full)
        assert forwarder.forward(case, is_attended=False)
    assert forwarder.trouble == {case.id: "disk_full"}
    assert not case.flow.captures[FRONT].arrived
    forwarder.forward(case, is_attended=False)
    assert forwarder.trouble == {}
    assert case.flow.captures[FRONT].arrived
    assert len(taken) == 2
