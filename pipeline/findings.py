"""What the stages found: plain frozen values that travel from the engines to the decision and into the record.

A finding either holds a judgement or `rejected` says why there is none; never both, never neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.challenge import Action
from pipeline.liveness.trace import LivenessTrace
from pipeline.reasons import ReasonCode

Fact = float | int | str | bool
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRef:
    """Which weights spoke."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a stage could not judge. `facts` are numbers and codes, never a value read from the evidence."""

    code: ReasonCode
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule that was looked at: `passed` is None when there was nothing to compare."""

    code: ReasonCode
    passed: bool | None
    fields: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)


# ---------------------------------------------------------------- card


class CardVersion(StrEnum):
    """The generations of citizen cards."""

    CHIP_2021 = "chip_2021"
    CAN_CUOC_2024 = "can_cuoc_2024"
    BARCODE_2016 = "barcode_2016"
    CMND_9 = "cmnd_9"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Where a field's value came from."""

    OCR = "ocr"
    QR = "qr"
    MRZ = "mrz"
    CHIP = "chip"
    EDITED = "edited"


class FieldName(StrEnum):
    """The fields of a card, both sides, all versions."""

    ID_NUMBER = "id_number"
    FULL_NAME = "full_name"
    DATE_OF_BIRTH = "date_of_birth"
    SEX = "sex"
    NATIONALITY = "nationality"
    PLACE_OF_ORIGIN = "place_of_origin"
    PLACE_OF_BIRTH = "place_of_birth"
    PLACE_OF_RESIDENCE = "place_of_residence"
    PERSONAL_IDENTIFICATION = "personal_identification"
    DATE_OF_ISSUE = "date_of_issue"
    DATE_OF_EXPIRY = "date_of_expiry"
    ISSUING_AUTHORITY = "issuing_authority"
    OLD_ID_NUMBER = "old_id_number"


NO_EXPIRY = "Không thời hạn"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldReading:
    """One field: dates are ISO (or `NO_EXPIRY`), sex is `Nam` / `Nữ`, text is NFC.

    `readings` keeps what every source said, so that a conflict is never overwritten.
    `box` is x1, y1, x2, y2 in pixels of the rectified side.
    """

    value: str
    confidence: float
    source: Source
    side: str
    box: Box | None = None
    readings: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[str, ...] = ()


class Integrity(StrEnum):
    """Whether the files of a chip are the ones that were signed."""

    OK = "ok"
    FAILED = "failed"


class Origin(StrEnum):
    """Whether a chip's signer is known to be the issuing state. `TRUST_UNKNOWN`: there is nothing to compare with."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    TRUST_UNKNOWN = "trust_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipFinding:
    """What passive authentication said of the chip's files; `causes` are codes, empty when nothing was wrong."""

    integrity: Integrity
    origin: Origin
    files: tuple[str, ...]
    causes: tuple[str, ...] = ()


class Assurance(StrEnum):
    """How far the reading of a card is confirmed by more than its print, weakest first (docs/glossary.md)."""

    PRINT_ONLY = "print_only"
    CODE_AGREES = "code_agrees"
    CODES_AGREE = "codes_agree"
    CHIP_INTEGRITY = "chip_integrity"
    CHIP_VERIFIED = "chip_verified"

    def reaches(self, least: Assurance) -> bool:
        """Whether this level is `least` or better."""
        levels = list(Assurance)
        return levels.index(self) >= levels.index(least)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFinding:
    """What the card says.

    `chip` is None when no chip data was given or it could not be judged; `assurance` is None exactly when `rejected`
    is set.
    """

    version: CardVersion
    sides: tuple[str, ...]
    fields: Mapping[FieldName, FieldReading]
    checks: tuple[Check, ...]
    rejected: Rejection | None
    models: tuple[ModelRef, ...]
    timing_ms: Mapping[str, float]
    chip: ChipFinding | None = None
    assurance: Assurance | None = None


# ---------------------------------------------------------------- face


class Band(StrEnum):
    """How sure a comparison of two faces is."""

    MATCH = "match"
    REVIEW = "review"
    NO_MATCH = "no_match"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceFinding:
    """Whether the selfie shows the person on the card. `similarity` is in [-1, 1], higher is closer.

    `fmr` is the calibrated false match rate at that similarity. Both are None exactly when `rejected` is set.
    `calibration` names what `fmr` and `band` rest on (`FaceProfile.calibration_id`); None only in findings kept from
    before it was told.
    """

    similarity: float | None
    fmr: float | None
    band: Band | None
    rejected: Rejection | None
    backend: str
    quality: Mapping[str, float]
    models: tuple[ModelRef, ...]
    timing_ms: Mapping[str, float]
    calibration: str | None = None


# ---------------------------------------------------------------- liveness


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFinding:
    """Whether one step of the challenge was performed inside its window, and when (seconds in the clip)."""

    action: Action
    passed: bool
    start_s: float | None
    end_s: float | None
    reason: ReasonCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One sign of an attack. `suspicious` is None when it was not evaluated, which is never a pass."""

    name: str
    score: float | None
    threshold: float
    suspicious: bool | None

    @property
    def suspects_below(self) -> bool | None:
        """Whether scores below the threshold are suspicious, or those from it upwards; None without a score."""
        if self.score is None or self.suspicious is None:
            return None
        return self.suspicious == (self.score < self.threshold)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFinding:
    """Whether the person in the clip is, all the way through, the person of the selfie and of the card.

    Similarities are medians over frontal frames; `lowest` is the least similar judged frame to the selfie. `card_band`
    is the band of the card's similarity alone; the decision compares it with the face stage's. `calibration` is what
    the bands rest on, as in `FaceFinding`; None where nobody was compared, and in findings from before it was told.
    """

    band: Band | None
    selfie_similarity: float | None
    card_similarity: float | None
    lowest: float | None
    frames_judged: int
    reason: ReasonCode | None = None
    card_band: Band | None = None
    calibration: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessFinding:
    """Whether a living person performed the challenge. `passed` is None exactly when `rejected` is set.

    `trace` is what a reviewer is shown of the clip; None when it was not judged.
    """

    passed: bool | None
    actions: tuple[ActionFinding, ...]
    cues: tuple[Cue, ...]
    identity: IdentityFinding
    rejected: Rejection | None
    fps: float
    duration_s: float
    backend: str
    models: tuple[ModelRef, ...]
    timing_ms: Mapping[str, float]
    trace: LivenessTrace | None = None


Finding = CardFinding | FaceFinding | LivenessFinding
