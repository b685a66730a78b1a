"""The same number in two cases, on a real database."""

from __future__ import annotations

import threading
from uuid import UUID

import psycopg
import pytest

from pipeline.case import CaseStatus
from pipeline.verdict import Outcome
from store import cases
from store.database import Store
from store.duplicates import cases_of_same_number
from store.errors import Erased
from store.kek_rotation import kek_usage
from store.settings import StoreSettings
from tests.integration.store import cases_made as made

NUMBER = "079199000000"


def decided(store: Store, outcome: Outcome) -> UUID:
    case_id = made.decided_case(store, made.verdict(outcome))
    cases_of_same_number(store, case_id, NUMBER)
    return case_id


def test_who_waits_or_was_approved_counts_and_who_was_rejected_may_come_again(store: Store) -> None:
    approved, waiting = decided(store, Outcome.APPROVED), decided(store, Outcome.REVIEW)
    decided(store, Outcome.REJECTED)
    here = made.new_case(store)
    assert cases_of_same_number(store, here, NUMBER) == (approved, waiting)
    assert cases_of_same_number(store, here, "079199 000 000") == (approved, waiting)
    assert cases_of_same_number(store, here, "079199000001") == ()


def test_of_two_cases_at_the_same_moment_at_least_one_sees_the_other(store: Store) -> None:
    for _ in range(10):
        pair = [made.filled_case(store) for _ in range(2)]
        for case_id in pair:
            cases.submit_case(store, case_id, actor=made.ACTOR)
        seen: dict[UUID, tuple[UUID, ...]] = {}
        start = threading.Barrier(2)

        def look(
            case_id: UUID, seen: dict[UUID, tuple[UUID, ...]], start: threading.Barrier
        ) -> None:
            start.wait()
            seen[case_id] = cases_of_same_number(store, case_id, NUMBER)

        threads = [threading.Thread(target=look, args=(case_id, seen, start)) for case_id in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        first, second = pair
        assert second in seen[first] or first in seen[second]


def test_the_number_itself_is_nowhere_and_goes_with_the_case(
    store: Store, settings: StoreSettings
) -> None:
    case_id = decided(store, Outcome.APPROVED)
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as db:
        (row,) = db.execute("SELECT mac FROM id_number_index").fetchall()
        assert NUMBER.encode() not in row[0]
    assert kek_usage(store) == {"k1": 2}
    cases.erase_case(store, case_id, actor="cli")
    with psycopg.connect(url) as db:
        assert db.execute("SELECT count(*) FROM id_number_index").fetchone() == (0,)
    with pytest.raises(Erased):
        cases_of_same_number(store, case_id, NUMBER)
    assert cases.get_case(store, case_id).status is CaseStatus.ERASED
