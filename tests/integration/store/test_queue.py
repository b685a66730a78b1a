"""Claim, complete, fail, sweep: each effect once, whoever asks, however often."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest

from pipeline.case import CaseStatus
from pipeline.stages import ENGINE_STAGES, EvidenceKind, Stage
from pipeline.verdict import Outcome
from store import audit, cases, queue
from store.database import Store
from store.errors import StageNotDead
from store.settings import StoreSettings
from tests.integration.store import cases_made as made


def _sql(settings: StoreSettings, statement: str) -> None:
    dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(statement)


def _status(store: Store, case_id: UUID, stage: Stage) -> str:
    return cases.get_case(store, case_id).stages[stage].status


def test_completions_from_many_threads_count_once_and_ring_once(store: Store) -> None:
    ids = [made.submitted_case(store) for _ in range(12)]
    claims = [made.claim(store, case_id, stage) for case_id in ids for stage in ENGINE_STAGES]
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda claim: made.complete(store, claim), claims * 2))
    assert sum(completion.effective for completion in done) == len(claims)
    rung = Counter(bell for completion in done for bell in completion.ring)
    assert rung == {(Stage.DECIDE, case_id): 1 for case_id in ids}
    for case_id in ids:
        kinds = Counter(event.kind for event in audit.events(store, case_id))
        assert kinds["stage_done"] == 3
        assert _status(store, case_id, Stage.DECIDE) == "pending"
    assert audit.verify(store).first_bad is None


def test_two_deciders_take_effect_once(store: Store) -> None:
    case_id = made.submitted_case(store)
    made.judge(store, case_id)
    claimed = made.claim(store, case_id, Stage.DECIDE)
    with ThreadPoolExecutor(4) as pool:
        drawn = made.verdict(Outcome.APPROVED)
        applied = list(pool.map(lambda _: queue.complete_decision(store, claimed, drawn), range(8)))
    assert applied.count(True) == 1
    kinds = Counter(event.kind for event in audit.events(store, case_id))
    assert kinds["case_decided"] == 1


def test_claims_in_batches_never_share_a_row(store: Store) -> None:
    ids = {made.new_case(store) for _ in range(20)}
    for case_id in ids:
        made.put(store, case_id, EvidenceKind.CARD_FRONT)
    with ThreadPoolExecutor(4) as pool:
        batches = list(
            pool.map(
                lambda n: queue.claim(store, Stage.READ_CARD, worker=f"w{n}", lease_s=60, limit=3),
                range(8),
            )
        )
    taken = [claimed.case_id for batch in batches for claimed in batch]
    assert len(taken) == len(set(taken)) == 20
    assert set(taken) == ids


def test_submitted_cases_come_first(store: Store) -> None:
    early, late = made.filled_case(store), made.filled_case(store)
    cases.submit_case(store, late, actor=made.ACTOR)
    first, second = queue.claim(store, Stage.READ_CARD, worker="w", lease_s=60, limit=2)
    assert {first.case_id, second.case_id} == {early, late}
    _ = (first, second)
    case_id = made.filled_case(store)
    cases.submit_case(store, case_id, actor=made.ACTOR)
    made.filled_case(store)
    (claimed,) = queue.claim(store, Stage.MATCH_FACE, worker="w", lease_s=60)
    assert claimed.case_id == late


def test_a_result_of_replaced_evidence_has_no_effect(store: Store) -> None:
    case_id = made.filled_case(store)
    old = made.claim(store, case_id, Stage.MATCH_FACE)
    made.put(store, case_id, EvidenceKind.CARD_FRONT)
    assert not made.complete(store, old).effective
    assert not queue.fail(store, old, error_code="x").effective
    assert _status(store, case_id, Stage.MATCH_FACE) == "pending"
    assert made.complete(store, made.claim(store, case_id, Stage.MATCH_FACE)).effective


def test_replacing_the_card_voids_what_was_found_in_it(store: Store) -> None:
    case_id = made.filled_case(store)
    made.judge(store, case_id)
    made.put(store, case_id, EvidenceKind.CARD_BACK)
    view = cases.get_case(store, case_id).stages
    assert (view[Stage.READ_CARD].status, view[Stage.READ_CARD].summary) == ("pending", None)
    assert view[Stage.MATCH_FACE].status == "done"
    made.put(store, case_id, EvidenceKind.CARD_FRONT)
    view = cases.get_case(store, case_id).stages
    assert {view[stage].status for stage in ENGINE_STAGES} == {"pending"}
    assert cases.submit_case(store, case_id, actor=made.ACTOR) == ()


def test_a_lease_that_ended_is_swept_until_the_stage_is_dead(store: Store) -> None:
    case_id = made.submitted_case(store)
    for stage in (Stage.READ_CARD, Stage.SCORE_LIVENESS):
        made.complete(store, made.claim(store, case_id, stage))
    for _ in range(queue.MAX_ATTEMPTS - 1):
        made.claim(store, case_id, Stage.MATCH_FACE, lease_s=-1)
        found = queue.sweep(store, pending_grace_s=60)
        assert (found.ring, found.dead) == ([(Stage.MATCH_FACE, case_id)], [])
    made.claim(store, case_id, Stage.MATCH_FACE, lease_s=-1)
    assert queue.claim(store, Stage.MATCH_FACE, worker="w", lease_s=60) == []
    found = queue.sweep(store, pending_grace_s=60)
    assert found.dead == [(Stage.MATCH_FACE, case_id)]
    assert found.ring == [(Stage.DECIDE, case_id)]
    loaded = queue.load_findings(store, case_id)
    assert (loaded.face, loaded.dead_stages) == (None, (Stage.MATCH_FACE,))
    assert made.decide(store, case_id, made.verdict(Outcome.REVIEW))
    assert queue.sweep(store, pending_grace_s=0).ring == []


def test_an_ended_lease_may_be_claimed_without_waiting_for_the_sweeper(store: Store) -> None:
    case_id = made.filled_case(store)
    made.claim(store, case_id, Stage.READ_CARD)
    assert queue.claim(store, Stage.READ_CARD, worker="v", lease_s=60) == []
    assert queue.release(store, worker="w") == 1
    (claimed,) = queue.claim(store, Stage.READ_CARD, worker="v", lease_s=60)
    assert claimed.attempt == 2


def test_takeover_takes_a_row_that_is_held(store: Store) -> None:
    case_id = made.filled_case(store)
    made.claim(store, case_id, Stage.READ_CARD)
    (claimed,) = queue.claim(
        store, Stage.READ_CARD, worker="v", lease_s=60, case_id=case_id, takeover=True
    )
    assert claimed.attempt == 2


def test_failing_pauses_then_kills_the_stage(store: Store, settings: StoreSettings) -> None:
    case_id = made.submitted_case(store)
    for attempt in (1, 2, 3):
        claimed = made.claim(store, case_id, Stage.MATCH_FACE)
        assert claimed.attempt == attempt
        assert queue.fail(store, claimed, error_code="engine_error").effective
        assert not queue.fail(store, claimed, error_code="engine_error").effective
        assert queue.claim(store, Stage.MATCH_FACE, worker="w", lease_s=60) == []
        _sql(settings, "UPDATE stages SET available_at = now() - interval '1 minute'")
    view = cases.get_case(store, case_id).stages[Stage.MATCH_FACE]
    assert (view.status, view.error_code) == ("dead", "engine_error")
    for stage in (Stage.READ_CARD, Stage.SCORE_LIVENESS):
        last = made.complete(store, made.claim(store, case_id, stage))
    assert last.ring == ((Stage.DECIDE, case_id),)


def test_the_last_failure_rings_the_decision(store: Store, settings: StoreSettings) -> None:
    case_id = made.submitted_case(store)
    for stage in (Stage.READ_CARD, Stage.SCORE_LIVENESS):
        made.complete(store, made.claim(store, case_id, stage))
    for _ in range(3):
        rung = queue.fail(
            store, made.claim(store, case_id, Stage.MATCH_FACE), error_code="engine_error"
        ).ring
        _sql(settings, "UPDATE stages SET available_at = now() - interval '1 minute'")
    assert rung == ((Stage.DECIDE, case_id),)


@pytest.mark.parametrize("by", ["fail", "sweep"])
def test_a_dead_decision_sends_the_case_to_a_person(
    store: Store, settings: StoreSettings, by: str
) -> None:
    case_id = made.submitted_case(store)
    made.judge(store, case_id)
    for _ in range(3):
        claimed = made.claim(store, case_id, Stage.DECIDE, lease_s=-1 if by == "sweep" else 60)
        if by == "fail":
            queue.fail(store, claimed, error_code="ValueError")
        else:
            queue.sweep(store, pending_grace_s=60)
        _sql(settings, "UPDATE stages SET available_at = now() - interval '1 minute'")
    case = cases.get_case(store, case_id)
    assert case.status is CaseStatus.REVIEW
    assert case.verdict is not None
    assert [r["code"] for r in case.verdict.reasons] == ["engine_unavailable"]
    assert case.verdict.reasons[0]["stage"] == "decide"
    queue.requeue(store, case_id, Stage.DECIDE, actor="cli")
    assert made.decide(store, case_id, made.verdict(Outcome.APPROVED))


def test_a_dead_stage_is_started_again_by_hand(store: Store) -> None:
    case_id = made.submitted_case(store)
    for stage in (Stage.READ_CARD, Stage.SCORE_LIVENESS):
        made.complete(store, made.claim(store, case_id, stage))
    for _ in range(3):
        made.claim(store, case_id, Stage.MATCH_FACE, lease_s=-1)
        queue.sweep(store, pending_grace_s=60)
    with pytest.raises(StageNotDead):
        queue.requeue(store, case_id, Stage.READ_CARD, actor="cli")
    made.decide(store, case_id, made.verdict(Outcome.REVIEW))
    assert queue.requeue(store, case_id, Stage.MATCH_FACE, actor="cli") == [
        (Stage.MATCH_FACE, case_id)
    ]
    assert cases.get_case(store, case_id).status is CaseStatus.PROCESSING
    done = made.complete(store, made.claim(store, case_id, Stage.MATCH_FACE))
    assert done.ring == ((Stage.DECIDE, case_id),)
    assert made.decide(store, case_id, made.verdict(Outcome.APPROVED))
    with pytest.raises(StageNotDead):
        queue.requeue(store, case_id, Stage.MATCH_FACE, actor="cli")


def test_two_sweepers_share_the_work(store: Store) -> None:
    ids = [made.new_case(store) for _ in range(10)]
    for case_id in ids:
        made.put(store, case_id, EvidenceKind.CARD_FRONT)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: queue.sweep(store, pending_grace_s=-1), range(4)))
    # A negative grace rings again at every sweep; nothing may be lost, held or dead.
    assert {case_id for result in found for _, case_id in result.ring} == set(ids)
    assert not any(result.dead for result in found)
    assert queue.sweep(store, pending_grace_s=60).ring == []


def test_the_version_grows_with_every_visible_change(store: Store) -> None:
    case_id = made.filled_case(store)
    seen = [cases.case_version(store, case_id, None)]

    def grew() -> None:
        seen.append(cases.case_version(store, case_id, None))
        assert seen[-1] > seen[-2]
        assert cases.get_case(store, case_id).version == seen[-1]

    claimed = made.claim(store, case_id, Stage.READ_CARD)
    grew()
    queue.fail(store, claimed, error_code="x")
    grew()
    made.put(store, case_id, EvidenceKind.CARD_FRONT)
    grew()
    made.judge(store, case_id)
    grew()
    made.challenge(store, case_id)
    grew()


def test_uploads_against_completions_never_deadlock(store: Store) -> None:
    """Uploads, completions, submits, claims and sweeps of the same few cases at once, for two seconds."""
    ids = [made.filled_case(store) for _ in range(3)]
    end, errors = time.monotonic() + 2, []

    def work(number: int) -> int:
        rounds = 0
        while time.monotonic() < end:
            case_id, rounds = ids[rounds % 3], rounds + 1
            try:
                if number < 2:
                    kinds = (EvidenceKind.CARD_FRONT, EvidenceKind.SELFIE, EvidenceKind.CARD_BACK)
                    made.put(store, case_id, kinds[rounds % 3])
                elif number < 5:
                    for claimed in queue.claim(
                        store, ENGINE_STAGES[number - 2], worker=f"w{number}", lease_s=1, limit=2
                    ):
                        made.complete(store, claimed)
                else:
                    queue.sweep(store, pending_grace_s=0)
                    made.challenge(store, case_id)
            except Exception as error:
                errors.append(error)
        return rounds

    with ThreadPoolExecutor(6) as pool:
        rounds = list(pool.map(work, range(6)))
    assert errors == []
    assert min(rounds) > 0
    for case_id in ids:
        case = cases.get_case(store, case_id)
        left = sum(case.stages[stage].status not in ("done", "dead") for stage in ENGINE_STAGES)
        with store.hot() as connection:
            stored = connection.exec_driver_sql(
                f"SELECT stages_left FROM cases WHERE id = '{case_id}'"
            ).scalar_one()
        assert stored == left
    assert audit.verify(store).first_bad is None
