"""Clocks, holds and the subject's copy, on a real database and real files."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from pipeline.case import CaseStatus
from pipeline.consent import Purpose
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind
from pipeline.verdict import Outcome
from store import audit, cases, consents, evidence, holds
from store.consents import ConsentText
from store.database import Store
from store.errors import EvidenceUnknown, HoldUnknown, OnHold, WrongStatus
from store.retention import Clocks, erase_biometrics, purge
from store.settings import StoreSettings
from store.subject import write_subject_export
from tests.integration.store import cases_made as made
from tests.unit.pipeline import factories

CLOCKS = Clocks(
    biometrics_days=30, approved_days=3650, rejected_days=730, expired_days=30, delivered_days=90
)


def age(settings: StoreSettings, days: float) -> None:
    """Make everything in the database older."""
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    shift = f"interval '{days} days'"
    with psycopg.connect(url) as db:
        for table, column in (
            ("cases", "created_at"), ("cases", "decided_at"), ("blobs", "received_at"), ("outbox", "created_at"),
        ):  # fmt: skip
            db.execute(f"UPDATE {table} SET {column} = {column} - {shift}")


def decided(store: Store, outcome: Outcome = Outcome.APPROVED) -> UUID:
    return made.decided_case(store, made.verdict(outcome))


def kinds_left(store: Store, case_id: UUID) -> set[EvidenceKind]:
    return set(cases.get_case(store, case_id).evidence)


def kinds_of_events(store: Store, case_id: UUID) -> list[str]:
    return [event.kind for event in audit.events(store, case_id)]


CARD = {EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK}


def test_raw_biometrics_go_after_their_time_and_the_card_stays(
    store: Store, settings: StoreSettings, tmp_path: Path
) -> None:
    case_id = decided(store)
    files = set(tmp_path.rglob("*"))
    assert purge(store, CLOCKS, actor="sweeper").biometrics == 0
    age(settings, 31)
    assert purge(store, CLOCKS, actor="sweeper").biometrics == 1
    assert kinds_left(store, case_id) == CARD
    with pytest.raises(EvidenceUnknown):
        evidence.read_evidence(store, case_id, EvidenceKind.SELFIE)
    assert evidence.read_evidence(store, case_id, EvidenceKind.CARD_FRONT)
    (event,) = [e for e in audit.events(store, case_id) if e.kind == "biometrics_erased"]
    assert event.payload["because"] == "retention"
    assert {row["kind"] for row in event.payload["evidence"]} == {"selfie", "clip"}
    assert purge(store, CLOCKS, actor="sweeper").biometrics == 0
    assert files


def test_a_case_under_review_keeps_everything(store: Store, settings: StoreSettings) -> None:
    case_id = decided(store, Outcome.REVIEW)
    age(settings, 5000)
    purge(store, CLOCKS, actor="sweeper")
    assert len(kinds_left(store, case_id)) == 4
    with pytest.raises(WrongStatus):
        erase_biometrics(store, case_id, because="request", actor="cli")


def test_a_whole_case_goes_when_its_years_are_over(store: Store, settings: StoreSettings) -> None:
    approved, rejected = decided(store), decided(store, Outcome.REJECTED)
    age(settings, 731)
    assert purge(store, CLOCKS, actor="sweeper").cases == 1
    assert cases.get_case(store, rejected).status is CaseStatus.ERASED
    assert cases.get_case(store, approved).status is CaseStatus.APPROVED
    age(settings, 3000)
    assert purge(store, CLOCKS, actor="sweeper").cases == 1
    assert cases.get_case(store, approved).status is CaseStatus.ERASED
    assert audit.verify(store).first_bad is None


def test_a_hold_stops_every_clock_and_every_hand(store: Store, settings: StoreSettings) -> None:
    case_id = decided(store)
    hold = holds.hold_case(store, case_id, reason="Order 12/2026 of the court", actor="key:admin")
    assert holds.hold_case(store, case_id, reason="again", actor="key:admin") == hold
    age(settings, 5000)
    purged = purge(store, CLOCKS, actor="sweeper")
    assert (purged.biometrics, purged.cases) == (0, 0)
    with pytest.raises(OnHold):
        cases.erase_case(store, case_id, actor="key:admin")
    with pytest.raises(OnHold):
        erase_biometrics(store, case_id, because="request", actor="key:admin")
    assert len(kinds_left(store, case_id)) == 4
    holds.release_case(store, case_id, actor="key:admin")
    with pytest.raises(HoldUnknown):
        holds.release_case(store, case_id, actor="key:admin")
    assert purge(store, CLOCKS, actor="sweeper").cases == 1
    happened = kinds_of_events(store, case_id)
    assert (happened.count("hold_set"), happened.count("hold_released")) == (1, 1)


def test_the_reason_of_a_hold_is_sealed(store: Store, settings: StoreSettings) -> None:
    case_id = decided(store)
    holds.hold_case(store, case_id, reason="about NGUYỄN VĂN MẪU", actor="key:admin")
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as db:
        row = db.execute("SELECT * FROM legal_holds").fetchone()
        events = db.execute("SELECT payload::text FROM audit.event").fetchall()
    assert "MẪU".encode() not in b"".join(v for v in row if isinstance(v, bytes))  # type: ignore[union-attr]
    assert not any("MẪU" in str(event) for event in events)


def test_a_withdrawn_consent_makes_the_biometrics_due_at_once(store: Store) -> None:
    case_id = decided(store)
    shown = ConsentText(version="1", sha256="0" * 64, language="vi")
    given = {"purpose": Purpose.BIOMETRIC_PROCESSING, "actor": "key:branch"}
    when = cases.get_case(store, case_id).created_at
    consents.give_consent(store, case_id, shown=shown, given_at=when, **given)  # type: ignore[arg-type]
    assert purge(store, CLOCKS, actor="sweeper").biometrics == 0
    consents.withdraw_consent(store, case_id, **given)  # type: ignore[arg-type]
    assert purge(store, CLOCKS, actor="sweeper").biometrics == 1
    assert kinds_left(store, case_id) == CARD


def test_a_purge_that_was_killed_is_done_again(
    store: Store, settings: StoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = decided(store)
    age(settings, 31)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("store.retention.note", die)  # files are gone, the rows are not
        with pytest.raises(KeyboardInterrupt):
            purge(store, CLOCKS, actor="sweeper")
    assert len(kinds_left(store, case_id)) == 4
    assert purge(store, CLOCKS, actor="sweeper").biometrics == 1
    assert kinds_left(store, case_id) == CARD


def test_old_events_go_only_when_every_receiver_was_told(
    store: Store, settings: StoreSettings
) -> None:
    decided(store)
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as db:
        (endpoint,) = db.execute(
            "INSERT INTO webhook_endpoints (url, kinds) VALUES ('https://bank.example/', '{case_decided}') RETURNING id"
        ).fetchone()  # type: ignore[misc]
        db.execute(
            "INSERT INTO webhook_deliveries (outbox_id, endpoint_id, case_id, status)"
            " SELECT id, %s, case_id, 'dead' FROM outbox",
            (endpoint,),
        )
        age(settings, 91)
        assert purge(store, CLOCKS, actor="sweeper").events == 0
        db.execute("UPDATE webhook_deliveries SET status = 'delivered'")
        assert purge(store, CLOCKS, actor="sweeper").events == 1
        assert db.execute("SELECT count(*) FROM webhook_deliveries").fetchone() == (0,)


def test_the_person_gets_everything_that_is_held_and_no_score(store: Store, tmp_path: Path) -> None:
    case_id = decided(store)
    evidence.view_evidence(store, case_id, EvidenceKind.SELFIE, actor="key:reviewer")
    out = tmp_path / "mine.zip"
    write_subject_export(store, case_id, out, actor="key:admin")
    with zipfile.ZipFile(out) as package:
        names = set(package.namelist())
        about = json.loads(package.read("about.json"))
        selfie = package.read("evidence/selfie.jpg")
    assert selfie == evidence.read_evidence(store, case_id, EvidenceKind.SELFIE)
    assert names == {
        "about.json",
        *(f"evidence/{k}.jpg" for k in ("card_front", "card_back", "selfie", "clip")),
    }
    number = factories.VALUES[FieldName.ID_NUMBER]
    assert about["fields"]["id_number"] == {
        "value": number,
        "source": "ocr",
        "corrected_from": None,
    }
    assert [row["what"] for row in about["looked_at"]] == ["evidence_viewed"]
    assert "similarity" not in json.dumps(about)
    assert "subject_exported" in kinds_of_events(store, case_id)
    with pytest.raises(FileExistsError):
        write_subject_export(store, case_id, out, actor="key:admin")
