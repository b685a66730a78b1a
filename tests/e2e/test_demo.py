"""The main job with the real engines: `ekyc demo`, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ekyc.demo_cases import EXPECTATIONS


def test_every_verdict_of_the_demo_is_as_expected(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ekyc", "demo", "--home", str(tmp_path / "home"), "--json"],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    shown = [json.loads(line) for line in done.stdout.splitlines()]
    assert [case["scenario"] for case in shown] == [e.scenario for e in EXPECTATIONS], done.stderr
    assert [case for case in shown if not case["as_expected"]] == []
    assert done.returncode == 0
