"""The record from the command line, and the sweeper that anchors it, on a real database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from ekyc.cli import app
from store import api_keys, audit
from store.api_keys import Scope
from store.database import Store
from store.settings import StoreSettings
from tests.integration.store import cases_made as made
from tests.integration.workers.receivers import ROOT, example

run = CliRunner().invoke
pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def signing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A signing key made by the command, and a place for anchors; returns the public key."""
    lines = dict(
        line.split(": ", 1) for line in run(app, ["audit", "new-key"]).output.strip().splitlines()
    )
    monkeypatch.setenv("EKYC_SIGNING_KEY", lines["signing key (secret)"])
    monkeypatch.setenv("EKYC_ANCHOR_URL", (tmp_path / "outside").as_uri())
    shown = run(app, ["audit", "public-key"]).output.split()
    assert shown == [lines["key id"], lines["public key"]]
    return lines["public key"]


def test_verify_says_what_vouches_for_the_chain(store: Store, signing: str) -> None:
    assert "no event yet" in run(app, ["audit", "verify"]).output
    made.new_case(store)
    alone = run(app, ["audit", "verify"])
    assert alone.exit_code == 1
    assert "no anchor outside the database vouches for the chain" in alone.output
    assert "event 1 is anchored" in run(app, ["audit", "anchor"]).output
    assert "nothing happened" in run(app, ["audit", "anchor"]).output
    done = run(app, ["audit", "verify"])
    assert done.exit_code == 0
    assert "1 events, the chain holds" in done.output
    assert "1 anchors outside the database agree" in done.output


def test_without_a_place_for_anchors_verify_says_that_it_did_not_compare(store: Store) -> None:
    made.new_case(store)
    done = run(app, ["audit", "verify"])
    assert done.exit_code == 0
    assert "not compared with anchors outside the database" in done.output
    refused = run(app, ["audit", "anchor"])
    assert refused.exit_code == 2
    assert "EKYC_ANCHOR_URL is not set" in refused.output


def test_a_tail_cut_off_by_the_owner_of_the_database_is_found(
    store: Store, settings: StoreSettings, signing: str
) -> None:
    for _ in range(3):
        made.new_case(store)
    assert run(app, ["audit", "anchor"]).exit_code == 0
    with psycopg.connect(settings.database_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("DELETE FROM audit.event WHERE seq = 3")
        owner.execute("DELETE FROM audit.anchor")
        owner.execute(
            "UPDATE audit.chain_head SET seq = 2, hash = (SELECT hash FROM audit.event WHERE seq = 2)"
        )
    assert audit.verify(store).first_bad is None
    done = run(app, ["audit", "verify"])
    assert done.exit_code == 1
    assert "event 3: tail cut off, says an anchor outside the database" in done.output
    assert run(app, ["audit", "anchor"]).exit_code == 2


def test_images_are_exported_by_a_reviewer_s_key_alone(
    store: Store, signing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, out = str(made.filled_case(store)), tmp_path / "case.zip"
    assert run(app, ["audit", "export", case_id, "--out", str(out)]).exit_code == 0
    verify = example("verify_package").verify
    assert "0 images" in verify(out, [signing])
    again = run(app, ["audit", "export", case_id, "--out", str(out)])
    assert again.exit_code == 2  # nothing is overwritten
    out = tmp_path / "images.zip"
    for scope in (None, Scope.AUDITOR):
        if scope is not None:
            key, _ = api_keys.create_key(store, name="k", scopes={scope}, branch=None, actor="cli")
            monkeypatch.setenv("EKYC_API_KEY", key)
        refused = run(app, ["audit", "export", case_id, "--out", str(out), "--with-images"])
        assert refused.exit_code == 2
        assert "scope reviewer" in refused.output
        assert not out.exists()
    key, view = api_keys.create_key(
        store, name="k", scopes={Scope.REVIEWER}, branch=None, actor="cli"
    )
    monkeypatch.setenv("EKYC_API_KEY", key)
    assert run(app, ["audit", "export", case_id, "--out", str(out), "--with-images"]).exit_code == 0
    told = verify(out, [signing])
    assert "4 images" in told
    assert f"by key:{view.prefix}" in told
    unknown = [
        "audit",
        "export",
        "00000000-0000-0000-0000-000000000000",
        "--out",
        str(tmp_path / "n"),
    ]
    assert "case_unknown" in run(app, unknown).output


def test_the_sweeper_anchors(store: Store, signing: str, tmp_path: Path, broker: object) -> None:
    made.new_case(store)
    process = subprocess.Popen(
        [sys.executable, "-m", "ekyc", "sweeper"], cwd=ROOT, stderr=subprocess.DEVNULL,
        env={**os.environ, "EKYC_SWEEP_S": "0.1", "EKYC_ANCHOR_S": "0.2"},
    )  # fmt: skip
    try:
        folder = tmp_path / "outside" / "anchors"
        _wait_for(folder, 1)
        made.new_case(store)
        _wait_for(folder, 2)
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert run(app, ["audit", "verify"]).exit_code == 0


def _wait_for(folder: Path, files: int) -> None:
    deadline = time.monotonic() + 60
    while not folder.exists() or len(list(folder.iterdir())) < files:
        assert time.monotonic() < deadline
        time.sleep(0.05)
