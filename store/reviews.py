"""Verdicts by people. Approving against a hard reason takes two different reviewers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, text

from pipeline.case import CaseEvent
from pipeline.decision import Reason
from pipeline.policy import POLICY_V1
from pipeline.reasons import ReasonCode, Severity
from pipeline.stages import EvidenceKind, Stage
from store.audit import note
from store.case_views import CaseView, get_case
from store.database import Store
from store.errors import AttemptsExhausted, FourEyes
from store.guards import lock_case, require_status
from store.keyring import key_of
from store.transitions import sources_and_target

_AGREED = text(
    "SELECT EXISTS (SELECT FROM reviews WHERE case_id = :case_id AND attempt = :attempt AND reviewed_by <> :actor"
    " AND event = 'reviewer_approves' AND NOT effective AND reviewed_at > :decided_at)"
)
_KEEP = text(
    "INSERT INTO reviews (case_id, attempt, event, retake, sealed_reason, reviewed_by, effective)"
    " VALUES (:case_id, :attempt, :event, :retake, :sealed_reason, :actor, :effective)"
)
_APPLY = text(
    "UPDATE cases SET status = :target, changed_by = :actor, version = version + 1, outcome = :target,"
    " decided_at = now(), decided_by = :actor, retake = :retake, reasons = reasons || CAST(:reason AS jsonb),"
    " expires_at = CASE WHEN :target = 'retake' THEN now() + :open_ttl_s * interval '1 second' END"
    " WHERE id = :case_id"
)
_DECIDED = json.dumps(
    [
        dataclasses.asdict(
            Reason(code=ReasonCode.REVIEWER_DECIDED, stage=Stage.DECIDE, weight=Severity.NOTE)
        )
    ]
)


def record_review(
    store: Store,
    case_id: UUID,
    *,
    event: CaseEvent,
    reason: str,
    retake: Sequence[EvidenceKind],
    actor: str,
) -> CaseView:
    """Apply a reviewer's verdict; `reason` is kept sealed, for people write names.

    Raises:
        CaseUnknown, Erased, WrongStatus: as their names say.
        AttemptsExhausted: a retake was asked for, but no attempt is left.
        FourEyes: the approval goes against a hard reason; it is noted, and a second reviewer must agree.
    """
    with store.engine.begin() as connection:
        applied = _review(
            connection, store, case_id, event, reason, [str(k) for k in retake], actor
        )
    if not applied:
        raise FourEyes("a second reviewer must agree")
    return get_case(store, case_id)


def _review(
    connection: Connection, store: Store, case_id: UUID, event: CaseEvent,
    reason: str, retake: list[str], actor: str,
) -> bool:  # fmt: skip
    case = lock_case(connection, case_id)
    sources, target = sources_and_target(event)
    require_status(case.status, sources)
    if event is CaseEvent.REVIEWER_ASKS_RETAKE and case.attempt >= POLICY_V1.max_attempts:
        raise AttemptsExhausted("the number of attempts is used up")
    hard = any(row["weight"] == Severity.HARD for row in case.reasons)
    seen = {
        "case_id": case_id, "attempt": case.attempt, "actor": actor, "decided_at": case.decided_at,
    }  # fmt: skip
    applied = not (hard and event is CaseEvent.REVIEWER_APPROVES) or bool(
        connection.execute(_AGREED, seen).scalar_one()
    )
    kept = {
        "case_id": case_id, "attempt": case.attempt, "event": str(event), "retake": retake, "actor": actor,
        "sealed_reason": key_of(connection, store.keyring, case_id).seal(reason.encode(), case_id, "review"),
        "effective": applied,
    }  # fmt: skip
    connection.execute(_KEEP, kept)
    if applied:
        _apply(connection, case_id, target, retake, actor)
    note(
        connection, actor=actor, case_id=case_id, kind="review_recorded",
        payload={"event": str(event), "retake": retake, "against_hard_reason": hard, "effective": applied},
    )  # fmt: skip
    return applied


def _apply(
    connection: Connection, case_id: UUID, target: str, retake: list[str], actor: str
) -> None:
    connection.execute(
        _APPLY,
        {
            "case_id": case_id, "target": target, "actor": actor, "retake": retake, "reason": _DECIDED,
            "open_ttl_s": POLICY_V1.open_ttl_s,
        },
    )  # fmt: skip
