"""Reading cases: what one looks like, lists of them, and the version that tells whether it changed."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, text, tuple_

from pipeline.case import CaseStatus
from pipeline.challenge import Action, ChallengeStep
from pipeline.stages import EvidenceKind, Stage
from store.database import Store
from store.errors import CaseUnknown, CursorInvalid
from store.models import BlobRow, CaseRow, ChallengeRow, StageRow


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """A piece of evidence that is current."""

    kind: EvidenceKind
    sha256: str
    size: int
    mime: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """A stage: waiting | pending | running | done | dead."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """What was decided, by whom; `reasons` are dicts of code, stage, weight, retake, facts."""

    outcome: str
    reasons: list[dict[str, Any]]
    retake: tuple[EvidenceKind, ...]
    policy_version: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeView:
    """The current challenge."""

    id: UUID
    nonce: str
    steps: tuple[ChallengeStep, ...]
    excluded: tuple[Action, ...]
    issued_at: datetime
    expires_at: datetime
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case without personal data."""

    id: UUID
    status: CaseStatus
    version: int
    branch: str | None
    reference: str | None
    attempt: int
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None
    expires_at: datetime | None
    evidence: Mapping[EvidenceKind, EvidenceView]
    stages: Mapping[Stage, StageView]
    verdict: VerdictView | None
    challenge: ChallengeView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseListItem:
    """A case in a list."""

    id: UUID
    status: CaseStatus
    branch: str | None
    reference: str | None
    attempt: int
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """Some cases, and where the next ones begin."""

    cases: list[CaseListItem]
    next_cursor: str | None


#: A claim changes a stage and leaves the case row alone, so that workers never wait for each other; both count.
_VERSION = text(
    "SELECT cases.version + coalesce((SELECT sum(changes) FROM stages WHERE case_id = cases.id), 0) AS version"
    " FROM cases WHERE id = :case_id AND (CAST(:branch AS text) IS NULL OR branch = :branch)"
)
_STAGE_COLUMNS = [StageRow.__table__.c[name] for name in StageView.__dataclass_fields__]
_EVIDENCE_COLUMNS = [BlobRow.__table__.c[name] for name in EvidenceView.__dataclass_fields__]


def case_version(store: Store, case_id: UUID, branch: str | None = None) -> int:
    """Return a number that grows with every visible change of a case; one cheap statement.

    Raises:
        CaseUnknown: there is no such case, or it belongs to another branch.
    """
    with store.hot() as connection:
        return version_of(connection, case_id, branch)


def version_of(connection: Connection, case_id: UUID, branch: str | None = None) -> int:
    """Return what `case_version` returns, inside a transaction."""
    row = connection.execute(_VERSION, {"case_id": case_id, "branch": branch}).one_or_none()
    if row is None:
        raise CaseUnknown("no such case")
    return int(row.version)


def get_case(store: Store, case_id: UUID, *, branch: str | None = None) -> CaseView:
    """Return a case.

    Raises:
        CaseUnknown: there is no such case, or it belongs to another branch.
    """
    with store.hot() as connection:
        # Read first: the content may then be newer than its version, never older, and a poll finds the rest.
        version = version_of(connection, case_id, branch)
        case = connection.execute(select(CaseRow.__table__).where(CaseRow.id == case_id)).one()
        return CaseView(
            id=case.id,
            status=CaseStatus(case.status),
            version=version,
            branch=case.branch,
            reference=case.reference,
            attempt=case.attempt,
            created_at=case.created_at,
            submitted_at=case.submitted_at,
            decided_at=case.decided_at,
            expires_at=case.expires_at,
            evidence=_evidence(connection, case_id),
            stages=_stages(connection, case_id),
            verdict=_verdict(case),
            challenge=current_challenge(connection, case_id),
        )


def _evidence(connection: Connection, case_id: UUID) -> dict[EvidenceKind, EvidenceView]:
    rows = connection.execute(
        select(*_EVIDENCE_COLUMNS).where(BlobRow.case_id == case_id, BlobRow.replaced_at.is_(None))
    ).mappings()
    views = [EvidenceView(**{**row, "kind": EvidenceKind(row["kind"])}) for row in rows]
    return {view.kind: view for view in views}


def _stages(connection: Connection, case_id: UUID) -> dict[Stage, StageView]:
    rows = connection.execute(select(*_STAGE_COLUMNS).where(StageRow.case_id == case_id)).mappings()
    views = {Stage(row["stage"]): row for row in rows}
    return {
        stage: StageView(**{**views[stage], "stage": stage}) for stage in Stage if stage in views
    }


def _verdict(case: Row[Any]) -> VerdictView | None:
    if case.outcome is None:
        return None
    return VerdictView(
        outcome=case.outcome,
        reasons=case.reasons,
        retake=tuple(EvidenceKind(kind) for kind in case.retake),
        policy_version=case.policy_version,
        decided_by=case.decided_by,
        decided_at=case.decided_at,
    )


def current_challenge(connection: Connection, case_id: UUID) -> ChallengeView | None:
    """Return the challenge that a clip must answer, if one was issued."""
    row = connection.execute(
        select(ChallengeRow.__table__).where(
            ChallengeRow.case_id == case_id, ChallengeRow.superseded_at.is_(None)
        )
    ).one_or_none()
    return _challenge(row) if row else None


def _challenge(row: Row[Any]) -> ChallengeView:
    return ChallengeView(
        id=row.id,
        nonce=row.nonce,
        steps=tuple(
            ChallengeStep(**{**step, "action": Action(step["action"])}) for step in row.steps
        ),
        excluded=tuple(Action(action) for action in row.excluded),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        answered=row.answered_at is not None,
    )


# ---------------------------------------------------------------- lists


def list_cases(
    store: Store,
    *,
    statuses: Collection[CaseStatus] | None = None,
    since: datetime | None = None,
    branch: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> CasePage:
    """Return cases in the order in which they were opened, from a cursor on.

    Raises:
        CursorInvalid: the cursor is not one that this list gave out.
    """
    columns = [CaseRow.__table__.c[name] for name in CaseListItem.__dataclass_fields__]
    query = select(*columns).order_by(CaseRow.created_at, CaseRow.id).limit(limit + 1)
    if statuses:
        query = query.where(CaseRow.status.in_([str(status) for status in statuses]))
    if since is not None:
        query = query.where(CaseRow.created_at >= since)
    if branch is not None:
        query = query.where(CaseRow.branch == branch)
    if cursor is not None:
        created_at, case_id = _read_cursor(cursor)
        query = query.where(tuple_(CaseRow.created_at, CaseRow.id) > tuple_(created_at, case_id))
    with store.hot() as connection:
        rows = connection.execute(query).mappings().all()
    items = [CaseListItem(**{**row, "status": CaseStatus(row["status"])}) for row in rows[:limit]]
    return CasePage(cases=items, next_cursor=_cursor(items[-1]) if len(rows) > limit else None)


def _cursor(item: CaseListItem) -> str:
    place = json.dumps([item.created_at.isoformat(), str(item.id)])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        created_at, case_id = json.loads(base64.urlsafe_b64decode(padded))
        place = datetime.fromisoformat(created_at), UUID(case_id)
    except (ValueError, TypeError, AttributeError):
        raise CursorInvalid("not a cursor of this list") from None
    if place[0].tzinfo is None:
        raise CursorInvalid("not a cursor of this list")
    return place
