"""The queue of staff: since when a case has its status, order, and that pages are read from indexes."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from pipeline.case import CaseStatus
from pipeline.reasons import ReasonCode
from pipeline.verdict import Outcome
from store import cases
from store.database import Store
from store.errors import CursorInvalid
from store.work_queue import QueueFilter, count_queue, list_queue, queue_query, queue_values
from tests.integration.store import cases_made as made

REVIEW = QueueFilter(statuses=(CaseStatus.REVIEW,))
NOW = datetime.now(UTC)
EVERY = QueueFilter(statuses=tuple(CaseStatus), newest_first=True)
#: Enough that a plan which reads the whole table is the dearer one.
MANY = text(
    "INSERT INTO cases (id, status, branch, reference, created_at, status_since, decided_at, outcome, reasons)"
    " SELECT gen_random_uuid(),"
    "   CASE WHEN n % 50 = 0 THEN 'review' WHEN n % 20 = 1 THEN 'rejected' ELSE 'approved' END,"
    "   'B-' || n % 40, 'R-' || n, now() - n * interval '1 minute', now() - n * interval '1 minute',"
    "   now() - n * interval '1 minute', 'approved',"
    '   CASE WHEN n % 50 = 0 THEN \'[{"code": "face_borderline", "weight": "soft"}]\'::jsonb ELSE \'[]\' END'
    " FROM generate_series(1, 10000) AS n"
)


def test_since_moves_with_the_status_and_with_nothing_else(store: Store) -> None:
    case_id = made.filled_case(store)
    opened = list_queue(store, EVERY).items[0].status_since
    made.complete(store, made.claim(store, case_id, made.Stage.READ_CARD))
    assert list_queue(store, EVERY).items[0].status_since == opened
    cases.submit_case(store, case_id, actor="test")
    (item,) = list_queue(store, EVERY).items
    assert item.status is CaseStatus.PROCESSING
    assert opened < item.status_since <= datetime.now(UTC)


def test_order_counts_and_cursor(store: Store) -> None:
    first = made.decided_case(store, made.verdict(Outcome.REVIEW))
    second = made.decided_case(store, made.verdict(Outcome.REVIEW))
    page = list_queue(store, REVIEW, limit=1)
    assert [item.id for item in page.items] == [first]
    assert [item.id for item in list_queue(store, REVIEW, cursor=page.next_cursor).items] == [second]  # fmt: skip
    newest = list_queue(store, EVERY, limit=1)
    assert [item.id for item in newest.items] == [second]
    assert [i.id for i in list_queue(store, EVERY, cursor=newest.next_cursor).items] == [first]
    counts = count_queue(store, (CaseStatus.REVIEW, CaseStatus.OPEN), branch=None)
    assert counts == {CaseStatus.REVIEW: 2, CaseStatus.OPEN: 0}
    assert count_queue(store, (CaseStatus.REVIEW,), branch="X") == {CaseStatus.REVIEW: 0}
    for cursor in ("", "x", "bm90IGpzb24", "WzEsMl0"):
        with pytest.raises(CursorInvalid):
            list_queue(store, REVIEW, cursor=cursor)


PLANS = [
    (REVIEW, "cases_queue"),
    (EVERY, "cases_queue"),
    (QueueFilter(statuses=(CaseStatus.APPROVED,), newest_first=True), "cases_queue"),
    (QueueFilter(statuses=(CaseStatus.REVIEW,), older_than_s=3600), "cases_queue"),
    (QueueFilter(statuses=(CaseStatus.REVIEW,), branch="B-7"), "cases_queue_of_branch"),
    (QueueFilter(statuses=tuple(CaseStatus), branch="B-7"), "cases_queue_of_branch"),
    (QueueFilter(statuses=(CaseStatus.APPROVED,), reason=ReasonCode.FACE_BORDERLINE), "cases_"),
]


def test_no_page_reads_the_whole_table(store: Store) -> None:
    with store.hot() as connection:
        connection.execute(text("SET ROLE NONE"))
        # Rows without their events: what is looked at here is how they are found.
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(MANY)
        connection.execute(text("VACUUM ANALYZE cases"))
        for (asked, index), goes_on in itertools.product(PLANS, (False, True)):
            query = queue_query(asked, goes_on=goes_on)
            values = queue_values(asked, cursor=None, limit=50) | {"at": NOW, "id": UUID(int=0)}
            used = {name: values[name] for name in query._bindparams}
            plan = "\n".join(connection.execute(text(f"EXPLAIN {query.text}"), used).scalars())
            assert index in plan, plan
            assert "Seq Scan" not in plan, plan
