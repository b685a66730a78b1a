"""The audit chain against the application, against auditors, and against a superuser."""

from __future__ import annotations

import psycopg
import pytest

from store import audit
from store.database import Store
from store.settings import StoreSettings
from tests.integration.store import cases_made as made


@pytest.fixture
def superuser(settings: StoreSettings, store: Store):  # type: ignore[no-untyped-def]
    for _ in range(5):
        made.new_case(store)
    dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(dsn, autocommit=True) as db:
        yield db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.event SET kind = 'x'",
        "DELETE FROM audit.event",
        "TRUNCATE audit.event",
        "INSERT INTO audit.event (seq, at, actor, db_user, kind, payload, prev_hash, hash)"
        " VALUES (9, now(), 'a', 'b', 'c', '{}', 'x', 'x')",
        "UPDATE audit.chain_head SET seq = 0",
        "SELECT payload FROM audit.event LIMIT 1",
        "SELECT * FROM audit.case_timeline LIMIT 1",
        "INSERT INTO audit.anchor (seq, hash) VALUES (1, 'x')",
        "ALTER TABLE audit.event DISABLE TRIGGER ALL",
        "DELETE FROM cases",
        "TRUNCATE stages",
        "CREATE TABLE mine (n int)",
    ],
)
@pytest.mark.parametrize("role", ["ekyc_app"])
def test_the_application_may_only_append(superuser, role: str, statement: str) -> None:  # type: ignore[no-untyped-def]
    superuser.execute(f"SET ROLE {role}")
    superuser.execute("INSERT INTO audit.event (actor, kind, payload) VALUES ('a', 'b', '{}')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        superuser.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit.event (actor, kind, payload) VALUES ('a', 'b', '{}')",
        "UPDATE audit.event SET kind = 'x'",
        "SELECT finding FROM stages, case_keys",
        "SELECT * FROM field_edits",
        "SELECT * FROM api_keys",
        "UPDATE cases SET status = 'approved'",
    ],
)
def test_the_auditor_only_reads(superuser, statement: str) -> None:  # type: ignore[no-untyped-def]
    superuser.execute("SET ROLE ekyc_auditor")
    assert len(superuser.execute("SELECT payload FROM audit.case_timeline").fetchall()) == 5
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        superuser.execute(statement)


def test_even_a_superuser_is_stopped_by_the_triggers(superuser) -> None:  # type: ignore[no-untyped-def]
    for statement in (
        "UPDATE audit.event SET kind = 'x'",
        "DELETE FROM audit.event",
        "TRUNCATE audit.event",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            superuser.execute(statement)


@pytest.mark.parametrize(
    ("tampering", "first_bad", "reason"),
    [
        ("UPDATE audit.event SET payload = '{}' WHERE seq = 3", 3, "row altered"),
        ("UPDATE audit.event SET at = at - interval '1 hour' WHERE seq = 2", 2, "row altered"),
        ("UPDATE audit.event SET hash = 'x' WHERE seq = 2", 2, "row altered"),
        ("DELETE FROM audit.event WHERE seq = 2", 3, "gap"),
        ("DELETE FROM audit.event WHERE seq = 5", 5, "tail cut off"),
        ("DELETE FROM audit.event", 5, "tail cut off"),
        (
            "DELETE FROM audit.event WHERE seq = 5;"
            "UPDATE audit.chain_head SET seq = 4, hash = (SELECT hash FROM audit.event WHERE seq = 4)",
            5,
            "differs from its anchor",
        ),
    ],
)
def test_a_superuser_who_switches_triggers_off_is_found(  # type: ignore[no-untyped-def]
    superuser, store: Store, tampering: str, first_bad: int, reason: str
) -> None:
    audit.anchor(store)
    assert audit.verify(store) == audit.AuditReport(checked=5, first_bad=None, reason=None)
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(tampering)
    report = audit.verify(store)
    assert (report.first_bad, report.reason) == (first_bad, reason)


def test_anchors_hold_while_the_chain_grows(store: Store) -> None:
    audit.anchor(store)
    case_id = made.new_case(store)
    audit.anchor(store)
    audit.anchor(store)
    audit.append(store, actor="key:a", case_id=case_id, kind="case_exported", payload={"n": 1.5})
    assert audit.verify(store) == audit.AuditReport(checked=2, first_bad=None, reason=None)
    (opened, exported) = audit.events(store, case_id)
    assert (opened.kind, exported.kind, exported.payload) == (
        "case_opened",
        "case_exported",
        {"n": 1.5},
    )
