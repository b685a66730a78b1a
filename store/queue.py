"""The queue: stage rows are the work. Claim, complete, fail and sweep are one SQL statement each (store/sql).

First finisher of a generation wins; a result of evidence that was replaced meanwhile has no effect.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from pipeline.case import CaseEvent, CaseStatus
from pipeline.policy import POLICY_V1, Policy
from pipeline.reasons import REASONS, ReasonCode
from pipeline.stages import Stage
from pipeline.verdict import Reason, Verdict
from store.audit import note
from store.database import Store
from store.decisions import StoredFindings, decide, load_findings, plain_reason
from store.doorbell import Bell
from store.errors import StageNotDead
from store.guards import lock_case
from store.keyring import CaseKey, key_of
from store.statements import CLAIM, COMPLETE, FAIL, SWEEP
from store.tallies import count_lease_ends
from store.transitions import parameters, sources_and_target

__all__ = [
    "MAX_ATTEMPTS", "Claim", "Completion", "StoredFindings", "SweepResult", "claim", "complete", "complete_decision",
    "fail", "load_findings", "release", "requeue", "sweep",
]  # fmt: skip

#: A stage that failed this often is dead: the case goes to a person.
MAX_ATTEMPTS = 3
#: After the n-th failed attempt the next one waits n times this.
RETRY_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A row that a worker holds until its lease ends."""

    case_id: UUID
    stage: Stage
    generation: int
    attempt: int
    worker: str = "unknown"
    key: CaseKey | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Whether a result counted, and whom to ring."""

    effective: bool
    ring: tuple[Bell, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """Whom to ring, and which rows used up their attempts."""

    ring: list[Bell]
    dead: list[Bell]


def claim(
    store: Store,
    stage: Stage,
    *,
    worker: str,
    lease_s: float,
    limit: int = 1,
    case_id: UUID | None = None,
    takeover: bool = False,
) -> list[Claim]:
    """Take rows that wait: submitted cases first, then the oldest. The attempt is counted now.

    Args:
        store: the open store.
        stage: which work.
        worker: who takes it.
        lease_s: after this the row is free again; longer than the hard limit of the work.
        limit: most rows to take.
        case_id: only the row of this case.
        takeover: take rows too whose lease has not ended; for a `case_id` whose worker is known to be dead.
    """
    values = {
        "stage": str(stage), "worker": worker, "lease_s": lease_s, "limit": limit, "case_id": case_id,
        "takeover": takeover, "max_attempts": MAX_ATTEMPTS,
    }  # fmt: skip
    rows = store.run(CLAIM, values)
    return [
        Claim(
            case_id=row.case_id, stage=stage, generation=row.generation, attempt=row.attempts,
            worker=worker, key=store.keyring.unwrap(row.wrapped, row.kek_id),
        )
        for row in rows
    ]  # fmt: skip


def complete(
    store: Store,
    claim: Claim,
    *,
    finding: bytes,
    summary: Mapping[str, Any],
    duration_ms: float,
    pictures: Sequence[Mapping[str, Any]] = (),
) -> Completion:
    """Record what an engine stage found; the last one of a submitted case starts `decide`.

    Args:
        store: the open store.
        claim: what was claimed.
        finding: the finding as JSON; it is sealed here.
        summary: what may stand unsealed in the record: codes, scores, models.
        duration_ms: how long the work took.
        pictures: what `store.pictures.keep_pictures` wrote; without effect they are of no use.
    """
    sealed = claim_key(store, claim).seal(
        finding, claim.case_id, "finding", claim.stage, claim.generation
    )
    values = {
        "case_id": claim.case_id, "stage": str(claim.stage), "generation": claim.generation,
        "worker": claim.worker, "finding": sealed, "summary": json.dumps(summary), "duration_ms": duration_ms,
        "pictures": json.dumps([dict(row) for row in pictures]),
    }  # fmt: skip
    return _completion(claim, store.run(COMPLETE, values))


def claim_key(store: Store, claim: Claim) -> CaseKey:
    """Return the key of a claimed case.

    Raises:
        Erased: it was destroyed.
    """
    if claim.key is not None:
        return claim.key
    with store.hot() as connection:
        return key_of(connection, store.keyring, claim.case_id)


def fail(store: Store, claim: Claim, *, error_code: str) -> Completion:
    """Record that an attempt ended with an error of ours: tried again after a pause, dead after the last one."""
    values = {
        "case_id": claim.case_id, "stage": str(claim.stage), "generation": claim.generation,
        "attempt": claim.attempt, "worker": claim.worker, "error_code": error_code, "max_attempts": MAX_ATTEMPTS,
        "pause_s": RETRY_PAUSE_S, **_undecided(),
    }  # fmt: skip
    return _completion(claim, store.run(FAIL, values))


def _completion(claim: Claim, rows: list[Any]) -> Completion:
    """What a statement that ends a claim says: no row, no effect."""
    ring = any(row.ring_decide for row in rows)
    return Completion(effective=bool(rows), ring=((Stage.DECIDE, claim.case_id),) if ring else ())


def _undecided() -> dict[str, object]:
    """What becomes of a case whose `decide` is dead: a person looks at it."""
    code = ReasonCode.ENGINE_UNAVAILABLE
    reason = Reason(code=code, stage=Stage.DECIDE, weight=REASONS[code].severity)
    return {
        **parameters(CaseEvent.DECIDE_REVIEW),
        "reasons": json.dumps([plain_reason(reason)]),
        "policy_version": POLICY_V1.version,
    }


def sweep(
    store: Store, *, pending_grace_s: float = 5, max_attempts: int = MAX_ATTEMPTS, limit: int = 200
) -> SweepResult:
    """Ring again for rows that wait too long; free or bury rows whose lease ended. Any number may run at once.

    Args:
        store: the open store.
        pending_grace_s: a bell younger than this may still be answered.
        max_attempts: a row that was claimed this often is not tried again.
        limit: most rows to look at.
    """
    values = {
        "grace_s": pending_grace_s, "max_attempts": max_attempts, "limit": limit, **_undecided(),
    }  # fmt: skip
    rows = store.run(SWEEP, values)
    for stage, number in Counter(row.stage for row in rows if row.held).items():
        count_lease_ends(store, stage, number)
    return SweepResult(
        ring=[(Stage(row.stage), row.case_id) for row in rows if not row.dead],
        dead=[(Stage(row.stage), row.case_id) for row in rows if row.dead],
    )


_RELEASE = text(
    "UPDATE stages SET lease_until = now() - interval '1 microsecond', changes = changes + 1"
    " WHERE status = 'running' AND worker = :worker"
)


def release(store: Store, *, worker: str) -> int:
    """Let go what a killed predecessor of the same name held; its attempts stay counted. Return how many rows."""
    with store.hot() as connection:
        return connection.execute(_RELEASE, {"worker": worker}).rowcount


def complete_decision(
    store: Store, claim: Claim, verdict: Verdict, *, policy: Policy | None = None
) -> bool:
    """Apply a verdict, drawn by `policy`; False when another finisher was faster or the case moved on."""
    return decide(
        store,
        claim.case_id,
        verdict,
        generation=claim.generation,
        actor=f"worker:{claim.worker}",
        policy=policy,
    )


_REVIVE = text(
    "WITH revived AS (UPDATE stages SET status = 'pending', attempts = 0, generation = generation + 1,"
    "   queued_at = now(), available_at = now(), rung_at = now(), worker = NULL, started_at = NULL,"
    "   finished_at = NULL, error_code = NULL WHERE case_id = :case_id AND stage = :stage AND status = 'dead'"
    "   RETURNING stage),"
    " waits AS (UPDATE stages SET status = 'waiting', attempts = 0, generation = generation + 1, lease_until = NULL,"
    "   started_at = NULL, finished_at = NULL, duration_ms = NULL, summary = NULL"
    "   FROM revived WHERE case_id = :case_id AND stages.stage = 'decide' AND revived.stage <> 'decide')"
    " UPDATE cases SET status = :status, changed_by = :actor, version = version + 1,"
    "   stages_left = stages_left + CASE WHEN revived.stage <> 'decide' THEN 1 ELSE 0 END,"
    "   outcome = CASE WHEN :moved THEN NULL ELSE outcome END,"
    "   decided_at = CASE WHEN :moved THEN NULL ELSE decided_at END,"
    "   reasons = CASE WHEN :moved THEN '[]' ELSE reasons END"
    " FROM revived WHERE id = :case_id RETURNING id"
)


def requeue(store: Store, case_id: UUID, stage: Stage, *, actor: str) -> list[Bell]:
    """Start a dead stage again, its attempts counted anew; a case in review is processed again.

    Raises:
        CaseUnknown: there is no such case.
        StageNotDead: the stage is not dead, or its case has been decided.
    """
    sources, target = sources_and_target(CaseEvent.REQUEUE)
    with store.engine.begin() as connection:
        status = lock_case(connection, case_id).status
        moved = status in sources
        if not moved and status not in (CaseStatus.OPEN, CaseStatus.RETAKE, CaseStatus.PROCESSING):
            raise StageNotDead(f"the case is {status}")
        values = {
            "case_id": case_id, "stage": str(stage), "actor": actor, "moved": moved,
            "status": target if moved else status,
        }  # fmt: skip
        if connection.execute(_REVIVE, values).one_or_none() is None:
            raise StageNotDead(f"{stage} of this case is not dead")
        note(
            connection, actor=actor, case_id=case_id, kind="stage_requeued",
            payload={"stage": str(stage)},
        )  # fmt: skip
    return [(stage, case_id)]
