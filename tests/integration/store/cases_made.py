"""Cases brought to where a test begins."""

from __future__ import annotations

import secrets
from uuid import UUID

from pipeline.challenge import Action, ChallengeStep
from pipeline.findings import Finding
from pipeline.stages import ENGINE_STAGES, EvidenceKind, Stage
from pipeline.summary import public_summary
from pipeline.verdict import Outcome, Reason, Verdict
from store import cases, evidence, findings, queue
from store.database import Store
from tests.unit.pipeline import factories

ACTOR = "key:test"
STEPS = (ChallengeStep(action=Action.TURN_LEFT, count=1, start_s=1.2, end_s=4.4),)
FINDING: dict[Stage, Finding] = {
    Stage.READ_CARD: factories.card(),
    Stage.MATCH_FACE: factories.face(),
    Stage.SCORE_LIVENESS: factories.liveness(),
}


def new_case(store: Store, branch: str | None = None) -> UUID:
    return cases.create_case(store, branch=branch, reference="R-1", actor=ACTOR).case_id


def put(
    store: Store,
    case_id: UUID,
    kind: EvidenceKind,
    data: bytes | None = None,
    nonce: str | None = None,
) -> evidence.PutEvidence:
    data = data if data is not None else secrets.token_bytes(64)
    return evidence.put_evidence(
        store, case_id, kind=kind, data=data, mime="image/jpeg", actor=ACTOR, nonce=nonce
    )


def challenge(store: Store, case_id: UUID, ttl_s: float = 60) -> str:
    return cases.issue_challenge(
        store,
        case_id,
        steps=STEPS,
        excluded=(),
        nonce=secrets.token_urlsafe(16),
        ttl_s=ttl_s,
        actor=ACTOR,
    ).nonce


def filled_case(store: Store, branch: str | None = None) -> UUID:
    case_id = new_case(store, branch)
    for kind in (EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK, EvidenceKind.SELFIE):
        put(store, case_id, kind)
    put(store, case_id, EvidenceKind.CLIP, nonce=challenge(store, case_id))
    return case_id


def claim(store: Store, case_id: UUID, stage: Stage, lease_s: float = 60) -> queue.Claim:
    (claimed,) = queue.claim(store, stage, worker="w", lease_s=lease_s, case_id=case_id)
    return claimed


def complete(
    store: Store, claimed: queue.Claim, finding: Finding | None = None
) -> queue.Completion:
    finding = finding or FINDING[claimed.stage]
    return queue.complete(
        store,
        claimed,
        finding=findings.dump(finding),
        summary=public_summary(finding),
        duration_ms=1.5,
    )


def judge(store: Store, case_id: UUID) -> list[queue.Completion]:
    return [complete(store, claim(store, case_id, stage)) for stage in ENGINE_STAGES]


def verdict(outcome: Outcome, *reasons: Reason, retake: tuple[EvidenceKind, ...] = ()) -> Verdict:
    return Verdict(outcome=outcome, reasons=reasons, retake=retake, policy_version="test")


def decide(store: Store, case_id: UUID, drawn: Verdict) -> bool:
    return queue.complete_decision(store, claim(store, case_id, Stage.DECIDE), drawn)


def submitted_case(store: Store) -> UUID:
    case_id = filled_case(store)
    cases.submit_case(store, case_id, actor=ACTOR)
    return case_id


def decided_case(store: Store, drawn: Verdict) -> UUID:
    case_id = submitted_case(store)
    judge(store, case_id)
    assert decide(store, case_id, drawn)
    return case_id
