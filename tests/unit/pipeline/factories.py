"""Findings of a case with nothing wrong, to be altered one thing at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pipeline.challenge import Action
from pipeline.decision import Evidence
from pipeline.findings import (
    ActionFinding,
    Assurance,
    Band,
    CardFinding,
    CardVersion,
    Check,
    Cue,
    FaceFinding,
    FieldName,
    FieldReading,
    IdentityFinding,
    LivenessFinding,
    ModelRef,
    Source,
)
from pipeline.reasons import ReasonCode

MODEL = (ModelRef(name="test", sha256="0" * 64),)
TODAY = date(2026, 11, 23)

VALUES = {
    FieldName.ID_NUMBER: "038195000000",
    FieldName.FULL_NAME: "ĐẶNG THỊ ÁNH NGUYỆT",
    FieldName.DATE_OF_BIRTH: "1995-08-15",
    FieldName.SEX: "Nữ",
    FieldName.PLACE_OF_RESIDENCE: "Hoằng Hóa, Thanh Hóa",
    FieldName.DATE_OF_EXPIRY: "2035-08-15",
}


AGREEING = (Check(code=ReasonCode.QR_MISMATCH, passed=True, fields=("id_number",)),)


def reading(value: str, confidence: float = 0.99, source: Source = Source.OCR) -> FieldReading:
    return FieldReading(value=value, confidence=confidence, source=source, side="front")


def card(**changes: object) -> CardFinding:
    good = CardFinding(
        version=CardVersion.CHIP_2021,
        sides=("front", "back"),
        fields={name: reading(value) for name, value in VALUES.items()},
        checks=AGREEING,
        rejected=None,
        models=MODEL,
        timing_ms={"total": 1.0},
        assurance=Assurance.CODE_AGREES,
    )
    return replace(good, **changes)  # type: ignore[arg-type]


def card_with(name: FieldName, changed: FieldReading | None) -> CardFinding:
    fields = {k: v for k, v in card().fields.items() if k is not name}
    return card(fields={**fields, name: changed} if changed else fields)


def face(**changes: object) -> FaceFinding:
    good = FaceFinding(
        similarity=0.9,
        fmr=1e-6,
        band=Band.MATCH,
        rejected=None,
        backend="test",
        quality={},
        models=MODEL,
        timing_ms={},
    )
    return replace(good, **changes)  # type: ignore[arg-type]


CUES = (
    "flat_turn", "paper_turn", "squashed_blink", "frozen", "cut", "spliced", "several_faces",
    "screen", "screen_rim", "passive",
)  # fmt: skip


def cues(**suspicious: bool | None) -> tuple[Cue, ...]:
    return tuple(
        Cue(name=name, score=0.1, threshold=0.5, suspicious=suspicious.get(name, False))
        for name in CUES
    )


def liveness(**changes: object) -> LivenessFinding:
    good = LivenessFinding(
        passed=True,
        actions=(ActionFinding(action=Action.TURN_LEFT, passed=True, start_s=2.0, end_s=3.0),),
        cues=cues(),
        identity=IdentityFinding(
            band=Band.MATCH,
            selfie_similarity=0.9,
            card_similarity=0.9,
            lowest=0.85,
            frames_judged=9,
            calibration="some-2026",
        ),
        rejected=None,
        fps=25.0,
        duration_s=10.0,
        backend="test",
        models=MODEL,
        timing_ms={},
    )
    return replace(good, **changes)  # type: ignore[arg-type]


def evidence(**changes: object) -> Evidence:
    good = Evidence(
        card=card(),
        face=face(),
        liveness=liveness(),
        edits={},
        dead_stages=(),
        attempt=1,
        today=TODAY,
    )
    return replace(good, **changes)  # type: ignore[arg-type]
