from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api.gateway import Language
from api.guidance import guide, missing_evidence
from api.views import capture_view, staff_view
from pipeline.case import CaseStatus
from pipeline.reasons import REASONS, ReasonCode
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome
from store.cases import CaseView, EvidenceView, StageView, VerdictView

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
FRONT, BACK, SELFIE, CLIP, _CHIP = EvidenceKind


def _evidence(kind: EvidenceKind, at: datetime = NOW) -> EvidenceView:
    return EvidenceView(kind=kind, sha256="ab" * 32, size=9, mime="image/jpeg", received_at=at)


def _stage(stage: Stage, **summary: Any) -> StageView:
    return StageView(
        stage=stage, status="done", generation=1, attempts=1, summary=summary or None,
        queued_at=NOW, started_at=NOW, finished_at=NOW, duration_ms=9.5, worker="w", error_code=None,
    )  # fmt: skip


def _case(**changes: Any) -> CaseView:
    case = CaseView(
        id=UUID(int=1), status=CaseStatus.OPEN, version=3, branch="HN-01", reference=None, attempt=1,
        created_at=NOW, submitted_at=None, decided_at=None, expires_at=None,
        evidence={}, stages={}, verdict=None, challenge=None,
    )  # fmt: skip
    return replace(case, **changes)


def _verdict(outcome: Outcome, *codes: ReasonCode) -> VerdictView:
    rows = [
        {
            "code": str(code), "stage": str(REASONS[code].stage), "weight": str(REASONS[code].severity),
            "retake": [str(kind) for kind in REASONS[code].retake], "facts": {"similarity": 0.31},
        }
        for code in codes
    ]  # fmt: skip
    retake = tuple(k for code in codes for k in REASONS[code].retake)
    return VerdictView(
        outcome=outcome, reasons=rows, retake=retake, policy_version="p", decided_by="w", decided_at=NOW
    )  # fmt: skip


def test_a_new_case_misses_what_is_needed() -> None:
    assert missing_evidence(_case()) == (FRONT, SELFIE, CLIP)


@pytest.mark.parametrize(
    ("version", "missing"),
    [("chip_2021", (BACK,)), ("can_cuoc_2024", (BACK,)), ("barcode_2016", ()), ("unknown", ())],
)
def test_the_back_is_missed_when_the_card_needs_it(
    version: str, missing: tuple[EvidenceKind, ...]
) -> None:
    evidence = {kind: _evidence(kind) for kind in (FRONT, SELFIE, CLIP)}
    stages = {Stage.READ_CARD: _stage(Stage.READ_CARD, version=version, rejected=None)}
    assert missing_evidence(_case(evidence=evidence, stages=stages)) == missing


def test_what_was_sent_since_the_verdict_is_not_missed() -> None:
    verdict = _verdict(Outcome.RETAKE, ReasonCode.CARD_BLURRED, ReasonCode.FACE_DARK)
    evidence = {kind: _evidence(kind, NOW - timedelta(minutes=1)) for kind in (FRONT, SELFIE, CLIP)}
    evidence[FRONT] = _evidence(FRONT, NOW + timedelta(minutes=1))
    case = _case(status=CaseStatus.RETAKE, verdict=verdict, evidence=evidence)
    assert missing_evidence(case) == (SELFIE,)


@pytest.mark.parametrize(
    "status", [s for s in CaseStatus if s not in (CaseStatus.OPEN, CaseStatus.RETAKE)]
)
def test_nothing_is_missed_when_nothing_can_be_sent(status: CaseStatus) -> None:
    assert missing_evidence(_case(status=status)) == ()


def test_a_blurred_card_is_told_while_the_customer_is_there() -> None:
    stages = {Stage.READ_CARD: _stage(Stage.READ_CARD, rejected="card_blurred")}
    (line,) = guide(_case(stages=stages), Language.EN)
    assert (line.text, line.retake) == (REASONS[ReasonCode.CARD_BLURRED].customer_en, (FRONT,))


def test_damaged_evidence_names_the_stage_s_own_kind() -> None:
    stages = {Stage.MATCH_FACE: _stage(Stage.MATCH_FACE, rejected="evidence_undecodable")}
    (line,) = guide(_case(stages=stages), Language.VI)
    assert line.retake == (SELFIE,)


def test_attacks_cannot_be_told_apart_by_the_guidance() -> None:
    hard = [ReasonCode.FLAT_FACE, ReasonCode.IDENTITY_SWITCH, ReasonCode.FROZEN_CLIP]
    told = {
        guide(_case(status=CaseStatus.REJECTED, verdict=_verdict(Outcome.REJECTED, *codes)), Language.VI)
        for codes in ([hard[0]], [hard[1]], hard, [*hard, ReasonCode.CARD_BLURRED])
    }  # fmt: skip
    assert len(told) == 1
    assert all(line.retake == () for line in told.pop())


def test_capture_view_holds_no_code_score_or_fact() -> None:
    verdict = _verdict(Outcome.REJECTED, ReasonCode.FACE_NO_MATCH)
    stages = {Stage.MATCH_FACE: _stage(Stage.MATCH_FACE, similarity=0.31, band="no_match")}
    case = _case(status=CaseStatus.REJECTED, verdict=verdict, stages=stages)
    shown = capture_view(case, Language.EN).model_dump_json()
    for secret in (
        "0.31",
        "similarity",
        "no_match",
        "face_no_match",
        "reasons",
        "summary",
        "worker",
    ):
        assert secret not in shown
    assert "0.31" in staff_view(case, Language.EN).model_dump_json()


def test_staff_reads_the_reasons_in_the_language_asked_for() -> None:
    verdict = _verdict(Outcome.REJECTED, ReasonCode.FACE_NO_MATCH)
    case = _case(status=CaseStatus.REJECTED, verdict=verdict)
    for language, text in (
        (Language.VI, REASONS[ReasonCode.FACE_NO_MATCH].staff_vi),
        (Language.EN, REASONS[ReasonCode.FACE_NO_MATCH].staff_en),
    ):
        shown = staff_view(case, language).verdict
        assert shown is not None
        assert shown.reasons[0].text == text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, "Affected: the QR code, the date of expiry."),
        (Language.VI, "Phần bị ảnh hưởng: mã QR, ngày hết hạn."),
    ],
)
def test_guidance_names_the_parts_of_the_card_that_are_covered(
    language: Language, words: str
) -> None:
    verdict = _verdict(Outcome.RETAKE, ReasonCode.CARD_COVERED)
    verdict.reasons[0]["facts"] = {"front": "qr", "back": "date_of_expiry"}
    (told,) = guide(_case(status=CaseStatus.RETAKE, verdict=verdict), language)
    assert told.text.endswith(words)


def test_guidance_on_a_suspected_copy_says_no_more_than_that_staff_will_look() -> None:
    verdict = _verdict(Outcome.REVIEW, ReasonCode.CARD_SCREEN)
    verdict.reasons[0]["facts"] = {"front": 6.1}
    (told,) = guide(_case(status=CaseStatus.REVIEW, verdict=verdict), Language.EN)
    assert told.text == REASONS[ReasonCode.CARD_SCREEN].customer_en
