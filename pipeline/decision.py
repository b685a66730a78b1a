"""The decision: a pure function of what the stages found, what the operator edited, and the policy.

Hard reasons reject, retake reasons ask again, soft ones send to a person; approval needs every check to have passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pipeline.card_reasons import card_reasons
from pipeline.consent import Purpose
from pipeline.findings import CardFinding, FaceFinding, FieldName, LivenessFinding
from pipeline.person_reasons import disagreement, face_reasons, liveness_reasons
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode, Severity
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome, Reason, Verdict, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything the decision looks at.

    A finding is None only for a stage in `dead_stages`. `edits` holds, per field, the value the operator put in
    place of the one that was read. `today` is the date of the submit in Viet Nam.
    """

    card: CardFinding | None
    face: FaceFinding | None
    liveness: LivenessFinding | None
    edits: Mapping[FieldName, str]
    dead_stages: tuple[Stage, ...]
    attempt: int
    today: date
    #: What the customer agrees to.
    consents: frozenset[Purpose] = frozenset()
    #: Other cases of the same number; None: nobody looked.
    same_number: tuple[UUID, ...] | None = None
    #: Approved cases of the same face under another number; None: nobody can say, for this model was never measured.
    same_face: tuple[UUID, ...] | None = None


def decide(evidence: Evidence, policy: Policy) -> Verdict:
    """Return the verdict on one case.

    Raises:
        ValueError: the policy asks for a search that nobody made, or a finding is missing although its stage is not
            dead (errors of the caller, never a pass).
        KeyError: a suspicious cue has no reason (likewise).
    """
    _require_findings(evidence)
    reasons = _in_order(_trusted(evidence, tuple(_reasons(evidence, policy))))
    outcome = _outcome(evidence, reasons)
    if outcome is Outcome.RETAKE and evidence.attempt >= policy.max_attempts:
        reasons = (reason(ReasonCode.ATTEMPTS_EXHAUSTED, attempts=evidence.attempt), *reasons)
        outcome = Outcome.REVIEW
    wanted = {kind for reason in reasons for kind in reason.retake}
    return Verdict(
        outcome=outcome,
        reasons=reasons,
        retake=tuple(k for k in EvidenceKind if k in wanted) if outcome is Outcome.RETAKE else (),
        policy_version=policy.version,
    )


def _require_findings(evidence: Evidence) -> None:
    found = {
        Stage.READ_CARD: evidence.card,
        Stage.MATCH_FACE: evidence.face,
        Stage.SCORE_LIVENESS: evidence.liveness,
    }
    missing = [s for s, f in found.items() if f is None and s not in evidence.dead_stages]
    if missing:
        raise ValueError(f"no finding of {[str(stage) for stage in missing]}")


def _reasons(evidence: Evidence, policy: Policy) -> Iterator[Reason]:
    for stage in evidence.dead_stages:
        yield reason(ReasonCode.ENGINE_UNAVAILABLE, stage=stage)
    if evidence.card is not None:
        yield from card_reasons(evidence.card, evidence.edits, evidence.today, policy)
    if evidence.face is not None:
        yield from face_reasons(evidence.face)
    if evidence.liveness is not None:
        yield from liveness_reasons(evidence.liveness, policy)
    if evidence.face is not None and evidence.liveness is not None:
        yield from disagreement(evidence.face, evidence.liveness)
    yield from _duplicate_reasons(evidence, policy)
    for purpose in sorted(policy.required_consents - evidence.consents):
        yield reason(ReasonCode.CONSENT_MISSING, purpose=str(purpose))


def _duplicate_reasons(evidence: Evidence, policy: Policy) -> Iterator[Reason]:
    if not policy.duplicates_hold_up:
        return
    if evidence.same_number is None:
        raise ValueError("nobody looked for other cases of the same number")
    if evidence.same_number:
        others = evidence.same_number
        yield reason(ReasonCode.DUPLICATE_ID_NUMBER, cases=len(others), first=str(others[0]))
    if evidence.same_face is None:
        yield reason(ReasonCode.DUPLICATE_FACE_NOT_SEARCHED)
    elif evidence.same_face:
        others = evidence.same_face
        yield reason(ReasonCode.DUPLICATE_FACE, cases=len(others), first=str(others[0]))


def _trusted(evidence: Evidence, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Take the weight from face comparisons with a card that could not be read: they prove nothing."""
    unread = evidence.card is not None and evidence.card.rejected is not None
    if not unread:
        return reasons
    return tuple(
        Reason(code=r.code, stage=r.stage, weight=Severity.NOTE, retake=(), facts=r.facts)
        if r.code in (ReasonCode.FACE_NO_MATCH, ReasonCode.FACE_BORDERLINE)
        else r
        for r in reasons
    )


_ORDER = {Severity.HARD: 0, Severity.RETAKE: 1, Severity.SOFT: 2, Severity.NOTE: 3}


def _in_order(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    once = {(r.code, r.stage, tuple(sorted(r.facts.items()))): r for r in reasons}
    return tuple(sorted(once.values(), key=lambda r: _ORDER[r.weight]))


def _outcome(evidence: Evidence, reasons: tuple[Reason, ...]) -> Outcome:
    weights = {reason.weight for reason in reasons}
    if evidence.dead_stages:
        return Outcome.REVIEW  # our failure is never the customer's rejection
    if Severity.HARD in weights:
        return Outcome.REJECTED
    if Severity.RETAKE in weights:
        return Outcome.RETAKE
    return Outcome.REVIEW if Severity.SOFT in weights else Outcome.APPROVED
