"""The command line says what it can do, and imports no model runtime to say it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from ekyc.cli import SUB_APPS, app

run = CliRunner().invoke

COMMANDS = ("up", "demo", "worker", "gateway", "sweeper", "migrate", "key", "stage", "audit")


def test_help_lists_every_command() -> None:
    shown = run(app, ["--help"]).output
    assert all(name in shown for name in (*COMMANDS, "health", *SUB_APPS))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    done = run(app, [name, "--help"])
    assert done.exit_code == 0
    assert "Usage" in done.output


def test_unknown_queue_is_refused_with_the_known_ones() -> None:
    done = run(app, ["worker", "coffee"])
    assert done.exit_code == 2
    assert "liveness" in done.output


def test_operations_need_no_model_runtime() -> None:
    """The gateway's image has none: `ekyc gateway`, `ekyc sweeper` and `ekyc migrate` must work there."""
    code = (
        "import sys, ekyc.cli, ekyc.gateway, workers.sweeper;"
        "heavy = {'numpy', 'cv2', 'onnxruntime', 'torch', 'dlib', 'av', 'PIL'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("words", [[], ["read", "front.jpg", "--json"]])
def test_sub_app_whose_packages_are_absent_says_which(
    monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setitem(SUB_APPS, "card", ("ekyc.no_such_module", "Read cards."))
    done = run(app, ["card", *words])
    assert done.exit_code == 2
    assert "ekyc.no_such_module" in done.output


def test_help_says_what_every_group_is_for() -> None:
    said = run(app, ["--help"], env={"COLUMNS": "200"}).output
    for name, (_, purpose) in SUB_APPS.items():
        line = next(line for line in said.splitlines() if f" {name} " in line)
        assert len(line.strip("│ ").removeprefix(name).strip()) > 5, (name, purpose)
