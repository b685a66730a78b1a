"""Opening, submitting, listing, expiring; statuses change as the table says and in no other way."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from pipeline.case import TRANSITIONS, CaseEvent, CaseStatus
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import EVENT_OF
from store import audit, cases, fields, queue
from store.cases import Idempotency
from store.database import Store
from store.errors import (
    CaseUnknown,
    CursorInvalid,
    EvidenceMissing,
    FieldRequired,
    IdempotencyConflict,
    StoreError,
)
from store.settings import StoreSettings
from tests.integration.store import cases_made as made
from tests.unit.pipeline import factories

REVIEWS = (CaseEvent.REVIEWER_APPROVES, CaseEvent.REVIEWER_REJECTS, CaseEvent.REVIEWER_ASKS_RETAKE)


def _dsn(settings: StoreSettings) -> str:
    return settings.database_url.replace("postgresql+psycopg://", "postgresql://")


def _create(store: Store, key: str, body: str = "a") -> cases.CreatedCase:
    once = Idempotency(scope="k", key=key, request_sha256=body * 64)
    return cases.create_case(store, branch=None, reference=None, actor="key:k", idempotency=once)


def test_a_hundred_parallel_creates_with_one_key_are_one_case(store: Store) -> None:
    with ThreadPoolExecutor(100) as pool:
        made_now = list(pool.map(lambda _: _create(store, "one"), range(100)))
    assert len({created.case_id for created in made_now}) == 1
    assert [created.replayed for created in made_now].count(False) == 1
    assert len(cases.list_cases(store).cases) == 1
    with pytest.raises(IdempotencyConflict):
        _create(store, "one", body="b")
    assert not _create(store, "two").replayed


def test_another_branch_sees_nothing(store: Store) -> None:
    case_id = made.new_case(store, branch="HN")
    assert cases.get_case(store, case_id, branch="HN").branch == "HN"
    for read in (cases.get_case, cases.case_version):
        with pytest.raises(CaseUnknown):
            read(store, case_id, branch="HCM")
        with pytest.raises(CaseUnknown):
            read(store, uuid.uuid4(), branch="HN")


def test_lists_page_by_page(store: Store) -> None:
    ids = [made.new_case(store, branch="HN" if n % 2 else "HCM") for n in range(7)]
    seen, cursor = [], None
    while True:
        page = cases.list_cases(store, cursor=cursor, limit=3)
        seen += [case.id for case in page.cases]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ids
    assert [c.id for c in cases.list_cases(store, branch="HN").cases] == ids[1::2]
    later = datetime.now(UTC) + timedelta(hours=1)
    assert cases.list_cases(store, since=later).cases == []
    assert cases.list_cases(store, statuses=[CaseStatus.REVIEW]).cases == []
    assert len(cases.list_cases(store, statuses=[CaseStatus.OPEN]).cases) == 7
    for forged in ("x", "W10", "bnVsbA", "ñ", "WyIyMDI2LTAxLTAxIiwgIngiXQ"):
        with pytest.raises(CursorInvalid):
            cases.list_cases(store, cursor=forged)


def test_submit_says_what_is_missing(store: Store) -> None:
    case_id = made.new_case(store)
    made.put(store, case_id, EvidenceKind.SELFIE)
    with pytest.raises(EvidenceMissing) as refused:
        cases.submit_case(store, case_id, actor=made.ACTOR)
    assert refused.value.kinds == (EvidenceKind.CARD_FRONT, EvidenceKind.CLIP)


def test_submit_asks_for_the_number_that_nobody_read(store: Store) -> None:
    case_id = made.filled_case(store)
    card = factories.card_with(FieldName.ID_NUMBER, None)
    made.complete(store, made.claim(store, case_id, Stage.READ_CARD), card)
    with pytest.raises(FieldRequired) as refused:
        cases.submit_case(store, case_id, actor=made.ACTOR)
    assert refused.value.fields == (FieldName.ID_NUMBER,)
    version = fields.get_fields(store, case_id).version
    edits = {FieldName.ID_NUMBER: "038195000000"}
    fields.edit_fields(store, case_id, edits=edits, expected_version=version, actor=made.ACTOR)
    cases.submit_case(store, case_id, actor=made.ACTOR)
    assert queue.load_findings(store, case_id).edits == edits


def test_many_submits_at_once_count_one_attempt(store: Store) -> None:
    case_id = made.filled_case(store)

    def submit(_: int) -> str:
        try:
            cases.submit_case(store, case_id, actor=made.ACTOR)
        except StoreError as error:
            return error.code
        return "submitted"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(submit, range(16)))
    assert answers.count("submitted") == 1
    assert set(answers) == {"submitted", "case_wrong_status"}
    assert cases.get_case(store, case_id).attempt == 1


def test_submit_and_results_at_once_always_reach_the_decision(store: Store) -> None:
    ids = [made.filled_case(store) for _ in range(8)]
    claims = {i: [made.claim(store, i, stage) for stage in cases_engine()] for i in ids}
    acts = [
        act
        for i in ids
        for act in (
            *(lambda c=claimed: made.complete(store, c).ring for claimed in claims[i]),
            lambda c=i: cases.submit_case(store, c, actor=made.ACTOR),
        )
    ]
    with ThreadPoolExecutor(8) as pool:
        rung = [ring for ring in pool.map(lambda act: act(), acts) if ring]
    assert len(rung) == len(ids)
    for case_id in ids:
        assert cases.get_case(store, case_id).stages[Stage.DECIDE].status == "pending"


def cases_engine() -> tuple[Stage, ...]:
    return (Stage.READ_CARD, Stage.MATCH_FACE, Stage.SCORE_LIVENESS)


def test_expiry(store: Store, settings: StoreSettings) -> None:
    opened, busy = made.new_case(store), made.submitted_case(store)
    assert cases.expire_due(store, open_ttl_s=3600) == 0
    with psycopg.connect(_dsn(settings), autocommit=True) as db:
        db.execute("UPDATE cases SET created_at = now() - interval '2 days'")
    assert cases.expire_due(store, open_ttl_s=3600) == 1
    assert cases.expire_due(store, open_ttl_s=3600) == 0
    assert cases.get_case(store, opened).status is CaseStatus.EXPIRED
    assert cases.get_case(store, busy).status is CaseStatus.PROCESSING
    assert audit.events(store, opened)[-1].actor == "sweeper"


def _happen(store: Store, case_id: uuid.UUID, event: CaseEvent) -> bool:
    """Make an event happen through the store; False when the store refused."""
    outcomes = {event: outcome for outcome, event in EVENT_OF.items()}
    try:
        if event is CaseEvent.SUBMIT:
            cases.submit_case(store, case_id, actor="t")
        elif event in outcomes:
            generation = cases.get_case(store, case_id).stages[Stage.DECIDE].generation
            claim = queue.Claim(
                case_id=case_id, stage=Stage.DECIDE, generation=generation, attempt=1
            )
            return queue.complete_decision(store, claim, made.verdict(outcomes[event]))
        elif event in REVIEWS:
            cases.record_review(store, case_id, event=event, reason="", retake=(), actor="t")
        elif event is CaseEvent.REQUEUE:
            queue.requeue(store, case_id, Stage.MATCH_FACE, actor="t")
        elif event is CaseEvent.EXPIRE:
            return cases.expire_due(store, open_ttl_s=-60) == 1
        else:
            cases.erase_case(store, case_id, actor="t")
    except StoreError:
        return False
    return True


@pytest.mark.parametrize("event", CaseEvent)
def test_every_status_and_event_follows_the_table(
    store: Store, settings: StoreSettings, event: CaseEvent
) -> None:
    """Also the SQL statements, which carry the transition with them, follow `pipeline.case.TRANSITIONS`."""
    for status in CaseStatus:
        case_id = made.filled_case(store)
        stage_status = "pending" if event in EVENT_OF.values() else "dead"
        with psycopg.connect(_dsn(settings), autocommit=True) as db:
            db.execute("UPDATE cases SET status = 'erased' WHERE id <> %s", (case_id,))
            db.execute(
                "UPDATE cases SET status = %s, stages_left = 0 WHERE id = %s", (status, case_id)
            )
            db.execute("UPDATE stages SET status = %s WHERE case_id = %s", (stage_status, case_id))
        happened = _happen(store, case_id, event)
        after = cases.get_case(store, case_id).status
        wanted = TRANSITIONS.get((status, event))
        if event is CaseEvent.REQUEUE and wanted is None:
            # Starting a stage again before any verdict is no change of status.
            assert after is status
        else:
            assert happened is (wanted is not None), (status, event)
            assert after is (wanted or status), (status, event)


def test_psql_edits_leave_an_event(store: Store, settings: StoreSettings) -> None:
    case_id = made.new_case(store)
    with psycopg.connect(_dsn(settings), autocommit=True) as db:
        db.execute("UPDATE cases SET status = 'approved' WHERE id = %s", (case_id,))
    last = audit.events(store, case_id)[-1]
    assert (last.kind, last.actor) == ("case_status", "db:postgres")
    assert (last.payload["from"], last.payload["to"]) == ("open", "approved")
