"""What can happen to a case at the desk: the operator's steps and the gateway's answers, as plain frozen values.

They are all that is ever written into a case's journal (`spool.py`); folding them with `flow.advance` from the first
one gives the state again, after a crash as well as before it. So none is ever renamed, and members only get added,
with a default. Times are UTC by the clock of this machine, which may be wrong: the gateway alone judges by time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from capture_client.desk_values import ConsentReceipt, Guided, Origin, ReadField, Step
from pipeline.case import CaseStatus
from pipeline.challenge import Action, ChallengeStep
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind

# ---------------------------------------------------------------- the operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """An operator who is signed in began a case. The key of its creation is written down before it is first used."""

    name: Literal["started"] = "started"
    at: datetime
    gateway: str
    idempotency_key: str
    branch: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """The customer agreed."""

    name: Literal["consent_given"] = "consent_given"
    receipt: ConsentReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChosen:
    """The operator went on, back, or to a step on the rail. Going somewhere voids nothing."""

    name: Literal["step_chosen"] = "step_chosen"
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """Evidence was captured and lies in the spool. `challenge_id` is that of the challenge a clip answers."""

    name: Literal["captured"] = "captured"
    kind: EvidenceKind
    sha256: str
    size: int
    at: datetime
    origin: Origin
    challenge_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackSkipped:
    """The card has no back worth sending; the gateway says so later if it wants one all the same."""

    name: Literal["back_skipped"] = "back_skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEdited:
    """The operator put a value in place of what was read, or typed it before anything was read."""

    name: Literal["field_edited"] = "field_edited"
    field: FieldName
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeWanted:
    """The customer is ready. What was drawn or recorded before is void. `exclude`: what the person cannot perform."""

    name: Literal["challenge_wanted"] = "challenge_wanted"
    exclude: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitChosen:
    """The operator handed the case in."""

    name: Literal["submit_chosen"] = "submit_chosen"
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """The operator gave the case up (the customer left, or did not agree)."""

    name: Literal["abandoned"] = "abandoned"


# ---------------------------------------------------------------- the gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """The gateway opened the case."""

    name: Literal["case_opened"] = "case_opened"
    case_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentArrived:
    """The gateway has the receipt."""

    name: Literal["consent_arrived"] = "consent_arrived"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceArrived:
    """The gateway has these bytes."""

    name: Literal["evidence_arrived"] = "evidence_arrived"
    kind: EvidenceKind
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRefused:
    """The gateway does not take these bytes, and why (one of its codes)."""

    name: Literal["evidence_refused"] = "evidence_refused"
    kind: EvidenceKind
    sha256: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsRead:
    """The gateway read the card: the one whose pictures have the digests `of`.

    `failed` says that it never will (its engine is down): a person of the bank gets the case.
    """

    name: Literal["fields_read"] = "fields_read"
    of: tuple[str, ...]
    version: int
    fields: Mapping[FieldName, ReadField]
    rejected: Guided | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EditsArrived:
    """The gateway put these values in place of those read."""

    name: Literal["edits_arrived"] = "edits_arrived"
    of: tuple[str, ...]
    version: int
    values: Mapping[FieldName, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeIssued:
    """The gateway drew a challenge; `asked_at` is when it was asked, `lasts_s` how long it waits for the clip."""

    name: Literal["challenge_issued"] = "challenge_issued"
    challenge_id: str
    nonce: str
    steps: tuple[ChallengeStep, ...]
    asked_at: datetime
    lasts_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeRefused:
    """The gateway draws none: `challenge_impossible`, when too few actions are left."""

    name: Literal["challenge_refused"] = "challenge_refused"
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeVoid:
    """A challenge can no longer be answered: `challenge_expired`, `challenge_superseded` or `challenge_missing`."""

    name: Literal["challenge_void"] = "challenge_void"
    challenge_id: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitArrived:
    """The gateway took the case to be judged."""

    name: Literal["submit_arrived"] = "submit_arrived"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRefused:
    """The gateway does not take the case yet: what is missing."""

    name: Literal["submit_refused"] = "submit_refused"
    code: str
    kinds: tuple[EvidenceKind, ...] = ()
    fields: tuple[FieldName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTold:
    """Where the case stands by the gateway; `digests` are those of the evidence it has."""

    name: Literal["case_told"] = "case_told"
    status: CaseStatus
    missing: tuple[EvidenceKind, ...] = ()
    guidance: tuple[Guided, ...] = ()
    digests: Mapping[EvidenceKind, str]
    #: Whether the card was looked at (or never will be).
    card_read: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLost:
    """The gateway does not know the case (any more), or not for this branch: one of its codes."""

    name: Literal["case_lost"] = "case_lost"
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Nothing goes on for now, and why: `unreachable`, `key_refused`, `busy` or a code of the gateway."""

    name: Literal["held"] = "held"
    code: str
    at: datetime


OperatorEvent = (
    Started | ConsentGiven | StepChosen | Captured | BackSkipped | FieldEdited | ChallengeWanted
    | SubmitChosen | Abandoned
)  # fmt: skip
GatewayEvent = (
    CaseOpened | ConsentArrived | EvidenceArrived | EvidenceRefused | FieldsRead | EditsArrived
    | ChallengeIssued | ChallengeRefused | ChallengeVoid | SubmitArrived | SubmitRefused | CaseTold | CaseLost | Held
)  # fmt: skip
FlowEvent = OperatorEvent | GatewayEvent

#: Bytes of the journal to events and back.
EVENT: TypeAdapter[FlowEvent] = TypeAdapter(Annotated[FlowEvent, Field(discriminator="name")])
