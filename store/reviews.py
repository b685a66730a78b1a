"""Verdicts by people. Approving against a hard reason takes two different reviewers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from pipeline.case import CaseEvent
from pipeline.policy import POLICY_V1
from pipeline.reasons import ReasonCode, Severity
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Reason
from store.audit import note
from store.case_views import CaseView, get_case, version_of
from store.database import Store
from store.errors import AttemptsExhausted, CaseChanged, FourEyes
from store.guards import lock_case, require_status
from store.keyring import CaseKey, key_of
from store.review_claims import drop_claim, require_unclaimed
from store.transitions import sources_and_target

_AGREED = text(
    "SELECT EXISTS (SELECT FROM reviews WHERE case_id = :case_id AND attempt = :attempt AND reviewed_by <> :actor"
    " AND event = 'reviewer_approves' AND NOT effective AND reviewed_at > :decided_at)"
)
_KEEP = text(
    "INSERT INTO reviews (case_id, attempt, event, retake, sealed_reason, reviewed_by, effective)"
    " VALUES (:case_id, :attempt, :event, :retake, :sealed_reason, :actor, :effective)"
)
_LIST = text(
    "SELECT event, retake, attempt, sealed_reason, reviewed_by, reviewed_at, effective FROM reviews"
    " WHERE case_id = :case_id ORDER BY id"
)
_SEEN = text("UPDATE cases SET version = version + 1 WHERE id = :case_id")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Review:
    """What a reviewer decides."""

    event: CaseEvent
    reason: str
    retake: list[str]
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """A review that was recorded. One that is not `effective` is the first of two approvals."""

    event: CaseEvent
    reason: str
    retake: tuple[EvidenceKind, ...]
    attempt: int
    reviewed_by: str
    reviewed_at: datetime
    effective: bool


def record_review(
    store: Store,
    case_id: UUID,
    *,
    event: CaseEvent,
    reason: str,
    retake: Sequence[EvidenceKind],
    actor: str,
    expected_version: int | None = None,
) -> CaseView:
    """Apply a reviewer's verdict, and let go of the claim on the case.

    Args:
        store: the open store.
        case_id: the case.
        event: what was decided.
        reason: why; kept sealed, for people write names.
        retake: what to send again, with a retake alone.
        actor: who decides.
        expected_version: of the case that the reviewer looked at; None: whatever it is now.

    Raises:
        CaseUnknown, Erased, WrongStatus: as their names say.
        ReviewClaimed: somebody else is deciding the case.
        CaseChanged: it is no longer the one that the reviewer looked at.
        AttemptsExhausted: a retake was asked for, but no attempt is left.
        FourEyes: the approval goes against a hard reason; it is noted, and a second reviewer must agree.
    """
    review = _Review(event=event, reason=reason, retake=[str(k) for k in retake], actor=actor)
    with store.engine.begin() as connection:
        case = lock_case(connection, case_id)
        sources, _ = sources_and_target(event)
        require_status(case.status, sources)
        require_unclaimed(connection, case_id, actor=actor)
        if expected_version not in (None, version_of(connection, case_id)):
            raise CaseChanged("the case changed meanwhile")
        if event is CaseEvent.REVIEWER_ASKS_RETAKE and case.attempt >= POLICY_V1.max_attempts:
            raise AttemptsExhausted("the number of attempts is used up")
        key = key_of(connection, store.keyring, case_id)
        applied = _review(connection, key, case_id, case, review)
    if not applied:
        raise FourEyes("a second reviewer must agree")
    return get_case(store, case_id)


def _review(
    connection: Connection, key: CaseKey, case_id: UUID, case: Row[Any], review: _Review
) -> bool:
    hard = any(row["weight"] == Severity.HARD for row in case.reasons)
    seen = {
        "case_id": case_id, "attempt": case.attempt, "actor": review.actor, "decided_at": case.decided_at,
    }  # fmt: skip
    applied = not (hard and review.event is CaseEvent.REVIEWER_APPROVES) or bool(
        connection.execute(_AGREED, seen).scalar_one()
    )
    kept = {
        "case_id": case_id, "attempt": case.attempt, "event": str(review.event), "retake": review.retake,
        "actor": review.actor, "effective": applied,
        "sealed_reason": key.seal(review.reason.encode(), case_id, "review"),
    }  # fmt: skip
    connection.execute(_KEEP, kept)
    drop_claim(connection, case_id)
    if applied:
        _apply(connection, case_id, review)
    else:
        connection.execute(_SEEN, {"case_id": case_id})
    note(
        connection, actor=review.actor, case_id=case_id, kind="review_recorded",
        payload={
            "event": str(review.event), "retake": review.retake, "against_hard_reason": hard, "effective": applied,
        },
    )  # fmt: skip
    return applied


def _apply(connection: Connection, case_id: UUID, review: _Review) -> None:
    _, target = sources_and_target(review.event)
    connection.execute(
        _APPLY,
        {
            "case_id": case_id, "target": target, "actor": review.actor, "retake": review.retake,
            "reason": _DECIDED, "open_ttl_s": POLICY_V1.open_ttl_s,
        },
    )  # fmt: skip


def list_reviews(store: Store, case_id: UUID) -> tuple[ReviewView, ...]:
    """Return what reviewers decided on a case, in order, their reasons in the clear.

    Raises:
        Erased: the key of the case was destroyed.
    """
    with store.hot() as connection:
        rows = connection.execute(_LIST, {"case_id": case_id}).all()
        key = key_of(connection, store.keyring, case_id)
    return tuple(
        ReviewView(
            event=CaseEvent(row.event), retake=tuple(map(EvidenceKind, row.retake)), attempt=row.attempt,
            reviewed_by=row.reviewed_by, reviewed_at=row.reviewed_at, effective=row.effective,
            reason=key.open(row.sealed_reason, case_id, "review").decode(),
        )
        for row in rows
    )  # fmt: skip
