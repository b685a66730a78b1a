"""What a case is made of: kinds of evidence, the stages that judge it, and which stage looks at what."""

from __future__ import annotations

from enum import StrEnum


class EvidenceKind(StrEnum):
    """A piece of evidence that the capture client uploads."""

    CARD_FRONT = "card_front"
    CARD_BACK = "card_back"
    SELFIE = "selfie"
    CLIP = "clip"
    #: The files that an NFC reader took from the card's chip; never required.
    CHIP = "chip"


class Stage(StrEnum):
    """A unit of work on one case. The names that gateway, queue and workers share."""

    READ_CARD = "read_card"
    MATCH_FACE = "match_face"
    SCORE_LIVENESS = "score_liveness"
    DECIDE = "decide"


ENGINE_STAGES = (Stage.READ_CARD, Stage.MATCH_FACE, Stage.SCORE_LIVENESS)

QUEUES: dict[Stage, str] = {
    Stage.READ_CARD: "ocr",
    Stage.MATCH_FACE: "face",
    Stage.SCORE_LIVENESS: "liveness",
    Stage.DECIDE: "control",
}

#: Everything a stage looks at. A stage starts when all of `STARTS_WITH` is there; new evidence of any kind
#: in `LOOKS_AT` voids its result.
STARTS_WITH: dict[Stage, frozenset[EvidenceKind]] = {
    Stage.READ_CARD: frozenset({EvidenceKind.CARD_FRONT}),
    Stage.MATCH_FACE: frozenset({EvidenceKind.CARD_FRONT, EvidenceKind.SELFIE}),
    Stage.SCORE_LIVENESS: frozenset(
        {EvidenceKind.CARD_FRONT, EvidenceKind.SELFIE, EvidenceKind.CLIP}
    ),
    Stage.DECIDE: frozenset(),
}
LOOKS_AT: dict[Stage, frozenset[EvidenceKind]] = {
    Stage.READ_CARD: frozenset(
        {EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK, EvidenceKind.CHIP}
    ),
    Stage.MATCH_FACE: STARTS_WITH[Stage.MATCH_FACE] | {EvidenceKind.CHIP, EvidenceKind.CLIP},
    Stage.SCORE_LIVENESS: STARTS_WITH[Stage.SCORE_LIVENESS],
    Stage.DECIDE: frozenset(EvidenceKind),
}


def stages_voided_by(kind: EvidenceKind) -> tuple[Stage, ...]:
    """Return the engine stages whose results used evidence of this kind.

    A result can never outlive the evidence it was made from: replacing the card after a match voids the match.
    """
    return tuple(stage for stage in ENGINE_STAGES if kind in LOOKS_AT[stage])


def stages_ready(present: frozenset[EvidenceKind]) -> tuple[Stage, ...]:
    """Return the engine stages that can start with the evidence that is present."""
    return tuple(stage for stage in ENGINE_STAGES if STARTS_WITH[stage] <= present)
