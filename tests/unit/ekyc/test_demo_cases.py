"""A verdict of the demo is right only with the right status, for a right reason, naming what to retake."""

from __future__ import annotations

import pytest

from ekyc.demo_cases import EXPECTATIONS, Expectation, as_expected
from pipeline.case import CaseStatus
from pipeline.reasons import ReasonCode
from pipeline.stages import EvidenceKind
from specimen.bundle import SCENARIOS

BLURRED = next(e for e in EXPECTATIONS if e.scenario == "blurred_card")
GENUINE = next(e for e in EXPECTATIONS if e.scenario == "genuine")


def test_every_story_of_the_main_job_is_told_once() -> None:
    names = [e.scenario for e in EXPECTATIONS]
    assert len(names) == len(set(names)) == 7
    assert set(names) <= set(SCENARIOS)


@pytest.mark.parametrize("expectation", EXPECTATIONS, ids=lambda e: e.scenario)
def test_everything_but_an_approval_needs_a_reason(expectation: Expectation) -> None:
    approves = CaseStatus.APPROVED in expectation.statuses
    assert approves is (not expectation.reasons)


def test_right_status_for_the_wrong_reason_is_wrong() -> None:
    front = [EvidenceKind.CARD_FRONT]
    assert as_expected(BLURRED, CaseStatus.RETAKE, [ReasonCode.CARD_BLURRED], front)
    assert not as_expected(BLURRED, CaseStatus.RETAKE, [ReasonCode.FACE_DARK], front)


def test_retake_must_name_the_right_evidence() -> None:
    assert not as_expected(
        BLURRED, CaseStatus.RETAKE, [ReasonCode.CARD_BLURRED], [EvidenceKind.CLIP]
    )


def test_review_of_the_genuine_customer_is_wrong() -> None:
    assert as_expected(GENUINE, CaseStatus.APPROVED, [], [])
    assert not as_expected(GENUINE, CaseStatus.REVIEW, [], [])
