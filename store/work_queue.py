"""The queue that staff work on: cases by status, in the order of how long they have had it, page by page.

Each status is looked up by itself in an index that ends with the order, so a page costs the same however many cases
there are.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, TextClause, text

from pipeline.case import CaseStatus
from pipeline.reasons import ReasonCode
from store.database import Store
from store.errors import CursorInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """A case in the queue; `reasons` are codes with their weights."""

    id: UUID
    status: CaseStatus
    branch: str | None
    reference: str | None
    attempt: int
    created_at: datetime
    status_since: datetime
    reasons: tuple[tuple[ReasonCode, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """Which cases; `older_than_s` is the least age in the status, seconds; `newest_first` turns the order round."""

    statuses: tuple[CaseStatus, ...]
    branch: str | None = None
    reason: ReasonCode | None = None
    older_than_s: float | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """Some of the queue, and where the rest begins."""

    items: tuple[QueueItem, ...]
    next_cursor: str | None


_COUNT = (
    "SELECT status, count(*) AS number FROM cases WHERE status = ANY(CAST(:statuses AS text[]))"
    "{branch} GROUP BY status"
)
_OF_BRANCH = " AND branch = :branch"


def queue_query(asked: QueueFilter, *, goes_on: bool) -> TextClause:
    """Return the statement of a page; `goes_on` when it begins behind a cursor."""
    beyond, order = ("<", "DESC") if asked.newest_first else (">", "ASC")
    conditions = [
        _OF_BRANCH if asked.branch is not None else "",
        " AND reasons @> CAST(:reasons AS jsonb)" if asked.reason is not None else "",
        " AND status_since <= now() - :older_than_s * interval '1 second'"
        if asked.older_than_s is not None
        else "",
        f" AND (status_since, id) {beyond} (:at, :id)" if goes_on else "",
    ]
    ordered = f" ORDER BY status_since {order}, id {order} LIMIT :limit"
    return text(
        "SELECT found.* FROM unnest(CAST(:statuses AS text[])) AS wanted (status) CROSS JOIN LATERAL ("
        "SELECT id, status, branch, reference, attempt, created_at, status_since, reasons FROM cases"
        f" WHERE cases.status = wanted.status{''.join(conditions)}{ordered}) AS found{ordered}"
    )


def queue_values(asked: QueueFilter, *, cursor: str | None, limit: int) -> dict[str, Any]:
    """Return the parameters of `queue_query`.

    Raises:
        CursorInvalid: the cursor is not one of this queue.
    """
    values: dict[str, Any] = {
        "statuses": [str(status) for status in asked.statuses], "limit": limit + 1, "branch": asked.branch,
        "older_than_s": asked.older_than_s, "reasons": json.dumps([{"code": str(asked.reason)}]),
    }  # fmt: skip
    if cursor is not None:
        values["at"], values["id"] = _read_cursor(cursor)
    return values


def list_queue(
    store: Store, asked: QueueFilter, *, cursor: str | None = None, limit: int = 50
) -> QueuePage:
    """Return a page of the queue.

    Raises:
        CursorInvalid: the cursor is not one of this queue.
    """
    query = queue_query(asked, goes_on=cursor is not None)
    values = queue_values(asked, cursor=cursor, limit=limit)
    with store.hot() as connection:
        used = {name: values[name] for name in query._bindparams}
        rows = connection.execute(query, used).mappings().all()
    items = tuple(_item(row) for row in rows[:limit])
    return QueuePage(items=items, next_cursor=_cursor(items[-1]) if len(rows) > limit else None)


def count_queue(
    store: Store, statuses: Collection[CaseStatus], *, branch: str | None
) -> dict[CaseStatus, int]:
    """Return how many cases there are of each of a few statuses."""
    query = text(_COUNT.format(branch=_OF_BRANCH if branch is not None else ""))
    values = {"statuses": [str(status) for status in statuses], "branch": branch}
    with store.hot() as connection:
        used = {name: values[name] for name in query._bindparams}
        found = {row.status: row.number for row in connection.execute(query, used)}
    return {status: found.get(status, 0) for status in statuses}


def _item(row: RowMapping) -> QueueItem:
    reasons = tuple((ReasonCode(reason["code"]), reason["weight"]) for reason in row["reasons"])
    return QueueItem(**{**row, "status": CaseStatus(row["status"]), "reasons": reasons})


def _cursor(item: QueueItem) -> str:
    place = json.dumps([item.status_since.isoformat(), str(item.id)])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, case_id = json.loads(base64.urlsafe_b64decode(padded))
        place = datetime.fromisoformat(at), UUID(case_id)
    except (ValueError, TypeError, AttributeError):
        raise CursorInvalid("not a cursor of this queue") from None
    if place[0].tzinfo is None:
        raise CursorInvalid("not a cursor of this queue")
    return place
