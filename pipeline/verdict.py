"""A verdict and its reasons: what a decision says, whoever makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.case import CaseEvent
from pipeline.findings import Fact, Rejection
from pipeline.reasons import REASONS, ReasonCode, Severity
from pipeline.stages import EvidenceKind, Stage


class Outcome(StrEnum):
    """What a verdict says."""

    APPROVED = "approved"
    REJECTED = "rejected"
    REVIEW = "review"
    RETAKE = "retake"


EVENT_OF: dict[Outcome, CaseEvent] = {
    Outcome.APPROVED: CaseEvent.DECIDE_APPROVED,
    Outcome.REJECTED: CaseEvent.DECIDE_REJECTED,
    Outcome.REVIEW: CaseEvent.DECIDE_REVIEW,
    Outcome.RETAKE: CaseEvent.DECIDE_RETAKE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason of a verdict: `weight` is its severity here, which can be less than the registry's."""

    code: ReasonCode
    stage: Stage
    weight: Severity
    retake: tuple[EvidenceKind, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows, and why, in order of weight."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    retake: tuple[EvidenceKind, ...]
    policy_version: str


def reason(code: ReasonCode, *, stage: Stage | None = None, **facts: Fact) -> Reason:
    """Return a reason with the weight and the retake that the registry gives it."""
    spec = REASONS[code]
    return Reason(
        code=code, stage=stage or spec.stage, weight=spec.severity, retake=spec.retake, facts=facts
    )


def refusal(rejected: Rejection, stage: Stage, fallback: EvidenceKind) -> Reason:
    """Return the reason of a stage that could not judge; damaged evidence names its own kind in `facts`."""
    spec = REASONS[rejected.code]
    named = rejected.facts.get("evidence")
    retake = spec.retake or ((EvidenceKind(str(named)) if named else fallback),)
    # "Could not judge" is at least a retake, whatever the registry says of the code.
    weight = spec.severity if spec.severity is Severity.HARD else Severity.RETAKE
    return Reason(
        code=rejected.code, stage=stage, weight=weight,
        retake=retake if weight is Severity.RETAKE else (), facts=rejected.facts,
    )  # fmt: skip
