"""Claims of reviewers: one at a time, let go by a verdict, by hand or by time; what was seen is what is decided."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from pipeline.case import CaseEvent, CaseStatus
from pipeline.reasons import ReasonCode, Severity
from pipeline.stages import Stage
from pipeline.verdict import Outcome, Reason
from store import audit, cases
from store.database import Store
from store.errors import CaseChanged, FourEyes, ReviewClaimed, WrongStatus
from store.review_claims import claim_next, claim_review, live_claims, release_review
from store.reviews import list_reviews
from tests.integration.store import cases_made as made

ANNA, BINH = "user:0000000000aa", "user:0000000000bb"
HARD = Reason(code=ReasonCode.FACE_NO_MATCH, stage=Stage.MATCH_FACE, weight=Severity.HARD)


def case_in_review(store: Store, *reasons: Reason) -> UUID:
    return made.decided_case(store, made.verdict(Outcome.REVIEW, *reasons))


def approve(store: Store, case_id: UUID, actor: str, version: int | None = None) -> CaseStatus:
    return cases.record_review(
        store, case_id, event=CaseEvent.REVIEWER_APPROVES, reason="ảnh rõ", retake=(),
        actor=actor, expected_version=version,
    ).status  # fmt: skip


def test_one_at_a_time(store: Store) -> None:
    case_id = case_in_review(store)
    first = claim_review(store, case_id, actor=ANNA)
    with pytest.raises(ReviewClaimed):
        claim_review(store, case_id, actor=BINH)
    with pytest.raises(ReviewClaimed):
        release_review(store, case_id, actor=BINH)
    with pytest.raises(ReviewClaimed):
        approve(store, case_id, BINH)
    again = claim_review(store, case_id, actor=ANNA)
    assert (again.claimed_at, again.until > first.until) == (first.claimed_at, True)
    assert live_claims(store, [case_id])[case_id].claimed_by == ANNA
    kinds = [event.kind for event in audit.events(store, case_id)]
    assert kinds.count("review_claimed") == 1


def test_of_many_at_once_one_gets_it(store: Store) -> None:
    case_id = case_in_review(store)

    def attempt(number: int) -> bool:
        try:
            claim_review(store, case_id, actor=f"user:{number:012}")
        except ReviewClaimed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_released_and_ended_claims_are_free(store: Store) -> None:
    case_id = case_in_review(store)
    claim_review(store, case_id, actor=ANNA)
    release_review(store, case_id, actor=ANNA)
    release_review(store, case_id, actor=ANNA)
    claim_review(store, case_id, actor=BINH, lease_s=-1)
    assert live_claims(store, [case_id]) == {}
    assert claim_review(store, case_id, actor=ANNA).claimed_by == ANNA


def test_a_verdict_lets_go(store: Store) -> None:
    case_id = case_in_review(store)
    claim_review(store, case_id, actor=ANNA)
    assert approve(store, case_id, ANNA) is CaseStatus.APPROVED
    assert live_claims(store, [case_id]) == {}
    with pytest.raises(WrongStatus):
        claim_review(store, case_id, actor=BINH)


def test_only_what_was_seen_is_decided(store: Store) -> None:
    case_id = case_in_review(store)
    claim_review(store, case_id, actor=ANNA)
    version = cases.case_version(store, case_id)
    with pytest.raises(CaseChanged):
        approve(store, case_id, ANNA, version - 1)
    assert approve(store, case_id, ANNA, version) is CaseStatus.APPROVED


def test_against_a_hard_reason_the_second_person_is_another_one(store: Store) -> None:
    case_id = case_in_review(store, HARD)
    claim_review(store, case_id, actor=ANNA)
    for _ in range(2):
        with pytest.raises(FourEyes):
            approve(store, case_id, ANNA)
    assert cases.get_case(store, case_id).status is CaseStatus.REVIEW
    claim_review(store, case_id, actor=BINH)
    assert approve(store, case_id, BINH) is CaseStatus.APPROVED
    told = [(r.reviewed_by, r.effective, r.reason) for r in list_reviews(store, case_id)]
    assert told == [(ANNA, False, "ảnh rõ"), (ANNA, False, "ảnh rõ"), (BINH, True, "ảnh rõ")]
    assert audit.verify(store).first_bad is None


def test_next_is_the_one_that_waits_longest_and_is_this_person_s_to_decide(store: Store) -> None:
    first, second = case_in_review(store, HARD), case_in_review(store)
    taken = claim_next(store, actor=ANNA, branch=None)
    assert taken is not None
    assert taken.case_id == first
    other = claim_next(store, actor=BINH, branch=None)
    assert other is not None
    assert other.case_id == second
    assert claim_next(store, actor="user:cc", branch=None) is None
    with pytest.raises(FourEyes):
        approve(store, first, ANNA)
    assert claim_next(store, actor=ANNA, branch=None) is None
    release_review(store, second, actor=BINH)
    confirmed = claim_next(store, actor=BINH, branch=None, but=[second])
    assert confirmed is not None
    assert confirmed.case_id == first
    assert claim_next(store, actor=ANNA, branch="elsewhere") is None
