"""What the gateway tells a capture client, as far as the client uses it; newer members are ignored."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from pipeline.case import CaseStatus
from pipeline.challenge import Action, ChallengeStep
from pipeline.consent import Purpose
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind, Stage


class Answer(BaseModel):
    """An answer of the gateway."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class AcceptedEvidence(Answer):
    """What may be uploaded."""

    kind: EvidenceKind
    media_types: tuple[str, ...]
    max_bytes: int
    resumable: bool


class NewCase(Answer):
    """A case that was opened."""

    id: UUID
    accepts: tuple[AcceptedEvidence, ...]
    max_chunk_bytes: int


class Consent(Answer):
    """The receipt of one consent."""

    id: UUID
    purpose: Purpose
    text_version: str
    text_sha256: str


class Step(Answer):
    """One action of a challenge."""

    action: Action
    count: int
    start_s: float
    end_s: float


class Challenge(Answer):
    """What the person shall do."""

    id: str
    nonce: str
    steps: tuple[Step, ...]
    issued_at: datetime
    expires_at: datetime

    def as_steps(self) -> tuple[ChallengeStep, ...]:
        """Return the steps in the words of the pipeline."""
        return tuple(
            ChallengeStep(
                action=step.action, count=step.count, start_s=step.start_s, end_s=step.end_s
            )
            for step in self.steps
        )


class StoredEvidence(Answer):
    """What became of an upload."""

    kind: EvidenceKind
    sha256: str
    size: int
    changed: bool


class EvidenceThere(Answer):
    """Evidence that the gateway has."""

    kind: EvidenceKind
    sha256: str
    size: int


class Guidance(Answer):
    """Words for the customer, and what to send again."""

    text: str
    retake: tuple[EvidenceKind, ...]


class StageProgress(Answer):
    """Where a stage stands."""

    stage: Stage
    status: str


class CaseState(Answer):
    """Where a case stands, and what to tell the customer."""

    id: UUID
    version: int
    status: CaseStatus
    attempt: int
    evidence: tuple[EvidenceThere, ...]
    missing: tuple[EvidenceKind, ...]
    stages: tuple[StageProgress, ...]
    guidance: tuple[Guidance, ...]


class Field(Answer):
    """One field of the card."""

    value: str
    confidence: float
    source: str
    checks: tuple[str, ...] = ()


class Fields(Answer):
    """The fields of the card; not `ready` while it is being read."""

    version: int
    ready: bool
    rejected: Guidance | None
    fields: dict[FieldName, Field]


class Submission(Answer):
    """The case is being judged."""

    id: UUID
    status: CaseStatus
