"""Cases from the command line, on a real database."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ekyc.cli import app
from pipeline.case import CaseStatus
from pipeline.verdict import Outcome
from store import api_keys, cases
from store.api_keys import Scope
from store.database import Store
from tests.integration.store import cases_made as made

run = CliRunner().invoke
pytestmark = pytest.mark.usefixtures("environment")


def test_hold_export_release_erase(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = str(made.decided_case(store, made.verdict(Outcome.APPROVED)))
    refused = run(app, ["case", "hold", case_id, "--reason", "Order 12/2026"])
    assert (refused.exit_code, "scope admin" in refused.output) == (2, True)
    key, _ = api_keys.create_key(
        store, name="admin", scopes=[Scope.ADMIN], branch=None, actor="test"
    )
    monkeypatch.setenv("EKYC_API_KEY", key)
    assert run(app, ["case", "hold", case_id, "--reason", "Order 12/2026"]).exit_code == 0
    out = tmp_path / "person.zip"
    assert run(app, ["case", "export", case_id, "--out", str(out)]).exit_code == 0
    assert out.stat().st_size > 0
    held = run(app, ["case", "erase", case_id])
    assert (held.exit_code, "case_on_hold" in held.output) == (2, True)
    assert run(app, ["case", "release", case_id]).exit_code == 0
    assert run(app, ["case", "erase", case_id, "--biometrics-only"]).exit_code == 0
    assert run(app, ["case", "erase", case_id]).exit_code == 0
    assert cases.get_case(store, made.UUID(case_id)).status is CaseStatus.ERASED
