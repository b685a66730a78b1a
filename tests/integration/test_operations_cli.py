"""The operator's commands on a real database."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from typer.testing import CliRunner

from ekyc.cli import app
from ekyc.embedded import Servers
from store import api_keys, audit
from store.database import Store

run = CliRunner().invoke
pytestmark = pytest.mark.usefixtures("environment")


def test_key_works_until_it_is_revoked(store: Store) -> None:
    made = run(app, ["key", "create", "tablets", "--scope", "capture", "--branch", "b1"])
    plaintext = made.output.strip()
    key = api_keys.authenticate(store, plaintext)
    assert key is not None
    assert (set(key.scopes), key.branch) == ({api_keys.Scope.CAPTURE}, "b1")
    listed = run(app, ["key", "list"]).output
    assert key.prefix in listed
    assert plaintext not in listed
    assert run(app, ["key", "revoke", key.prefix]).exit_code == 0
    assert api_keys.authenticate(store, plaintext) is None


def test_unknown_scope_is_refused() -> None:
    assert run(app, ["key", "create", "x", "--scope", "emperor"]).exit_code == 2


def test_requeue_of_an_unknown_case_says_so() -> None:
    done = run(app, ["stage", "requeue", str(uuid.uuid4()), "read_card"])
    assert done.exit_code == 2
    assert "case_unknown" in done.output


def test_audit_verify_finds_what_a_superuser_altered(
    store: Store, servers: Servers, database_url: str
) -> None:
    for number in range(3):
        audit.append(store, actor="cli", case_id=None, kind="note", payload={"n": number})
    assert run(app, ["audit", "verify"]).exit_code == 0
    name = database_url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(servers.dsn_of(name), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("UPDATE audit.event SET payload = '{\"n\": 9}' WHERE seq = 2")
    done = run(app, ["audit", "verify"])
    assert done.exit_code == 1
    assert "event 2" in done.output


def test_migrate_again_changes_nothing() -> None:
    assert run(app, ["migrate"]).exit_code == 0


def test_probe_of_a_worker_that_is_not_there_fails() -> None:
    assert run(app, ["health", "worker", "ocr"]).exit_code == 1
    assert run(app, ["health", "gateway", "--url", "http://127.0.0.1:1"]).exit_code == 1
