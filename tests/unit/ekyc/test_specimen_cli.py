from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ekyc.specimen_cli import app
from pipeline.chip.authorities import load_authorities
from pipeline.chip.read import read_chip
from pipeline.findings import FieldName, Origin
from specimen.bundle import SCENARIOS, printed_card


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_card_writes_prints_photos_and_the_truth(tmp_path: Path) -> None:
    options = ("--seed", "3", "--version", "can_cuoc_2024", "--today", "2026-11-23")
    code, _ = _run("card", "--out", str(tmp_path / "new"), *options)
    assert code == 0
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {
        *("front_flat.png", "back_flat.png", "truth.json", "card_front.jpg", "card_back.jpg"),
    }
    truth = json.loads((tmp_path / "new" / "truth.json").read_text())
    printed = {line["role"]: line["text"] for line in truth["front"]["lines"]}
    assert printed["id_number"] == truth["person"]["id_number"]


def test_case_writes_all_evidence(tmp_path: Path) -> None:
    code, _ = _run("case", "--out", str(tmp_path), "--actions", "blink:1")
    assert code == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"card_front.jpg", "card_back.jpg", "selfie.jpg", "clip.mp4", "person.json"}


def test_chip_is_that_of_the_card_and_vouched_for(tmp_path: Path) -> None:
    options = ("--seed", "3", "--today", "2026-11-23")
    assert _run("chip", "--out", str(tmp_path), *options)[0] == 0
    person, _ = printed_card(SCENARIOS["genuine"], 3, date(2026, 11, 23))
    authorities = load_authorities(tmp_path / "csca")
    content = read_chip((tmp_path / "chip.json").read_bytes(), authorities, today=None)
    assert content.finding.origin is Origin.TRUSTED
    assert content.fields[FieldName.ID_NUMBER] == person.id_number
    assert content.portrait is not None


def test_dataset_writes_a_folder_once(tmp_path: Path) -> None:
    options = (str(tmp_path), "--cards", "1", "--seed", "2", "--today", "2026-11-23")
    assert _run("dataset", *options)[0] == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        *("0000-front.jpg", "0000-back.jpg", "cards.jsonl", "prints.jsonl", "dataset.json"),
    }
    code, output = _run("dataset", *options)
    assert code == 2
    assert "already" in output


def test_list_names_every_scenario() -> None:
    code, output = _run("list")
    assert code == 0
    assert all(name in output for name in SCENARIOS)


@pytest.mark.parametrize("actions", ["hop", "blink:0", "blink:x", "", "smile,,blink"])
def test_unknown_actions_are_refused(actions: str, tmp_path: Path) -> None:
    code, output = _run("clip", "--out", str(tmp_path), "--actions", actions)
    assert code == 2
    assert "is not one of" in output
    assert not list(tmp_path.iterdir())


def test_unknown_scenarios_are_refused(tmp_path: Path) -> None:
    code, output = _run("selfie", "--out", str(tmp_path), "--scenario", "nobody")
    assert code == 2
    assert "is none of" in output
