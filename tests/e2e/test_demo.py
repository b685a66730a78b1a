"""The main job with the real engines: `ekyc demo`, as a user runs it."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

from ekyc.demo_cases import EXPECTATIONS
from ekyc.demo_drawing import PICTURE_SEED, VIET_NAM
from specimen.bundle import SCENARIOS, printed_card
from specimen.people import Person


def test_every_verdict_of_the_demo_is_as_expected_and_no_log_names_anybody(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ekyc", "demo", "--home", str(tmp_path / "home"), "--json"],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    shown = [json.loads(line) for line in done.stdout.splitlines()]
    assert [case["scenario"] for case in shown] == [e.scenario for e in EXPECTATIONS], done.stderr
    assert [case for case in shown if not case["as_expected"]] == []
    assert done.returncode == 0
    said = {
        path.name: path.read_text(encoding="utf-8")
        for path in (tmp_path / "home" / "logs").iterdir()
    }
    assert {"gateway.log", "sweeper.log"} <= said.keys()
    assert sum(map(len, said.values())) > 10_000, "nothing was logged, so nothing was shown"
    said |= {"stdout": done.stdout, "stderr": done.stderr}
    today = datetime.now(VIET_NAM).date()
    people = [printed_card(SCENARIOS[e.scenario], PICTURE_SEED, today)[0] for e in EXPECTATIONS]
    secrets = {value for person in people for value in _of_the_person(person)}
    assert len(secrets) > 30
    told = {(name, secret) for name, text in said.items() for secret in secrets if secret in text}
    assert not told


def _of_the_person(person: Person) -> set[str]:
    """Everything on the card that tells who it is, as printed and as JSON escapes it."""
    held = [getattr(person, field.name) for field in dataclasses.fields(person)]
    words = {value for value in held if isinstance(value, str) and len(value) > 8}
    words -= {person.nationality, person.personal_identification}
    days = {form for day in held if isinstance(day, date) for form in (f"{day:%d/%m/%Y}", str(day))}
    return {form for value in words | days for form in (value, json.dumps(value)[1:-1])}
