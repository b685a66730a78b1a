"""The life of a case over every pair of status and event."""

from __future__ import annotations

import itertools

import pytest

from pipeline.case import FINAL, TRANSITIONS, CaseEvent, CaseStatus, advance
from pipeline.errors import IllegalTransition

EVERY_PAIR = list(itertools.product(CaseStatus, CaseEvent))


@pytest.mark.parametrize(("status", "event"), EVERY_PAIR)
def test_every_pair_follows_the_table_or_is_refused(status: CaseStatus, event: CaseEvent) -> None:
    if (status, event) in TRANSITIONS:
        assert advance(status, event) is TRANSITIONS[status, event]
    else:
        with pytest.raises(IllegalTransition):
            advance(status, event)


def test_every_event_happens_somewhere_and_every_status_can_be_reached() -> None:
    assert {event for _, event in TRANSITIONS} == set(CaseEvent)
    assert set(TRANSITIONS.values()) | {CaseStatus.OPEN} == set(CaseStatus)


def test_a_final_status_can_only_be_erased_and_erased_is_the_end() -> None:
    for status in FINAL:
        assert [event for s, event in TRANSITIONS if s is status] == [CaseEvent.ERASE]
    assert not [event for s, event in TRANSITIONS if s is CaseStatus.ERASED]


def test_only_a_person_leaves_review() -> None:
    leaving = {event for status, event in TRANSITIONS if status is CaseStatus.REVIEW}
    assert leaving == {
        CaseEvent.REVIEWER_APPROVES,
        CaseEvent.REVIEWER_REJECTS,
        CaseEvent.REVIEWER_ASKS_RETAKE,
        CaseEvent.REQUEUE,
    }
