"""The desk against the real gateway: what is captured arrives once, whatever the line does."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from capture_client.desk import Desk, now, open_desk
from capture_client.desk_case import DeskCase
from capture_client.desk_values import ConsentReceipt, Means, Origin, Step
from capture_client.events import (
    ChallengeWanted,
    ConsentGiven,
    FieldEdited,
    StepChosen,
    SubmitChosen,
)
from capture_client.flow import Flow
from capture_client.forwarder import Pauses
from pipeline.case import CaseStatus
from pipeline.consent import Purpose
from pipeline.findings import FieldName, Rejection
from pipeline.reasons import ReasonCode
from pipeline.stages import EvidenceKind, Stage
from tests.integration.capture_client.bad_line import BadLine
from tests.integration.capture_client.bank import Bank
from tests.integration.capture_client.conftest import Gateway
from tests.unit.api import files
from tests.unit.pipeline import factories

FRONT, BACK, SELFIE, CLIP = (
    EvidenceKind.CARD_FRONT,
    EvidenceKind.CARD_BACK,
    EvidenceKind.SELFIE,
    EvidenceKind.CLIP,
)
QUICK = Pauses(first_s=0.1, longest_s=0.5, look_s=0.1, longest_look_s=0.5)
FILE = Origin(means=Means.FILE)
TIMEOUT_S = 60.0
JUDGED = {CaseStatus.APPROVED, CaseStatus.RETAKE, CaseStatus.REVIEW}

SignIn = Callable[[str], Path]


def film(size: int = 60_000) -> bytes:
    """A file that is whole to the gateway, and never the same twice."""
    return files.film(payload=os.urandom(size))


def consent() -> ConsentGiven:
    return ConsentGiven(
        receipt=ConsentReceipt(
            purposes=(Purpose.IDENTITY_VERIFICATION, Purpose.BIOMETRIC_PROCESSING),
            text_version="1", text_sha256=hashlib.sha256(b"text").hexdigest(), language="vi", given_at=now(),
        )
    )  # fmt: skip


def begin(desk: Desk, url: str, key: str = "desk-key-0001") -> DeskCase:
    case = desk.begin(gateway=url, idempotency_key=key)
    case.tell(consent())
    return case


def take_stills(case: DeskCase) -> None:
    for step, kind, colour in (
        (Step.CARD_FRONT, FRONT, 10), (Step.CARD_BACK, BACK, 20), (Step.SELFIE, SELFIE, 30),
    ):  # fmt: skip
        case.tell(StepChosen(step=step))
        case.capture(kind, files.picture(colour=colour), origin=FILE, at=now())
        if step is Step.CARD_BACK:
            case.tell(StepChosen(step=Step.FIELDS))
    case.tell(StepChosen(step=Step.CHALLENGE))


def answer_challenge(case: DeskCase, clip: bytes) -> None:
    case.tell(ChallengeWanted())
    wait(case, lambda flow: flow.challenge is not None)
    challenge = case.flow.challenge
    assert challenge is not None
    case.capture(CLIP, clip, origin=FILE, at=now(), challenge_id=challenge.id)


def wait(case: DeskCase, holds: Callable[[Flow], bool]) -> None:
    assert case.wait_for(holds, timeout_s=TIMEOUT_S), case.flow


def hand_in(case: DeskCase) -> None:
    wait(case, lambda flow: flow.reading is not None)
    case.tell(StepChosen(step=Step.REVIEW))
    case.tell(SubmitChosen(at=now()))
    wait(case, lambda flow: not flow.submit_wanted and flow.status in JUDGED)


def test_a_case_goes_through_and_the_disk_is_wiped(
    gateway: Gateway, bank: Bank, signed_in: SignIn
) -> None:
    folder, clip = signed_in(gateway.url), film()
    with open_desk(folder, pauses=QUICK) as desk:
        case = begin(desk, gateway.url)
        take_stills(case)
        answer_challenge(case, clip)
        wait(case, lambda flow: flow.reading is not None)
        case.tell(FieldEdited(field=FieldName.FULL_NAME, value="TRẦN VĂN B"))
        bank.findings[Stage.READ_CARD] = factories.card()
        case.tell(StepChosen(step=Step.REVIEW))
        case.tell(SubmitChosen(at=now()))
        wait(
            case, lambda flow: flow.status is CaseStatus.REVIEW
        )  # an edit is looked at by a person
        assert desk.cases == ()
    case_id = bank.only_case()
    assert bank.digests(case_id)["clip"] == hashlib.sha256(clip).hexdigest()
    events = bank.events(case_id)
    for once in ("case_opened", "evidence_received clip", "fields_edited", "case_submitted"):
        assert events.count(once) == 1, events
    assert not list(folder.glob("*/*.bin"))
    assert not list(folder.glob("*/*.step"))


def test_a_line_that_is_cut_again_and_again_loses_and_doubles_nothing(
    line: BadLine, bank: Bank, signed_in: SignIn
) -> None:
    line.cut_after = (800, 700_000)
    clip = film(3_500_000)
    with open_desk(signed_in(line.url), pauses=QUICK) as desk:
        case = begin(desk, line.url)
        take_stills(case)
        answer_challenge(case, clip)
        hand_in(case)
    assert line.connections > 8
    case_id = bank.only_case()
    assert bank.digests(case_id)["clip"] == hashlib.sha256(clip).hexdigest()
    events = bank.events(case_id)
    for once in (
        "case_opened",
        "evidence_received clip",
        "evidence_received selfie",
        "case_submitted",
    ):
        assert events.count(once) == 1, events


def test_hours_without_a_line_only_put_off_what_needs_it(
    line: BadLine, bank: Bank, signed_in: SignIn
) -> None:
    line.down = True
    folder = signed_in(line.url)
    with open_desk(folder, pauses=QUICK) as desk:
        case = begin(desk, line.url)
        take_stills(case)
        case.tell(ChallengeWanted())
        wait(case, lambda flow: flow.held is not None)
        (row,) = desk.queue()
        assert row.waits_for == "unreachable"
        assert case.flow.challenge is None
    line.down = False
    with open_desk(folder, pauses=QUICK) as desk:  # the client was started anew meanwhile
        (case,) = desk.cases
        wait(case, lambda flow: flow.reading is not None)  # nobody has to be there for that
        assert case.flow.challenge is None
        desk.attend(case)
        answer_challenge(case, film())
        hand_in(case)
        assert case.flow.status is CaseStatus.APPROVED
    assert bank.events(bank.only_case()).count("challenge_issued") == 1


def test_a_retake_opens_what_it_names_and_ends_well(
    gateway: Gateway, bank: Bank, signed_in: SignIn
) -> None:
    bank.findings[Stage.MATCH_FACE] = factories.face(
        similarity=None, fmr=None, band=None, rejected=Rejection(code=ReasonCode.FACE_BLURRED)
    )
    with open_desk(signed_in(gateway.url), pauses=QUICK) as desk:
        case = begin(desk, gateway.url)
        take_stills(case)
        answer_challenge(case, film())
        hand_in(case)
        assert case.flow.status is CaseStatus.RETAKE
        assert case.flow.step is Step.SELFIE
        assert case.flow.guidance
        bank.findings[Stage.MATCH_FACE] = factories.face()
        case.capture(SELFIE, files.picture(colour=99), origin=FILE, at=now())
        hand_in(case)
        assert case.flow.status is CaseStatus.APPROVED
        assert desk.cases == ()


def test_several_cases_wait_side_by_side(line: BadLine, bank: Bank, signed_in: SignIn) -> None:
    line.down = True
    with open_desk(signed_in(line.url), pauses=QUICK) as desk:
        cases = [begin(desk, line.url, key=f"desk-key-000{n}") for n in range(3)]
        for case in cases:
            take_stills(case)
        assert len(desk.queue()) == 3
        line.down = False
        for case in cases:
            wait(case, lambda flow: flow.reading is not None)
    assert len(bank.rows("SELECT id FROM cases")) == 3
    assert len(bank.rows("SELECT id FROM blobs")) == 9


def test_a_revoked_key_holds_everything_and_a_new_one_goes_on(
    gateway: Gateway, bank: Bank, signed_in: SignIn, api_key: str
) -> None:
    from capture_client.sign_in import keep_key
    from store.api_keys import Scope, create_key, revoke_key

    folder = signed_in(gateway.url)
    with open_desk(folder, pauses=QUICK) as desk:
        case = begin(desk, gateway.url)
        wait(case, lambda flow: flow.consent_arrived)
        revoke_key(bank.store, api_key.split("_")[1], actor="test")
        take_stills(case)
        wait(case, lambda flow: flow.held is not None)
        assert [row.waits_for for row in desk.queue()] == ["key_refused"]
        key, _ = create_key(
            bank.store, name="new", scopes={Scope.CAPTURE}, branch="HN-01", actor="test"
        )
        keep_key(desk.vault, gateway.url, key)
        wait(case, lambda flow: flow.reading is not None)
    assert set(bank.digests(bank.only_case())) == {"card_front", "card_back", "selfie"}


@pytest.mark.parametrize("skew_h", [-30, 30])
def test_a_clock_that_is_wrong_by_a_day_harms_nothing(
    gateway: Gateway, bank: Bank, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, skew_h: int
) -> None:
    from datetime import timedelta

    true_now = now
    skewed = lambda: true_now() + timedelta(hours=skew_h)  # noqa: E731
    monkeypatch.setattr("capture_client.desk.now", skewed)
    monkeypatch.setattr("tests.integration.capture_client.test_desk.now", skewed)
    with open_desk(signed_in(gateway.url), pauses=QUICK) as desk:
        case = begin(desk, gateway.url)
        take_stills(case)
        answer_challenge(case, film())
        hand_in(case)
        assert case.flow.status is CaseStatus.APPROVED


def test_a_challenge_that_expired_on_the_way_asks_the_customer_again(
    line: BadLine, bank: Bank, signed_in: SignIn
) -> None:
    with open_desk(signed_in(line.url), pauses=QUICK) as desk:
        case = begin(desk, line.url)
        take_stills(case)
        case.tell(ChallengeWanted())
        wait(case, lambda flow: flow.challenge is not None)
        line.down = True
        challenge = case.flow.challenge
        assert challenge is not None
        case.capture(CLIP, film(), origin=FILE, at=now(), challenge_id=challenge.id)
        bank.execute("UPDATE challenges SET expires_at = now() - interval '1 s'")
        line.down = False
        wait(case, lambda flow: flow.notice is not None)
        assert case.flow.notice is not None
        assert case.flow.notice.code == "challenge_expired"
        assert case.flow.step is Step.CHALLENGE
        answer_challenge(case, film())
        hand_in(case)
        assert case.flow.status is CaseStatus.APPROVED
