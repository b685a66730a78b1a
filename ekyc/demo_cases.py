"""The cases of `ekyc demo`: which stories, which verdict each must have, and for which reason.

Nothing of this reaches the system: it sees pictures and a clip, as from any client.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pipeline.case import CaseStatus
from pipeline.reasons import ReasonCode
from pipeline.stages import EvidenceKind

_CODE = ReasonCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What is right for one story: a status, one of these reasons (none for an approval), what to retake."""

    scenario: str
    statuses: frozenset[CaseStatus]
    reasons: frozenset[ReasonCode] = frozenset()
    retake: frozenset[EvidenceKind] = frozenset()


EXPECTATIONS = (
    Expectation(scenario="genuine", statuses=frozenset({CaseStatus.APPROVED})),
    Expectation(
        scenario="impostor_selfie",
        statuses=frozenset({CaseStatus.REJECTED}),
        reasons=frozenset({_CODE.FACE_NO_MATCH}),
    ),
    Expectation(
        scenario="identity_switch",
        statuses=frozenset({CaseStatus.REJECTED}),
        reasons=frozenset({_CODE.IDENTITY_SWITCH}),
    ),
    Expectation(
        scenario="waved_photo",
        statuses=frozenset({CaseStatus.REJECTED, CaseStatus.RETAKE}),
        reasons=frozenset(
            {_CODE.FLAT_FACE, _CODE.SQUASHED_FACE, _CODE.ACTION_MISSING, _CODE.ACTION_WRONG}
        ),
    ),
    Expectation(
        scenario="qr_mismatch",
        statuses=frozenset({CaseStatus.REVIEW}),
        reasons=frozenset({_CODE.QR_MISMATCH}),
    ),
    Expectation(
        scenario="blurred_card",
        statuses=frozenset({CaseStatus.RETAKE}),
        reasons=frozenset({_CODE.CARD_BLURRED, _CODE.CARD_UNREADABLE, _CODE.CARD_NOT_FOUND}),
        retake=frozenset({EvidenceKind.CARD_FRONT}),
    ),
    Expectation(
        scenario="expired_card",
        statuses=frozenset({CaseStatus.REJECTED}),
        reasons=frozenset({_CODE.DOCUMENT_EXPIRED}),
    ),
)


def as_expected(
    expectation: Expectation,
    status: CaseStatus,
    reasons: Collection[ReasonCode],
    retake: Collection[EvidenceKind],
) -> bool:
    """Whether a verdict is right: its status, at least one right reason, and everything to retake named."""
    right_reason = not expectation.reasons or not expectation.reasons.isdisjoint(reasons)
    return status in expectation.statuses and right_reason and expectation.retake <= set(retake)
