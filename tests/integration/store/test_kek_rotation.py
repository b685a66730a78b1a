"""Case keys move to a new key-encryption key: while others work, after a kill, and never half."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from typer.testing import CliRunner

from ekyc.cli import app
from pipeline.stages import EvidenceKind
from store import evidence
from store.database import Store, open_store
from store.errors import KekMissing, SealBroken
from store.kek_rotation import kek_usage, rotate_kek
from store.settings import StoreSettings
from tests.integration.store import cases_made as made

ROOT = Path(__file__).parents[3]
CASES = 40
SELFIE = EvidenceKind.SELFIE


def fresh_kek() -> SecretStr:
    return SecretStr(base64.b64encode(os.urandom(32)).decode())


@pytest.fixture
def rotated(settings: StoreSettings) -> StoreSettings:
    """The settings in the middle of a change: the new KEK is current, the former still readable."""
    return settings.model_copy(
        update={"kek": fresh_kek(), "kek_id": "k2", "kek_old": {"k1": settings.kek}}
    )


@pytest.fixture
def rotating(rotated: StoreSettings) -> Iterator[Store]:
    opened = open_store(rotated)
    yield opened
    opened.engine.dispose()


def events(store: Store) -> list[tuple[str, dict[str, object]]]:
    with store.auditor() as connection:
        rows = connection.execute(
            text("SELECT kind, payload FROM audit.event WHERE kind LIKE 'kek%' ORDER BY seq")
        )
        return [(row.kind, row.payload) for row in rows]


def test_everything_stays_readable_before_during_and_after(
    store: Store, rotating: Store, rotated: StoreSettings
) -> None:
    cases = [made.new_case(store) for _ in range(5)]
    for case_id in cases:
        made.put(store, case_id, SELFIE, case_id.bytes)
    assert evidence.read_evidence(rotating, cases[0], SELFIE) == cases[0].bytes
    born_new = made.new_case(rotating)
    steps: list[int] = []
    assert rotate_kek(rotating, actor="cli", progress=steps.append, batch_rows=2) == 5
    assert steps == [2, 4, 5]
    assert kek_usage(rotating) == {"k2": 6}
    assert events(rotating) == [
        ("kek_rotation_started", {"to": "k2", "from": {"k1": 5}}),
        ("kek_rotation_finished", {"to": "k2", "rewrapped": 5}),
    ]
    assert rotate_kek(rotating, actor="cli", progress=steps.append) == 0
    assert len(events(rotating)) == 2
    new_alone = open_store(rotated.model_copy(update={"kek_old": {}}))
    made.put(new_alone, born_new, SELFIE)
    for case_id in cases:
        assert evidence.read_evidence(new_alone, case_id, SELFIE) == case_id.bytes
    new_alone.engine.dispose()
    with pytest.raises(SealBroken):
        evidence.read_evidence(store, cases[0], SELFIE)


def test_nothing_is_changed_when_a_former_kek_was_not_given(
    store: Store, rotated: StoreSettings
) -> None:
    made.new_case(store)
    without = open_store(rotated.model_copy(update={"kek_old": {}}))
    with pytest.raises(KekMissing, match="k1"):
        rotate_kek(without, actor="cli", progress=lambda _: None)
    assert events(without) == []
    without.engine.dispose()


def test_a_wrong_kek_of_the_right_name_changes_nothing(
    store: Store, rotated: StoreSettings
) -> None:
    made.new_case(store)
    wrong = open_store(rotated.model_copy(update={"kek_old": {"k1": fresh_kek()}}))
    with pytest.raises(SealBroken, match="k1"):
        rotate_kek(wrong, actor="cli", progress=lambda _: None)
    assert kek_usage(wrong) == {"k1": 1}
    wrong.engine.dispose()


def test_a_rotation_killed_in_the_middle_is_started_again(
    store: Store, rotating: Store, rotated: StoreSettings, environment: dict[str, str]
) -> None:
    cases = [made.new_case(store) for _ in range(CASES)]
    for case_id in cases[:3]:
        made.put(store, case_id, SELFIE, case_id.bytes)
    code = (
        "import time\n"
        "from ekyc.environment import read_store_settings\n"
        "from store.database import open_store\n"
        "from store.kek_rotation import rotate_kek\n"
        "rotate_kek(open_store(read_store_settings()), actor='cli', batch_rows=2,"
        " progress=lambda _: time.sleep(0.2))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **_variables(rotated)}
    )
    try:
        deadline = time.monotonic() + 30
        while kek_usage(store).get("k2", 0) < 4:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    halfway = kek_usage(store)
    assert 0 < halfway["k1"] < CASES
    assert evidence.read_evidence(rotating, cases[0], SELFIE) == cases[0].bytes
    assert rotate_kek(rotating, actor="cli", progress=lambda _: None) == halfway["k1"]
    assert kek_usage(store) == {"k2": CASES}
    for case_id in cases[:3]:
        assert evidence.read_evidence(rotating, case_id, SELFIE) == case_id.bytes
    assert [kind for kind, _ in events(rotating)] == [
        "kek_rotation_started", "kek_rotation_started", "kek_rotation_finished",
    ]  # fmt: skip


def _variables(settings: StoreSettings) -> dict[str, str]:
    former = {name: kek.get_secret_value() for name, kek in settings.kek_old.items()}
    return {
        "EKYC_KEK": settings.kek.get_secret_value(),
        "EKYC_KEK_ID": settings.kek_id,
        "EKYC_KEK_OLD": json.dumps(former),
    }


def test_the_command_says_when_the_former_kek_can_go(
    store: Store,
    rotated: StoreSettings,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made.new_case(store)
    for name, value in _variables(rotated).items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(app, ["key", "rotate-kek"])
    assert done.exit_code == 0, done.output
    assert "1 keys moved to k2; no other KEK is in use" in done.output
    monkeypatch.setenv("EKYC_KEK_ID", "k3")
    monkeypatch.setenv("EKYC_KEK_OLD", "{}")
    refused = CliRunner().invoke(app, ["key", "rotate-kek"])
    assert refused.exit_code == 2
    assert "kek_missing" in refused.output
