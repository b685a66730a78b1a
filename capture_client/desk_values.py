"""What events at the desk carry: steps, consent, where pixels came from, and the gateway's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.consent import Purpose
from pipeline.stages import EvidenceKind


class Step(StrEnum):
    """Where the operator stands."""

    SIGN_IN = "sign_in"
    CONSENT = "consent"
    CARD_FRONT = "card_front"
    CARD_BACK = "card_back"
    FIELDS = "fields"
    SELFIE = "selfie"
    CHALLENGE = "challenge"
    REVIEW = "review"
    RESULT = "result"


class Means(StrEnum):
    """How a piece of evidence was captured."""

    CAMERA = "camera"
    FILE = "file"
    RECORDER = "recorder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the pixels came from: what the driver calls the camera, or nothing for a file."""

    means: Means
    device: str = ""
    driver: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentReceipt:
    """What the customer agreed to, in which words, and when. `text_sha256` is that of the words shown, in UTF-8."""

    purposes: tuple[Purpose, ...]
    text_version: str
    text_sha256: str
    language: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Guided:
    """Words of the gateway for the customer, and what to send again."""

    text: str
    retake: tuple[EvidenceKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadField:
    """One field as the gateway read it."""

    value: str
    confidence: float
    source: str
    checks: tuple[str, ...] = ()
