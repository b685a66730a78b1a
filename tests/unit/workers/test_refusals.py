"""Evidence that cannot be opened is a finding with a reason, never a pass and never a crash."""

from __future__ import annotations

import pytest

from pipeline.errors import CannotJudge
from pipeline.findings import CardFinding, FaceFinding, LivenessFinding
from pipeline.reasons import ReasonCode
from pipeline.stages import ENGINE_STAGES, Stage
from workers.refusals import refusal

UNDECODABLE = CannotJudge(ReasonCode.EVIDENCE_UNDECODABLE, evidence="selfie", cause="too_small")


@pytest.mark.parametrize("stage", ENGINE_STAGES)
def test_refusal_carries_the_reason_and_its_facts(stage: Stage) -> None:
    finding = refusal(stage, UNDECODABLE, None)
    assert finding.rejected is not None
    assert finding.rejected.code is ReasonCode.EVIDENCE_UNDECODABLE
    assert dict(finding.rejected.facts) == {"evidence": "selfie", "cause": "too_small"}


def test_refusal_holds_no_judgement() -> None:
    card = refusal(Stage.READ_CARD, UNDECODABLE, None)
    face = refusal(Stage.MATCH_FACE, UNDECODABLE, None)
    clip = refusal(Stage.SCORE_LIVENESS, UNDECODABLE, None)
    assert isinstance(card, CardFinding)
    assert not card.fields
    assert isinstance(face, FaceFinding)
    assert face.band is None
    assert isinstance(clip, LivenessFinding)
    assert clip.passed is None
    assert clip.identity.band is None
