"""A case from the first photo to its erasure."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from pipeline.case import CaseStatus
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome
from store import audit, cases, evidence, fields, queue
from store.database import Store
from store.errors import Erased, WrongStatus
from store.settings import StoreSettings
from tests.integration.store import cases_made as made
from tests.unit.pipeline import factories


def test_a_case_is_judged_decided_and_recorded(store: Store) -> None:
    case_id = made.new_case(store)
    assert made.put(store, case_id, EvidenceKind.CARD_FRONT).ring == (Stage.READ_CARD,)
    assert made.put(store, case_id, EvidenceKind.SELFIE).ring == (Stage.MATCH_FACE,)
    nonce = made.challenge(store, case_id)
    rung = made.put(store, case_id, EvidenceKind.CLIP, nonce=nonce).ring
    assert rung == (Stage.MATCH_FACE, Stage.SCORE_LIVENESS)
    assert cases.submit_case(store, case_id, actor=made.ACTOR) == ()
    *early, last = made.judge(store, case_id)
    assert [done.ring for done in early] == [(), ()]
    assert last.ring == ((Stage.DECIDE, case_id),)
    found = queue.load_findings(store, case_id)
    assert found.card == factories.card()
    assert found.face == factories.face()
    assert found.liveness == factories.liveness()
    assert (found.attempt, found.dead_stages, found.edits) == (1, (), {})
    assert made.decide(store, case_id, made.verdict(Outcome.APPROVED))
    case = cases.get_case(store, case_id)
    assert case.status is CaseStatus.APPROVED
    assert case.verdict is not None
    assert case.verdict.outcome == "approved"
    assert {view.status for view in case.stages.values()} == {"done"}
    kinds = [event.kind for event in audit.events(store, case_id)]
    assert kinds == [
        "case_opened", "evidence_received", "evidence_received", "challenge_issued", "evidence_received",
        "case_status", "case_submitted", "stage_done", "stage_done", "stage_done", "case_status", "case_decided",
    ]  # fmt: skip
    assert audit.verify(store).first_bad is None


def test_submit_after_the_stages_rings_the_decision(store: Store) -> None:
    case_id = made.filled_case(store)
    assert [done.ring for done in made.judge(store, case_id)] == [(), (), ()]
    assert cases.submit_case(store, case_id, actor=made.ACTOR) == (Stage.DECIDE,)


def test_retake_names_what_and_counts_the_attempt(store: Store) -> None:
    drawn = made.verdict(Outcome.RETAKE, retake=(EvidenceKind.SELFIE,))
    case_id = made.decided_case(store, drawn)
    assert cases.get_case(store, case_id).status is CaseStatus.RETAKE
    assert set(made.put(store, case_id, EvidenceKind.SELFIE).ring) == {
        Stage.MATCH_FACE, Stage.SCORE_LIVENESS,
    }  # fmt: skip
    cases.submit_case(store, case_id, actor=made.ACTOR)
    for stage in (Stage.MATCH_FACE, Stage.SCORE_LIVENESS):
        last = made.complete(store, made.claim(store, case_id, stage))
    assert last.ring == ((Stage.DECIDE, case_id),)
    assert queue.load_findings(store, case_id).attempt == 2
    assert made.decide(store, case_id, made.verdict(Outcome.APPROVED))


def test_erasure_shreds_the_case_and_keeps_the_chain(
    store: Store, settings: StoreSettings, tmp_path: Path
) -> None:
    case_id = made.decided_case(store, made.verdict(Outcome.APPROVED))
    files = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert len(files) == 4
    wrapped_before = _scalar(settings, "SELECT count(*) FROM case_keys")
    cases.erase_case(store, case_id, actor="key:admin")
    assert (wrapped_before, _scalar(settings, "SELECT count(*) FROM case_keys")) == (1, 0)
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []
    assert _scalar(settings, "SELECT count(*) FROM stages WHERE finding IS NOT NULL") == 0
    case = cases.get_case(store, case_id)
    assert (case.status, case.reference, case.evidence) == (CaseStatus.ERASED, None, {})
    with pytest.raises(Erased):
        fields.get_fields(store, case_id)
    with pytest.raises(Erased):
        evidence.view_evidence(store, case_id, EvidenceKind.SELFIE, actor="key:r")
    with pytest.raises(Erased):
        cases.erase_case(store, case_id, actor="key:admin")
    assert audit.verify(store).first_bad is None
    assert "case_decided" in {event.kind for event in audit.events(store, case_id)}


def test_only_a_final_case_is_erased(store: Store) -> None:
    case_id = made.new_case(store)
    with pytest.raises(WrongStatus):
        cases.erase_case(store, case_id, actor="key:admin")


def test_nothing_readable_lies_on_disk_or_in_the_rows(
    store: Store, settings: StoreSettings, tmp_path: Path
) -> None:
    case_id = made.filled_case(store)
    selfie = b"\xff\xd8\xff a very recognisable selfie" * 40
    made.put(store, case_id, EvidenceKind.SELFIE, selfie)
    made.judge(store, case_id)
    fields.edit_fields(
        store, case_id, edits={FieldName.FULL_NAME: "TRẦN VĂN MẪU"},
        expected_version=fields.get_fields(store, case_id).version, actor=made.ACTOR,
    )  # fmt: skip
    assert evidence.read_evidence(store, case_id, EvidenceKind.SELFIE) == selfie
    for path in (tmp_path / "blobs").rglob("*"):
        assert not path.is_file() or b"recognisable" not in path.read_bytes()
    with psycopg.connect(_dsn(settings)) as db:
        for (table,) in db.execute(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
            " WHERE table_schema IN ('public', 'audit') AND table_type = 'BASE TABLE'"
        ).fetchall():
            text = db.execute(
                f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t"
            ).fetchone()
            assert text is not None
            for secret in ("NGUYỆT", "038195000000", "Thanh Hóa", "TRẦN", "recognisable"):
                assert secret not in text[0], (table, secret)
                assert secret.encode().hex() not in text[0], (table, secret)


def _dsn(settings: StoreSettings) -> str:
    return settings.database_url.replace("postgresql+psycopg://", "postgresql://")


def _scalar(settings: StoreSettings, statement: str) -> object:
    with psycopg.connect(_dsn(settings)) as db:
        row = db.execute(statement).fetchone()
    assert row is not None
    return row[0]
