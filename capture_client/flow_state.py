"""The state of one case at the desk, and the questions that can be asked of it. Pure values, no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from capture_client.desk_values import ConsentReceipt, Guided, Origin, ReadField, Step
from capture_client.events import Held, Started
from pipeline.case import ACCEPTS_EVIDENCE, CaseStatus
from pipeline.challenge import Action, ChallengeStep
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind

#: What the desk captures; chip data comes from a reader of its own.
CAPTURED_KINDS = frozenset(
    {EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK, EvidenceKind.SELFIE, EvidenceKind.CLIP}
)
CARD_KINDS = (EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK)
#: Without these the gateway refuses a card that was read (`field_required`).
NEEDED_FIELDS = (FieldName.ID_NUMBER, FieldName.DATE_OF_BIRTH)

STEP_OF: Mapping[EvidenceKind, Step] = {
    EvidenceKind.CARD_FRONT: Step.CARD_FRONT,
    EvidenceKind.CARD_BACK: Step.CARD_BACK,
    EvidenceKind.SELFIE: Step.SELFIE,
    EvidenceKind.CLIP: Step.CHALLENGE,
}
#: The steps between consent and result, in their order.
WORK_STEPS = (
    Step.CARD_FRONT, Step.CARD_BACK, Step.FIELDS, Step.SELFIE, Step.CHALLENGE, Step.REVIEW,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Evidence that lies in the spool under its digest; `arrived` when the gateway has it."""

    kind: EvidenceKind
    sha256: str
    size: int
    at: datetime
    origin: Origin
    challenge_id: str | None = None
    arrived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the gateway read from the card; an edit names its `version`. `failed`: it never will."""

    version: int
    fields: Mapping[FieldName, ReadField]
    rejected: Guided | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A value of the operator; `before` is what was read in its place, if anything was."""

    before: str | None
    after: str
    arrived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChallenge:
    """What the customer shall do, by when (by this machine's clock, which is only a guide)."""

    id: str
    nonce: str
    steps: tuple[ChallengeStep, ...]
    asked_at: datetime
    lasts_s: float

    @property
    def ends_at(self) -> datetime:
        """When the gateway stops taking a clip for it, at the latest."""
        return self.asked_at + timedelta(seconds=self.lasts_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the operator must be told: a code, and the evidence it is about."""

    code: str
    kind: EvidenceKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One case. `open_kinds` may be captured; `held` says why nothing goes on; `lost` why it never will.

    `stored`: the gateway has said itself that it holds every digest of a case that was handed in.
    """

    step: Step = Step.SIGN_IN
    started: Started | None = None
    consent: ConsentReceipt | None = None
    consent_arrived: bool = False
    case_id: UUID | None = None
    captures: Mapping[EvidenceKind, Capture] = field(default_factory=dict)
    back_skipped: bool = False
    open_kinds: frozenset[EvidenceKind] = CAPTURED_KINDS
    card_read: bool = False
    reading: Reading | None = None
    edits: Mapping[FieldName, Edit] = field(default_factory=dict)
    challenge_wanted: tuple[Action, ...] | None = None
    challenge: OpenChallenge | None = None
    submit_wanted: bool = False
    status: CaseStatus = CaseStatus.OPEN
    guidance: tuple[Guided, ...] = ()
    notice: Notice | None = None
    held: Held | None = None
    stored: bool = False
    lost: str | None = None
    abandoned: bool = False


# ---------------------------------------------------------------- where it stands


#: Statuses after which the desk has nothing more to do.
SETTLED = frozenset({CaseStatus.APPROVED, CaseStatus.REJECTED, CaseStatus.REVIEW})


def is_over(flow: Flow) -> bool:
    """Whether nothing will be captured or sent any more."""
    return flow.abandoned or flow.lost is not None or flow.status in SETTLED


def may_forget(flow: Flow) -> bool:
    """Whether the spool may be wiped of the case: given up, or judged with all that was captured."""
    return flow.abandoned or (flow.status in SETTLED and flow.stored)


def takes_evidence(flow: Flow) -> bool:
    """Whether the operator can still change something."""
    return not is_over(flow) and not flow.submit_wanted and flow.status in ACCEPTS_EVIDENCE


def digests(flow: Flow) -> frozenset[str]:
    """Digests of what the spool must keep: everything, until the gateway has said that it has it all."""
    if flow.stored or flow.abandoned:
        return frozenset()
    return frozenset(capture.sha256 for capture in flow.captures.values())


def card_digests(flow: Flow) -> tuple[str, ...]:
    """Digests of the card's sides; what was read belongs to them."""
    return tuple(flow.captures[kind].sha256 for kind in CARD_KINDS if kind in flow.captures)


# ---------------------------------------------------------------- fields


def values(flow: Flow) -> dict[FieldName, str]:
    """Return the value of each field: the operator's, else the one that was read."""
    read = flow.reading.fields if flow.reading else {}
    found = {name: one.value for name, one in read.items()}
    return found | {name: edit.after for name, edit in flow.edits.items()}


def missing_fields(flow: Flow) -> tuple[FieldName, ...]:
    """Return the fields without which the case cannot be handed in; none for a card that could not be judged."""
    if flow.reading and flow.reading.rejected:
        return ()
    there = values(flow)
    return tuple(name for name in NEEDED_FIELDS if not there.get(name))


# ---------------------------------------------------------------- steps


def is_done(flow: Flow, step: Step) -> bool:
    """Whether a step has what it is for. Fields do not hold up the face while they are still being read."""
    if step in STEP_OF.values():
        is_skipped = step is Step.CARD_BACK and flow.back_skipped
        return is_skipped or any(STEP_OF[kind] is step for kind in flow.captures)
    match step:
        case Step.SIGN_IN:
            return flow.started is not None
        case Step.CONSENT:
            return flow.consent is not None
        case Step.FIELDS:
            return flow.reading is None or not missing_fields(flow)
        case Step.REVIEW:
            return all(is_done(flow, s) for s in WORK_STEPS[:-1]) and not missing_fields(flow)
    return is_over(flow)


def is_open(flow: Flow, step: Step) -> bool:
    """Whether a retake, or the first round, has this step of the work: one that was named, or lacks something."""
    if step is Step.REVIEW or not is_done(flow, step):
        return True
    if step is Step.FIELDS:
        is_at_it = flow.step is Step.FIELDS or any(not edit.arrived for edit in flow.edits.values())
        return is_at_it or bool(missing_fields(flow)) or bool(flow.open_kinds & set(CARD_KINDS))
    return any(STEP_OF[kind] is step for kind in flow.open_kinds)


def reachable(flow: Flow) -> tuple[Step, ...]:
    """Return the steps that can be chosen now, in order: those that are done, and the first that is not."""
    if flow.started is None:
        return (Step.SIGN_IN,)
    if not takes_evidence(flow):
        return (Step.RESULT,)
    if flow.consent is None:
        return (Step.CONSENT,)
    steps: list[Step] = []
    for step in WORK_STEPS:
        if is_open(flow, step):
            steps.append(step)
        if not is_done(flow, step) and not _goes_on_without(flow, step):
            break
    return tuple(steps)


def _goes_on_without(flow: Flow, step: Step) -> bool:
    """A reading that lacks something and came while the face was captured already waits until review."""
    later = WORK_STEPS[WORK_STEPS.index(Step.FIELDS) + 1 :]
    return step is Step.FIELDS and flow.step in later


def next_step(flow: Flow) -> Step | None:
    """Return where "next" leads, or None while the current step lacks something."""
    steps = reachable(flow)
    if flow.step not in steps:
        return steps[-1] if steps else None
    later = steps[steps.index(flow.step) + 1 :]
    return later[0] if later else None


def first_undone(flow: Flow) -> Step:
    """Return the step at which the operator has something to do."""
    steps = reachable(flow)
    return next((step for step in steps if not is_done(flow, step)), steps[-1])
