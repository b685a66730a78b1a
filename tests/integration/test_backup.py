"""Backup, destruction, restore: everything is there again, and the record holds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from ekyc.cli import app
from pipeline.case import CaseStatus
from pipeline.stages import EvidenceKind
from pipeline.verdict import Outcome
from store import audit, cases, evidence
from store.database import Store, open_store
from store.settings import StoreSettings
from tests.integration.store import cases_made as made

run = CliRunner().invoke
pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def anchored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = dict(
        line.split(": ", 1) for line in run(app, ["audit", "new-key"]).output.strip().splitlines()
    )
    monkeypatch.setenv("EKYC_SIGNING_KEY", lines["signing key (secret)"])
    monkeypatch.setenv("EKYC_ANCHOR_URL", (tmp_path / "anchors").as_uri())


def destroy(settings: StoreSettings) -> None:
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("DROP SCHEMA public CASCADE")
        db.execute("DROP SCHEMA audit CASCADE")
        db.execute("CREATE SCHEMA public")
    folder = Path(settings.blob_url.removeprefix("file://"))
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.usefixtures("anchored")
def test_backup_destroy_restore_verify(
    store: Store, settings: StoreSettings, tmp_path: Path
) -> None:
    approved = made.decided_case(store, made.verdict(Outcome.APPROVED))
    waiting = made.filled_case(store)
    selfie = evidence.read_evidence(store, approved, EvidenceKind.SELFIE)
    assert run(app, ["audit", "anchor"]).exit_code == 0
    backup = tmp_path / "backup"
    done = run(app, ["backup", "make", str(backup)])
    assert done.exit_code == 0, done.output
    assert json.loads(run(app, ["backup", "check", str(backup)]).output)["gone"] == 0
    store.engine.dispose()
    destroy(settings)

    restored = run(app, ["backup", "restore", str(backup)])
    assert restored.exit_code == 0, restored.output
    verified = run(app, ["audit", "verify"])
    assert verified.exit_code == 0, verified.output
    assert "the chain holds" in verified.output
    again = open_store(settings)
    assert cases.get_case(again, approved).status is CaseStatus.APPROVED
    assert evidence.read_evidence(again, approved, EvidenceKind.SELFIE) == selfie
    # life goes on where it stood
    assert len(made.judge(again, waiting)) == 3
    cases.erase_case(again, approved, actor="cli")
    assert audit.verify(again).first_bad is None
    again.engine.dispose()


def test_a_backup_is_never_put_over_what_is_there(store: Store, tmp_path: Path) -> None:
    made.filled_case(store)
    backup = tmp_path / "backup"
    assert run(app, ["backup", "make", str(backup)]).exit_code == 0
    refused = run(app, ["backup", "make", str(backup)])
    assert (refused.exit_code, "there already" in refused.output) == (2, True)
    refused = run(app, ["backup", "restore", str(backup)])
    assert (refused.exit_code, "not empty" in refused.output) == (2, True)


def test_what_is_no_whole_backup_is_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.filled_case(store)
    backup = tmp_path / "backup"
    assert run(app, ["backup", "make", str(backup)]).exit_code == 0
    monkeypatch.setenv("EKYC_KEK_ID", "k9")
    unreadable = run(app, ["backup", "restore", str(backup)])
    assert (unreadable.exit_code, "needs the key-encryption keys k1" in unreadable.output) == (
        2,
        True,
    )
    with (backup / "database.dump").open("ab") as dump:
        dump.write(b"x")
    altered = run(app, ["backup", "check", str(backup)])
    assert (altered.exit_code, "was altered" in altered.output) == (2, True)
    (backup / "manifest.json").unlink()
    unfinished = run(app, ["backup", "check", str(backup)])
    assert (unfinished.exit_code, "no finished backup" in unfinished.output) == (2, True)
