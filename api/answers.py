"""What answers say: nothing of the store or the pipeline leaves the gateway in another shape."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from pipeline.case import CaseStatus
from pipeline.challenge import Action
from pipeline.consent import Purpose
from pipeline.findings import Band, FieldName
from pipeline.reasons import ReasonCode, Severity
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome


class Told(BaseModel):
    """A body of an answer."""

    model_config = ConfigDict(frozen=True)


class AcceptedEvidence(Told):
    """What may be uploaded."""

    kind: EvidenceKind
    media_types: tuple[str, ...]
    max_bytes: int
    resumable: bool


class CaseCreated(Told):
    """The case that was opened, and what to send."""

    id: UUID
    accepts: tuple[AcceptedEvidence, ...]
    max_pixels: int
    max_chunk_bytes: int


class Step(Told):
    """One action of a challenge, in seconds from the first frame."""

    action: Action
    count: int
    start_s: float
    end_s: float


class ChallengeIssued(Told):
    """What the person shall do, and the nonce that the clip must name."""

    id: str
    nonce: str
    steps: tuple[Step, ...]
    excluded: tuple[Action, ...]
    issued_at: datetime
    expires_at: datetime


class ChallengeShown(Told):
    """A challenge without its nonce."""

    id: str
    steps: tuple[Step, ...]
    excluded: tuple[Action, ...]
    issued_at: datetime
    expires_at: datetime
    answered: bool


class EvidenceStored(Told):
    """What became of an upload; `changed` is false when the same bytes were there already."""

    kind: EvidenceKind
    sha256: str
    size: int
    changed: bool


class EvidenceShown(Told):
    """Evidence that is there, without its content."""

    kind: EvidenceKind
    sha256: str
    size: int
    media_type: str
    received_at: datetime


class Guidance(Told):
    """Words for the customer, and what to send again."""

    text: str
    retake: tuple[EvidenceKind, ...]


class StageProgress(Told):
    """Where a stage stands: waiting, pending, running, done, failed or dead."""

    stage: Stage
    status: str


class CaseForCapture(Told):
    """A case as the capture client sees it: progress and guidance, never a score or a suspicion."""

    id: UUID
    version: int
    status: CaseStatus
    attempt: int
    evidence: tuple[EvidenceShown, ...]
    missing: tuple[EvidenceKind, ...]
    stages: tuple[StageProgress, ...]
    challenge: ChallengeShown | None
    guidance: tuple[Guidance, ...]
    expires_at: datetime | None


class StageShown(Told):
    """A stage with its summary: scores, codes, models, times."""

    stage: Stage
    status: str
    generation: int
    attempts: int
    summary: dict[str, Any] | None
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: float | None
    worker: str | None
    error_code: str | None


class ReasonShown(Told):
    """One reason of a verdict, with the words for staff."""

    code: ReasonCode
    stage: Stage
    weight: Severity
    retake: tuple[EvidenceKind, ...]
    facts: dict[str, Any]
    text: str


class VerdictShown(Told):
    """The verdict on a case."""

    outcome: Outcome
    reasons: tuple[ReasonShown, ...]
    retake: tuple[EvidenceKind, ...]
    policy_version: str
    decided_by: str
    decided_at: datetime


class CaseForStaff(Told):
    """A case as the bank's staff sees it."""

    id: UUID
    version: int
    status: CaseStatus
    branch: str | None
    reference: str | None
    attempt: int
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    expires_at: datetime | None
    evidence: tuple[EvidenceShown, ...]
    missing: tuple[EvidenceKind, ...]
    stages: tuple[StageShown, ...]
    challenge: ChallengeShown | None
    guidance: tuple[Guidance, ...]
    verdict: VerdictShown | None


class ConsentShown(Told):
    """The receipt of one consent; `ended_as` is null while it holds, else `withdrawn` or `replaced`."""

    id: UUID
    purpose: Purpose
    text_version: str
    text_sha256: str
    language: str
    given_at: datetime
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None
    ended_as: str | None


class HoldShown(Told):
    """A legal hold; in force while `released_at` is null."""

    id: UUID
    held_by: str
    held_at: datetime
    released_by: str | None
    released_at: datetime | None


class HoldList(Told):
    """The legal holds of a case, those that ended too."""

    holds: tuple[HoldShown, ...]


class ConsentList(Told):
    """The receipts of a case, in the order in which they came."""

    consents: tuple[ConsentShown, ...]


class Submitted(Told):
    """The case is being judged."""

    id: UUID
    status: CaseStatus


class FieldEdit(Told):
    """What the operator changed."""

    before: str | None
    after: str
    by: str


class FieldShown(Told):
    """One field: what it is taken to be, how sure, from which source, and what each source said."""

    value: str
    confidence: float
    source: str
    side: str
    box: tuple[float, float, float, float] | None
    readings: dict[str, str]
    checks: tuple[str, ...]
    edited: FieldEdit | None


class FieldsShown(Told):
    """The fields of the card. Not `ready` while the card is still being read."""

    version: int
    ready: bool
    rejected: Guidance | None
    fields: dict[FieldName, FieldShown]


class CaseListItem(Told):
    """A line of the list."""

    id: UUID
    status: CaseStatus
    branch: str | None
    reference: str | None
    created_at: datetime
    decided_at: datetime | None


class CaseList(Told):
    """A page of cases, newest last; without `next_cursor` there are no more."""

    cases: tuple[CaseListItem, ...]
    next_cursor: str | None


class EventShown(Told):
    """One line of the audit chain. Payloads hold codes and numbers, never a value of the card."""

    seq: int
    at: datetime
    actor: str
    kind: str
    payload: dict[str, Any]


class Timeline(Told):
    """Everything that happened to a case."""

    id: UUID
    events: tuple[EventShown, ...]


class CaseExport(Told):
    """Everything about a case except pictures and films."""

    case: CaseForStaff
    fields: FieldsShown
    consents: tuple[ConsentShown, ...]
    events: tuple[EventShown, ...]


class PictureShown(Told):
    """A derived picture, without its content; boxes of fields are in pixels of `width_px` x `height_px`."""

    name: str
    stage: Stage
    sha256: str
    width_px: int
    height_px: int
    time_s: float | None
    shows: str | None
    selfie_similarity: float | None
    card_similarity: float | None
    band: Band | None


class PictureList(Told):
    """What the stages of a case left for people to look at."""

    id: UUID
    pictures: tuple[PictureShown, ...]


class ClaimShown(Told):
    """Who is deciding a case in review, and until when unless renewed."""

    id: UUID
    claimed_by: str
    claimed_at: datetime
    until: datetime


class Alive(Told):
    """The process answers."""

    status: str


class Readiness(Told):
    """Whether requests can be served; the broker is not needed, for the sweeper rings what it missed."""

    status: str
    database: bool
    broker: bool
