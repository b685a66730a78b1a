"""What people do: edit fields, review, hold keys; and the signs of life of workers."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text

from pipeline.case import CaseEvent, CaseStatus
from pipeline.findings import FieldName, ModelRef
from pipeline.reasons import ReasonCode, Severity
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome, Reason
from store import api_keys, audit, cases, fields, heartbeats, queue
from store.api_keys import Scope
from store.database import Store
from store.errors import FieldsNotReady, FourEyes, KeyUnknown, StaleVersion, WrongStatus
from store.settings import StoreSettings
from tests.integration.store import cases_made as made

HARD = Reason(code=ReasonCode.FACE_NO_MATCH, stage=Stage.MATCH_FACE, weight=Severity.HARD)
SOFT = Reason(code=ReasonCode.FACE_BORDERLINE, stage=Stage.MATCH_FACE, weight=Severity.SOFT)
NAME = FieldName.FULL_NAME


def _edit(store: Store, case_id, value: str, version: int, actor: str = "user:ann"):  # type: ignore[no-untyped-def]
    return fields.edit_fields(
        store, case_id, edits={NAME: value}, expected_version=version, actor=actor
    )


def test_an_edit_keeps_before_after_and_who(store: Store) -> None:
    case_id = made.filled_case(store)
    with pytest.raises(FieldsNotReady):
        _edit(store, case_id, "TRẦN VĂN MẪU", fields.get_fields(store, case_id).version)
    made.complete(store, made.claim(store, case_id, Stage.READ_CARD))
    read = fields.get_fields(store, case_id)
    assert read.ready
    assert read.fields[NAME]["edited"] is None
    edited = _edit(store, case_id, "TRẦN VĂN MẪU", read.version)
    assert edited.fields[NAME]["value"] == "TRẦN VĂN MẪU"
    before = read.fields[NAME]["value"]
    assert edited.fields[NAME]["edited"] == {
        "before": before,
        "after": "TRẦN VĂN MẪU",
        "by": "user:ann",
    }
    with pytest.raises(StaleVersion):
        _edit(store, case_id, "X", read.version)
    again = _edit(store, case_id, "LÊ THỊ MẪU", edited.version, actor="user:bob")
    assert again.fields[NAME]["edited"]["by"] == "user:bob"
    assert queue.load_findings(store, case_id).edits == {NAME: "LÊ THỊ MẪU"}
    last = audit.events(store, case_id)[-1]
    assert (last.kind, last.payload) == ("fields_edited", {"fields": ["full_name"]})


def test_an_edit_goes_with_the_photo_it_corrected(store: Store) -> None:
    case_id = made.filled_case(store)
    made.complete(store, made.claim(store, case_id, Stage.READ_CARD))
    _edit(store, case_id, "X", fields.get_fields(store, case_id).version)
    made.put(store, case_id, EvidenceKind.CARD_FRONT)
    made.complete(store, made.claim(store, case_id, Stage.READ_CARD))
    assert fields.get_fields(store, case_id).fields[NAME]["edited"] is None
    assert queue.load_findings(store, case_id).edits == {}


def _review(store: Store, case_id, event: CaseEvent, actor: str, *retake: EvidenceKind):  # type: ignore[no-untyped-def]
    return cases.record_review(
        store, case_id, event=event, reason="Nguyễn Văn A đã gọi điện", retake=retake, actor=actor
    )


def test_a_reviewer_decides(store: Store, settings: StoreSettings) -> None:
    case_id = made.decided_case(store, made.verdict(Outcome.REVIEW, SOFT))
    case = _review(store, case_id, CaseEvent.REVIEWER_APPROVES, "user:ann")
    assert case.status is CaseStatus.APPROVED
    assert case.verdict is not None
    assert case.verdict.decided_by == "user:ann"
    assert [row["code"] for row in case.verdict.reasons] == ["face_borderline", "reviewer_decided"]
    with pytest.raises(WrongStatus):
        _review(store, case_id, CaseEvent.REVIEWER_REJECTS, "user:bob")
    assert "Nguyễn" not in str(audit.events(store, case_id))
    dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(dsn) as db:
        assert "Nguy" not in str(db.execute("SELECT * FROM reviews").fetchall())


def test_a_reviewer_asks_for_a_retake(store: Store) -> None:
    case_id = made.decided_case(store, made.verdict(Outcome.REVIEW, SOFT))
    case = _review(store, case_id, CaseEvent.REVIEWER_ASKS_RETAKE, "user:ann", EvidenceKind.SELFIE)
    assert case.status is CaseStatus.RETAKE
    assert case.verdict is not None
    assert case.verdict.retake == (EvidenceKind.SELFIE,)
    made.put(store, case_id, EvidenceKind.SELFIE)
    cases.submit_case(store, case_id, actor=made.ACTOR)


def test_against_a_hard_reason_two_must_agree(store: Store) -> None:
    case_id = made.decided_case(store, made.verdict(Outcome.REVIEW, HARD))
    for _ in range(2):
        with pytest.raises(FourEyes):
            _review(store, case_id, CaseEvent.REVIEWER_APPROVES, "user:ann")
    assert cases.get_case(store, case_id).status is CaseStatus.REVIEW
    approved = _review(store, case_id, CaseEvent.REVIEWER_APPROVES, "user:bob")
    assert approved.status is CaseStatus.APPROVED


def test_one_may_reject_or_ask_again_against_a_hard_reason(store: Store) -> None:
    case_id = made.decided_case(store, made.verdict(Outcome.REVIEW, HARD))
    assert (
        _review(store, case_id, CaseEvent.REVIEWER_REJECTS, "user:ann").status
        is CaseStatus.REJECTED
    )


def test_keys(store: Store) -> None:
    presented, key = api_keys.create_key(
        store, name="tablets", scopes={Scope.CAPTURE}, branch="HN", actor="test"
    )
    assert presented.startswith(f"ekyc_{key.prefix}_")
    assert len(presented) > 50
    assert api_keys.authenticate(store, presented) == key
    for wrong in (
        "",
        "ekyc__",
        f"ekyc_{key.prefix}_x",
        presented + "x",
        presented[5:],
        "ekyc_ñ_x",
        "a_b_c",
    ):
        assert api_keys.authenticate(store, wrong) is None
    assert api_keys.list_keys(store) == [key]
    for _ in range(2):
        api_keys.revoke_key(store, key.prefix, actor="test")
    assert api_keys.authenticate(store, presented) is None
    with pytest.raises(KeyUnknown):
        api_keys.revoke_key(store, "nobody", actor="test")


def test_keys_leave_events_that_hold_no_name(store: Store) -> None:
    _, key = api_keys.create_key(
        store, name="Nguyễn Văn A", scopes={Scope.REVIEWER, Scope.CAPTURE}, branch="HN", actor="cli"
    )
    for _ in range(2):  # the second time nothing happens
        api_keys.revoke_key(store, key.prefix, actor="user:ann")
    with store.auditor() as connection:
        rows = connection.execute(text("SELECT actor, kind, payload FROM audit.event ORDER BY seq"))
        assert [tuple(row) for row in rows] == [
            (
                "cli",
                "key_created",
                {"prefix": key.prefix, "scopes": ["capture", "reviewer"], "branch": "HN"},
            ),
            ("user:ann", "key_revoked", {"prefix": key.prefix}),
        ]


def test_heartbeats(store: Store) -> None:
    model = ModelRef(name="m", sha256="0" * 64)
    for pid in (1, 1, 2):
        heartbeats.beat(
            store, worker="ocr@h#0", queue="ocr", device="cpu", models=[model], pid=pid, host="h"
        )
    (worker,) = heartbeats.list_workers(store)
    assert (worker.pid, worker.models, worker.queue) == (2, (model,), "ocr")
    assert worker.last_seen >= worker.started_at
    heartbeats.forget(store, worker="ocr@h#0")
    assert heartbeats.list_workers(store) == []
