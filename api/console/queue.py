"""The queue page: what waits for staff, since when, and why; it follows changes by itself."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from flask import Response, render_template, request
from pydantic import Field, StringConstraints

from api.console.pages import STAFF, Answer, Shown, page
from api.console.rendering import age, words
from api.console.visits import Visit
from api.console.words import WORDS
from api.gateway import Language
from api.guidance import staff_text
from api.requests import Asked, Name
from api.settings import GatewaySettings
from pipeline.case import CaseStatus
from pipeline.reasons import REASONS, ReasonCode
from store.api_keys import Scope
from store.review_claims import live_claims
from store.users import names_of
from store.work_queue import QueueFilter, QueueItem, QueuePage, count_queue, list_queue

#: What waits for the bank, and what waits for the customer; these are counted beside their names.
WAITING_FOR_US = (CaseStatus.REVIEW, CaseStatus.PROCESSING)
COUNTED = (*WAITING_FOR_US, CaseStatus.RETAKE, CaseStatus.OPEN)
#: What somebody has to do comes first.
TABS = (*COUNTED, *(status for status in CaseStatus if status not in COUNTED))
#: What is done with is looked for from its end.
NEWEST_FIRST = frozenset({CaseStatus.APPROVED, CaseStatus.REJECTED, CaseStatus.EXPIRED, CaseStatus.ERASED})  # fmt: skip
AGES_MIN = (10, 30, 60, 240, 1440)
PAGE_ROWS = 50
#: A page with 50 rows is one cheap query; looked at this often while somebody waits for a change.
LOOK_EVERY_S = 1.0


class QueueQuery(Asked):
    """Which part of the queue."""

    status: CaseStatus | None = None
    every: bool = False
    branch: Name | None = None
    reason: ReasonCode | None = None
    older_min: int | None = Field(None, ge=1, le=1_000_000)
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = None
    wait: float = Field(0, ge=0, le=60)

    @property
    def shown_status(self) -> CaseStatus | None:
        """The one status shown, None for all; unless said otherwise what a reviewer has to do."""
        return None if self.every else self.status or CaseStatus.REVIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One line of the queue."""

    item: QueueItem
    age: str
    #: "" where nobody at the bank is waited for, else "fresh", "soon" or "late".
    urgency: str
    reasons: tuple[str, ...]
    more_reasons: int
    #: Who is deciding the case now, None for nobody.
    claimed_by: str | None


@page("GET", "/queue", scopes=STAFF)
def show_queue(visit: Visit, query: QueueQuery) -> Shown:
    """The queue with its filters."""
    found = _page(visit, query)
    return Shown(
        "queue.html",
        query=query,
        rows=_rows(visit, found),
        now_s=time.time(),
        next_cursor=found.next_cursor,
        etag=_etag(visit, found),
        counts=count_queue(visit.store, COUNTED, branch=_branch(visit, query)),
        statuses=TABS,
        ages_min=AGES_MIN,
        ages=_ages(visit),
        may_review=Scope.REVIEWER in visit.caller.scopes,
        reasons=sorted((staff_text(spec, visit.language), code) for code, spec in REASONS.items()),
    )


@page("GET", "/queue/rows", scopes=STAFF, waits=True)
def show_queue_rows(visit: Visit, query: QueueQuery) -> Answer:
    """The lines alone, as soon as they differ from those the browser has (`If-None-Match`), or after `wait`."""
    found = _wait_for_change(visit, query)
    etag = _etag(visit, found)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.headers.get("If-None-Match") == etag:
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    body = render_template(
        "console/queue_rows.html", rows=_rows(visit, found), next_cursor=found.next_cursor, query=query,
        now_s=time.time(), counts=count_queue(visit.store, COUNTED, branch=_branch(visit, query)),
    )  # fmt: skip
    return Response(body, headers=headers, content_type="text/html; charset=utf-8")


def _ages(visit: Visit) -> dict[str, object]:
    """What the browser needs to let ages grow: their words, and when they turn yellow and red."""
    settings = visit.gateway.settings
    units = ("minutes", "hours", "days")
    return {
        "words": {unit: WORDS[f"age.{unit}"][visit.language == Language.EN] for unit in units},
        "urgency": {level: words(f"queue.urgency.{level}") for level in ("fresh", "soon", "late")},
        "soon_s": settings.console_sla_soon_s,
        "late_s": settings.console_sla_late_s,
    }


def _wait_for_change(visit: Visit, query: QueueQuery) -> QueuePage:
    """A wait needs one of the few waiting places of the process, as the API's; without one it is answered now."""
    gateway, known = visit.gateway, request.headers.get("If-None-Match")
    waits = query.wait > 0 and gateway.waiting_room.acquire(blocking=False)
    ends_at = time.monotonic() + min(query.wait, gateway.settings.long_poll_max_s)
    try:
        while True:
            found = _page(visit, query)
            left_s = ends_at - time.monotonic()
            if not waits or _etag(visit, found) != known or left_s <= 0:
                return found
            time.sleep(min(LOOK_EVERY_S, left_s))
    finally:
        if waits:
            gateway.waiting_room.release()


def _branch(visit: Visit, query: QueueQuery) -> str | None:
    return visit.caller.branch_for(query.branch)


def _page(visit: Visit, query: QueueQuery) -> QueuePage:
    status = query.shown_status
    asked = QueueFilter(
        statuses=(status,) if status else tuple(CaseStatus),
        branch=_branch(visit, query),
        reason=query.reason,
        older_than_s=query.older_min * 60.0 if query.older_min else None,
        newest_first=status is None or status in NEWEST_FIRST,
    )
    return list_queue(visit.store, asked, cursor=query.cursor, limit=PAGE_ROWS)


def _etag(visit: Visit, found: QueuePage) -> str:
    """Of everything that a line shows but its age, which the browser counts on by itself."""
    claims = sorted(_claims(visit, found).items())
    shown = [(item.id, item.status, item.status_since, item.reasons) for item in found.items]
    digest = hashlib.sha256(repr((shown, claims, found.next_cursor, visit.language)).encode())
    return f'"{digest.hexdigest()[:32]}"'


def _claims(visit: Visit, found: QueuePage) -> dict[UUID, str]:
    """Who is deciding which of the cases: a person's name, or what the record calls anybody else."""
    in_review = [item.id for item in found.items if item.status is CaseStatus.REVIEW]
    claims = live_claims(visit.store, in_review)
    names = names_of(visit.store, {claim.claimed_by for claim in claims.values()})
    return {
        case_id: names.get(claim.claimed_by, claim.claimed_by) for case_id, claim in claims.items()
    }


def _rows(visit: Visit, found: QueuePage) -> list[QueueRow]:
    claims = _claims(visit, found)
    return [_row(visit, item, claims.get(item.id)) for item in found.items]


def _row(visit: Visit, item: QueueItem, claimed_by: str | None) -> QueueRow:
    told = [staff_text(REASONS[code], visit.language) for code, weight in item.reasons if weight != "note"]  # fmt: skip
    return QueueRow(
        item=item,
        age=age(item.status_since),
        urgency=_urgency(item, visit.gateway.settings),
        reasons=tuple(told[:2]),
        more_reasons=max(0, len(told) - 2),
        claimed_by=claimed_by,
    )


def _urgency(item: QueueItem, settings: GatewaySettings) -> str:
    if item.status not in WAITING_FOR_US:
        return ""
    waited_s = (datetime.now(UTC) - item.status_since).total_seconds()
    if waited_s >= settings.console_sla_late_s:
        return "late"
    return "soon" if waited_s >= settings.console_sla_soon_s else "fresh"
