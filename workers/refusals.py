"""The findings of evidence that could not even be opened: a value like any other, with the reason in `rejected`."""

from __future__ import annotations

from pipeline.errors import CannotJudge
from pipeline.findings import (
    CardFinding,
    CardVersion,
    FaceFinding,
    Finding,
    IdentityFinding,
    LivenessFinding,
    Rejection,
)
from pipeline.stages import Stage
from workers.engines import Engine


def refusal(stage: Stage, error: CannotJudge, engine: Engine | None) -> Finding:
    """Return the finding of a stage whose evidence does not allow a judgement."""
    rejected = Rejection(code=error.reason, facts=error.facts)
    models = engine.models if engine else ()
    if stage is Stage.READ_CARD:
        return CardFinding(
            version=CardVersion.UNKNOWN, sides=(), fields={}, checks=(),
            rejected=rejected, models=models, timing_ms={},
        )  # fmt: skip
    if stage is Stage.MATCH_FACE:
        return FaceFinding(
            similarity=None, fmr=None, band=None, rejected=rejected,
            backend="", quality={}, models=models, timing_ms={},
        )  # fmt: skip
    unknown = IdentityFinding(
        band=None, selfie_similarity=None, card_similarity=None, lowest=None, frames_judged=0
    )
    return LivenessFinding(
        passed=None, actions=(), cues=(), identity=unknown, rejected=rejected,
        fps=0.0, duration_s=0.0, backend="", models=models, timing_ms={},
    )  # fmt: skip
