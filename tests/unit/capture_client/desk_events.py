"""Events of a case at the desk, for tests."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from capture_client import events as e
from capture_client.desk_values import ConsentReceipt, Means, Origin, ReadField, Step
from capture_client.events import FlowEvent
from capture_client.flow import Flow, advance
from pipeline.case import CaseStatus
from pipeline.challenge import Action, ChallengeStep
from pipeline.consent import Purpose
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
CASE = UUID("00000000-0000-4000-8000-000000000001")
FRONT, BACK, SELFIE, CLIP = (
    EvidenceKind.CARD_FRONT,
    EvidenceKind.CARD_BACK,
    EvidenceKind.SELFIE,
    EvidenceKind.CLIP,
)
STEPS = (ChallengeStep(action=Action.TURN_LEFT, count=1, start_s=1.2, end_s=4.4),)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def started(key: str = "key-1") -> e.Started:
    return e.Started(at=NOW, gateway="http://g", idempotency_key=key)


def consent() -> e.ConsentGiven:
    receipt = ConsentReceipt(
        purposes=(Purpose.IDENTITY_VERIFICATION,), text_version="1", text_sha256=sha("text"), language="vi",
        given_at=NOW,
    )  # fmt: skip
    return e.ConsentGiven(receipt=receipt)


def captured(
    kind: EvidenceKind, content: str = "", *, challenge_id: str | None = None, after_s: float = 0
) -> e.Captured:
    return e.Captured(
        kind=kind, sha256=sha(content or kind), size=10, at=NOW + timedelta(seconds=after_s),
        origin=Origin(means=Means.FILE), challenge_id=challenge_id,
    )  # fmt: skip


def go(step: Step) -> e.StepChosen:
    return e.StepChosen(step=step)


def issued(challenge_id: str = "c1") -> e.ChallengeIssued:
    return e.ChallengeIssued(
        challenge_id=challenge_id, nonce="n" * 20, steps=STEPS, asked_at=NOW, lasts_s=180
    )


def arrived(kind: EvidenceKind, content: str = "") -> e.EvidenceArrived:
    return e.EvidenceArrived(kind=kind, sha256=sha(content or kind))


def read(
    *, of: tuple[str, ...] = (sha(FRONT), sha(BACK)), version: int = 3, **values: str
) -> e.FieldsRead:
    fields = {
        FieldName(name): ReadField(value=value, confidence=0.9, source="ocr")
        for name, value in values.items()
    }
    return e.FieldsRead(of=of, version=version, fields=fields)


GOOD = {"id_number": "001099000000", "date_of_birth": "1999-01-02"}


def told(status: CaseStatus, *missing: EvidenceKind, flow: Flow | None = None) -> e.CaseTold:
    ours = {kind: one.sha256 for kind, one in flow.captures.items()} if flow else {}
    return e.CaseTold(status=status, missing=missing, digests=ours, card_read=True)


TO_FIELDS: tuple[FlowEvent, ...] = (
    started(), consent(), captured(FRONT), go(Step.CARD_BACK), captured(BACK), go(Step.FIELDS),
)  # fmt: skip
TO_REVIEW: tuple[FlowEvent, ...] = (
    *TO_FIELDS, e.CaseOpened(case_id=CASE), e.ConsentArrived(), arrived(FRONT), arrived(BACK), read(**GOOD),
    go(Step.SELFIE), captured(SELFIE), arrived(SELFIE), go(Step.CHALLENGE), e.ChallengeWanted(), issued(),
    captured(CLIP, challenge_id="c1", after_s=20), arrived(CLIP), go(Step.REVIEW),
)  # fmt: skip
TO_SUBMITTED: tuple[FlowEvent, ...] = (*TO_REVIEW, e.SubmitChosen(at=NOW), e.SubmitArrived())


def after(*events: FlowEvent, flow: Flow | None = None) -> Flow:
    flow = flow or Flow()
    for event in events:
        flow = advance(flow, event).flow
    return flow
