from __future__ import annotations

import pytest

from pipeline.stages import (
    LOOKS_AT,
    QUEUES,
    STARTS_WITH,
    EvidenceKind,
    Stage,
    stages_ready,
    stages_voided_by,
)


@pytest.mark.parametrize(
    ("kind", "voided"),
    [
        (EvidenceKind.CARD_FRONT, (Stage.READ_CARD, Stage.MATCH_FACE, Stage.SCORE_LIVENESS)),
        (EvidenceKind.CARD_BACK, (Stage.READ_CARD,)),
        (EvidenceKind.SELFIE, (Stage.MATCH_FACE, Stage.SCORE_LIVENESS)),
        (EvidenceKind.CLIP, (Stage.MATCH_FACE, Stage.SCORE_LIVENESS)),
        (EvidenceKind.CHIP, (Stage.READ_CARD, Stage.MATCH_FACE)),
    ],
)
def test_replaced_evidence_voids_what_used_it(
    kind: EvidenceKind, voided: tuple[Stage, ...]
) -> None:
    assert stages_voided_by(kind) == voided


def test_reading_starts_with_the_front_alone() -> None:
    assert stages_ready(frozenset({EvidenceKind.CARD_FRONT})) == (Stage.READ_CARD,)


def test_a_stage_never_starts_with_evidence_it_does_not_look_at() -> None:
    assert all(STARTS_WITH[stage] <= LOOKS_AT[stage] for stage in Stage)


def test_every_stage_has_a_queue() -> None:
    assert set(QUEUES) == set(Stage)
