"""Claims of reviewers: who is deciding a case, so that two people do not decide the same one at once.

A claim is a lease: whoever goes home without a verdict keeps nobody waiting. Only claims that have not ended count.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from pipeline.case import CaseEvent
from store.audit import note
from store.database import Store
from store.errors import ReviewClaimed
from store.guards import lock_case, require_status
from store.transitions import sources_and_target

#: A verdict takes seconds to a few minutes; the page renews its claim while somebody looks at it.
LEASE_S = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClaim:
    """Who is deciding a case, and until when unless renewed."""

    case_id: UUID
    claimed_by: str
    claimed_at: datetime
    until: datetime


_COLUMNS = "case_id, claimed_by, claimed_at, until"
_LIVE = text(
    f"SELECT {_COLUMNS} FROM review_claims WHERE case_id = ANY(:case_ids) AND until > now()"
)
_TAKE = text(
    "INSERT INTO review_claims AS claim (case_id, claimed_by, until)"
    " VALUES (:case_id, :actor, now() + :lease_s * interval '1 second')"
    " ON CONFLICT (case_id) DO UPDATE SET until = excluded.until, claimed_by = excluded.claimed_by,"
    "   claimed_at = CASE WHEN claim.claimed_by = :actor AND claim.until > now()"
    "     THEN claim.claimed_at ELSE now() END"
    f" RETURNING {_COLUMNS}, claimed_at = now() AS is_new"
)
_DROP = text("DELETE FROM review_claims WHERE case_id = :case_id")
_SEEN = text("UPDATE cases SET version = version + 1 WHERE id = :case_id")
#: The one that waits longest, unless somebody else has it, or another person must confirm what this one approved.
_NEXT = text(
    "SELECT c.id FROM cases c WHERE c.status = 'review' AND c.id <> ALL(:but)"
    " AND (CAST(:branch AS text) IS NULL OR c.branch = :branch)"
    " AND NOT EXISTS (SELECT FROM review_claims r"
    "   WHERE r.case_id = c.id AND r.until > now() AND r.claimed_by <> :actor)"
    " AND NOT EXISTS (SELECT FROM reviews v WHERE v.case_id = c.id AND v.attempt = c.attempt"
    "   AND v.reviewed_by = :actor AND v.event = 'reviewer_approves' AND NOT v.effective"
    "   AND v.reviewed_at > c.decided_at)"
    " ORDER BY c.status_since, c.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED"
)


def claim_review(
    store: Store, case_id: UUID, *, actor: str, lease_s: float = LEASE_S
) -> ReviewClaim:
    """Claim a case in review, or renew one's own claim.

    Raises:
        CaseUnknown, Erased, WrongStatus: as their names say.
        ReviewClaimed: somebody else is deciding it.
    """
    sources, _ = sources_and_target(CaseEvent.REVIEWER_APPROVES)
    with store.engine.begin() as connection:
        require_status(lock_case(connection, case_id).status, sources)
        return _take(connection, case_id, actor, lease_s)


def claim_next(
    store: Store,
    *,
    actor: str,
    branch: str | None,
    but: Collection[UUID] = (),
    lease_s: float = LEASE_S,
) -> ReviewClaim | None:
    """Claim the case that has waited longest for this person; None when there is none.

    Args:
        store: the open store.
        actor: who asks.
        branch: only cases of this branch.
        but: cases to pass over.
        lease_s: until the claim ends unless renewed.
    """
    values = {"actor": actor, "branch": branch, "but": list(but)}
    with store.engine.begin() as connection:
        found = connection.execute(_NEXT, values).one_or_none()
        return _take(connection, found.id, actor, lease_s) if found else None


def _take(connection: Connection, case_id: UUID, actor: str, lease_s: float) -> ReviewClaim:
    """The row of the case is locked: nobody else takes or drops a claim meanwhile."""
    require_unclaimed(connection, case_id, actor=actor)
    values = {"case_id": case_id, "actor": actor, "lease_s": lease_s}
    row = connection.execute(_TAKE, values).mappings().one()
    if row["is_new"]:
        connection.execute(_SEEN, {"case_id": case_id})
        note(connection, actor=actor, case_id=case_id, kind="review_claimed", payload={})
    return ReviewClaim(**{name: row[name] for name in ReviewClaim.__dataclass_fields__})


def require_unclaimed(connection: Connection, case_id: UUID, *, actor: str) -> None:
    """Refuse when somebody else is deciding a case.

    Raises:
        ReviewClaimed: as its name says.
    """
    claim = connection.execute(_LIVE, {"case_ids": [case_id]}).one_or_none()
    if claim is not None and claim.claimed_by != actor:
        raise ReviewClaimed("somebody else is deciding this case")


def release_review(store: Store, case_id: UUID, *, actor: str) -> None:
    """Let go one's own claim; not having one is no error.

    Raises:
        CaseUnknown: there is no such case.
        ReviewClaimed: somebody else is deciding it.
    """
    with store.engine.begin() as connection:
        lock_case(connection, case_id)
        require_unclaimed(connection, case_id, actor=actor)
        if drop_claim(connection, case_id):
            connection.execute(_SEEN, {"case_id": case_id})
            note(connection, actor=actor, case_id=case_id, kind="review_released", payload={})


def drop_claim(connection: Connection, case_id: UUID) -> bool:
    """Forget the claim of a case; whether there was one."""
    return bool(connection.execute(_DROP, {"case_id": case_id}).rowcount)


def live_claims(store: Store, case_ids: Collection[UUID]) -> dict[UUID, ReviewClaim]:
    """Return the claims on some cases that have not ended."""
    if not case_ids:
        return {}
    with store.hot() as connection:
        rows = connection.execute(_LIVE, {"case_ids": list(case_ids)}).mappings()
        return {row["case_id"]: ReviewClaim(**row) for row in rows}
