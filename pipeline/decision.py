"""The decision: a pure function of what the stages found, what the operator edited, and the policy.

Hard reasons reject, retake reasons ask again, soft ones send to a person; approval needs every check to have passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from pipeline.case import CaseEvent
from pipeline.consent import Purpose
from pipeline.findings import (
    NO_EXPIRY,
    Band,
    CardFinding,
    Check,
    FaceFinding,
    Fact,
    FieldName,
    LivenessFinding,
    Rejection,
    Source,
)
from pipeline.policy import Policy
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
        reasons = (_reason(ReasonCode.ATTEMPTS_EXHAUSTED, attempts=evidence.attempt), *reasons)
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


def _reason(code: ReasonCode, *, stage: Stage | None = None, **facts: Fact) -> Reason:
    spec = REASONS[code]
    return Reason(
        code=code, stage=stage or spec.stage, weight=spec.severity, retake=spec.retake, facts=facts
    )


def _reasons(evidence: Evidence, policy: Policy) -> Iterator[Reason]:
    for stage in evidence.dead_stages:
        yield _reason(ReasonCode.ENGINE_UNAVAILABLE, stage=stage)
    if evidence.card is not None:
        yield from _card_reasons(evidence.card, evidence, policy)
    if evidence.face is not None:
        yield from _face_reasons(evidence.face)
    if evidence.liveness is not None:
        yield from _liveness_reasons(evidence.liveness, policy)
    if evidence.face is not None and evidence.liveness is not None:
        yield from _disagreement(evidence.face, evidence.liveness)
    yield from _duplicate_reasons(evidence, policy)
    for purpose in sorted(policy.required_consents - evidence.consents):
        yield _reason(ReasonCode.CONSENT_MISSING, purpose=str(purpose))


def _duplicate_reasons(evidence: Evidence, policy: Policy) -> Iterator[Reason]:
    if not policy.duplicates_hold_up:
        return
    if evidence.same_number is None:
        raise ValueError("nobody looked for other cases of the same number")
    if evidence.same_number:
        others = evidence.same_number
        yield _reason(ReasonCode.DUPLICATE_ID_NUMBER, cases=len(others), first=str(others[0]))
    if evidence.same_face is None:
        yield _reason(ReasonCode.DUPLICATE_FACE_NOT_SEARCHED)
    elif evidence.same_face:
        others = evidence.same_face
        yield _reason(ReasonCode.DUPLICATE_FACE, cases=len(others), first=str(others[0]))


def _rejected(rejected: Rejection, stage: Stage, fallback: EvidenceKind) -> Reason:
    """The reason of a stage that could not judge; damaged evidence names its own kind in `facts`."""
    spec = REASONS[rejected.code]
    named = rejected.facts.get("evidence")
    retake = spec.retake or ((EvidenceKind(str(named)) if named else fallback),)
    # "Could not judge" is at least a retake, whatever the registry says of the code.
    weight = spec.severity if spec.severity is Severity.HARD else Severity.RETAKE
    return Reason(
        code=rejected.code, stage=stage, weight=weight,
        retake=retake if weight is Severity.RETAKE else (), facts=rejected.facts,
    )  # fmt: skip


# ---------------------------------------------------------------- card


def _card_reasons(card: CardFinding, evidence: Evidence, policy: Policy) -> Iterator[Reason]:
    if card.version in policy.dead_versions:
        yield _reason(ReasonCode.DOCUMENT_NO_LONGER_VALID)
        return
    if card.rejected is not None:
        yield _rejected(card.rejected, Stage.READ_CARD, EvidenceKind.CARD_FRONT)
        return
    if card.version not in policy.required_fields:
        yield _reason(ReasonCode.CARD_VERSION_UNKNOWN)
        return
    if card.version in policy.needs_back and "back" not in card.sides:
        yield _reason(ReasonCode.CARD_BACK_MISSING)
    for check in card.checks:
        if check.passed is False:
            yield _checked(check)
    if card.assurance is None or not card.assurance.reaches(policy.least_assurance):
        yield _reason(ReasonCode.PRINT_UNCONFIRMED)
    yield from _field_reasons(card, evidence, policy)
    yield from _date_reasons(card, evidence, policy)


def _checked(check: Check) -> Reason:
    """The reason of a failed check; one that names the card's sides asks for those sides again."""
    spec = REASONS[check.code]
    facts = {**check.facts, "fields": ",".join(check.fields)}
    named = tuple(kind for side, kind in _SIDES if side in check.facts)
    retake = named if spec.retake and named else spec.retake
    return Reason(
        code=check.code, stage=spec.stage, weight=spec.severity, retake=retake, facts=facts
    )


_SIDES = (("front", EvidenceKind.CARD_FRONT), ("back", EvidenceKind.CARD_BACK))


def _field_reasons(card: CardFinding, evidence: Evidence, policy: Policy) -> Iterator[Reason]:
    for name in sorted(policy.required_fields[card.version]):
        reading, edit = card.fields.get(name), evidence.edits.get(name)
        if reading is None and edit is None:
            yield _reason(ReasonCode.FIELD_MISSING, field=str(name))
        elif (
            reading is not None
            and edit is None
            and reading.confidence < policy.min_field_confidence
        ):
            confidence = round(reading.confidence, 3)
            yield _reason(ReasonCode.FIELD_UNCERTAIN, field=str(name), confidence=confidence)
    for name, edit in sorted(evidence.edits.items()):
        reading = card.fields.get(name)
        if reading is None or reading.value != edit:
            machine_read = reading is not None and reading.source is not Source.OCR
            yield _reason(ReasonCode.FIELD_EDITED, field=str(name), machine_read=machine_read)


def id_number_of(card: CardFinding | None, edits: Mapping[FieldName, str]) -> str | None:
    """Return the identity number that a case is taken to have: as edited, else as read."""
    return _value(card, edits, FieldName.ID_NUMBER)


def _value(card: CardFinding | None, edits: Mapping[FieldName, str], name: FieldName) -> str | None:
    reading = card.fields.get(name) if card else None
    return edits.get(name) or (reading.value if reading else None)


def _iso(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None


def _date_reasons(card: CardFinding, evidence: Evidence, policy: Policy) -> Iterator[Reason]:
    """Expiry and age; a date that cannot be read is a missing field, never a pass."""
    printed = card.fields.get(FieldName.DATE_OF_EXPIRY)
    expiry = _iso(printed.value) if printed else None
    if printed and printed.value != NO_EXPIRY:
        if expiry is None:
            yield _reason(ReasonCode.FIELD_MISSING, field=str(FieldName.DATE_OF_EXPIRY))
        elif expiry < evidence.today:
            yield _reason(ReasonCode.DOCUMENT_EXPIRED, days_ago=(evidence.today - expiry).days)
    birth = _iso(_value(card, evidence.edits, FieldName.DATE_OF_BIRTH))
    if birth is not None and _age_years(birth, evidence.today) < policy.min_age_years:
        yield _reason(ReasonCode.HOLDER_UNDER_AGE)


def _age_years(birth: date, today: date) -> int:
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


# ---------------------------------------------------------------- face and liveness


def _face_reasons(face: FaceFinding) -> Iterator[Reason]:
    if face.rejected is not None:
        yield _rejected(face.rejected, Stage.MATCH_FACE, EvidenceKind.SELFIE)
    elif face.band is Band.NO_MATCH:
        yield _reason(ReasonCode.FACE_NO_MATCH)
    elif face.band is not Band.MATCH:
        yield _reason(ReasonCode.FACE_BORDERLINE)


_CUE_REASON = {
    "flat_turn": ReasonCode.FLAT_FACE,
    "paper_turn": ReasonCode.PAPER_SUSPECTED,
    "squashed_blink": ReasonCode.SQUASHED_FACE,
    "frozen": ReasonCode.FROZEN_CLIP,
    "cut": ReasonCode.CUT_CLIP,
    "spliced": ReasonCode.CUT_CLIP,
    "screen": ReasonCode.SCREEN_SUSPECTED,
    "screen_rim": ReasonCode.SCREEN_SUSPECTED,
    "passive": ReasonCode.FACE_COPY_SUSPECTED,
    "several_faces": ReasonCode.CLIP_SEVERAL_FACES,
    "replayed": ReasonCode.REPLAYED_CLIP,
}


def _liveness_reasons(liveness: LivenessFinding, policy: Policy) -> Iterator[Reason]:
    if liveness.rejected is not None:
        yield _rejected(liveness.rejected, Stage.SCORE_LIVENESS, EvidenceKind.CLIP)
        return
    spoken = [*_cue_reasons(liveness), *_action_reasons(liveness), *_identity_reasons(liveness)]
    yield from spoken
    if liveness.passed is not True and not spoken:
        # A liveness stage that did not pass although nothing spoke against it must never end in an approval.
        yield _reason(ReasonCode.IDENTITY_UNCERTAIN)
    if liveness.actions and all(action.passed for action in liveness.actions):
        judged = {cue.name for cue in liveness.cues if cue.suspicious is not None}
        for name in sorted(policy.required_cues - judged):
            yield _reason(ReasonCode.CUE_NOT_EVALUATED, cue=name)


def _cue_reasons(liveness: LivenessFinding) -> Iterator[Reason]:
    for cue in liveness.cues:
        if cue.suspicious:
            # a cue that nobody gave a reason is an error of ours, never a pass
            yield _reason(_CUE_REASON[cue.name], cue=cue.name)


def _action_reasons(liveness: LivenessFinding) -> Iterator[Reason]:
    if not liveness.actions:
        yield _reason(ReasonCode.ACTION_MISSING)
    for index, action in enumerate(liveness.actions):
        if not action.passed:
            code = action.reason or ReasonCode.ACTION_MISSING
            yield _reason(code, action=str(action.action), step=index)


def _identity_reasons(liveness: LivenessFinding) -> Iterator[Reason]:
    band = liveness.identity.band
    if band is Band.NO_MATCH:
        yield _reason(ReasonCode.IDENTITY_SWITCH)
    elif band is not Band.MATCH:
        yield _reason(liveness.identity.reason or ReasonCode.IDENTITY_UNCERTAIN)


def _disagreement(face: FaceFinding, liveness: LivenessFinding) -> Iterator[Reason]:
    """One stage is sure that this is the person on the card, the other that it is not."""
    sure = {face.band, liveness.identity.card_band}
    if sure == {Band.MATCH, Band.NO_MATCH}:
        yield _reason(ReasonCode.IDENTITY_DISAGREES)


# ---------------------------------------------------------------- weighing


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
