"""The whole way: draw a small data set, judge it, write the report."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ekyc.cli import app
from pipeline.errors import WeightsError
from pipeline.face.models import load_face_models
from pipeline.face.portrait import find_portrait
from pipeline.image import decode_image
from pipeline.liveness.scorer import load_liveness_scorer
from pipeline.weights import DEFAULT_ROOT

runner = CliRunner()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("clips") / "set"
    arguments = [
        "specimen",
        "clips",
        str(out),
        "--per-species",
        "1",
        "--species",
        "live,still,replay",
    ]
    made = runner.invoke(app, [*arguments, "--seed", "5"])
    assert made.exit_code == 0, made.output
    return out


def test_a_replay_shares_the_living_clip_and_asks_for_another_order(dataset: Path) -> None:
    with (dataset / "clips.csv").open(encoding="utf-8") as file:
        live, still, replay = csv.DictReader(file)
    assert (live["species"], still["species"], replay["species"]) == (
        "bona_fide",
        "still",
        "replay",
    )
    assert replay["file"] == live["file"]
    assert sorted(replay["actions"].split(",")) == sorted(live["actions"].split(","))
    assert replay["actions"] != live["actions"]


def test_an_unfinished_data_set_is_completed_and_nothing_drawn_again(dataset: Path) -> None:
    clips = sorted((dataset / "clips").iterdir())
    before = [path.stat().st_mtime_ns for path in clips]
    again = ["specimen", "clips", str(dataset), "--per-species", "1", "--seed", "5"]
    assert runner.invoke(app, [*again, "--species", "live,still,replay"]).exit_code == 0
    assert [path.stat().st_mtime_ns for path in clips] == before


def test_the_portrait_lies_where_a_card_has_it(dataset: Path) -> None:
    try:
        finder = load_face_models(DEFAULT_ROOT).finder()
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")
    for path in (dataset / "people").glob("*_card.jpg"):
        assert (
            find_portrait(decode_image(path.read_bytes(), evidence="card"), finder).height_px > 80
        )


def test_a_data_set_is_judged_and_reported(dataset: Path, tmp_path: Path) -> None:
    try:
        load_liveness_scorer(DEFAULT_ROOT)
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")
    report, cache = tmp_path / "report.html", tmp_path / "records.jsonl"
    arguments = ["eval", "liveness", str(dataset), "--report", str(report), "--cache", str(cache)]
    ran = runner.invoke(app, [*arguments, "--json"])
    assert ran.exit_code == 0, ran.output
    figures = json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))
    assert figures["refused"]["whole"] == 1
    assert figures["species"]["still"]["passed"]["part"] == 0
    assert figures["species"]["still"]["reasons"]["frozen"] == 1
    assert figures["species"]["replay"]["passed"]["part"] == 0
    assert figures["max_apcer"] == 0
    assert "Attacks by species" in report.read_text(encoding="utf-8")
    assert len(cache.read_text(encoding="utf-8").splitlines()) == 3
    assert runner.invoke(app, [*arguments, "--json"]).exit_code == 0
    assert len(cache.read_text(encoding="utf-8").splitlines()) == 3


def test_a_passive_network_that_is_not_there_is_named(dataset: Path) -> None:
    ran = runner.invoke(app, ["eval", "liveness", str(dataset), "--passive", "nobody"])
    assert ran.exit_code == 2
    assert "no weights named 'nobody'" in " ".join(ran.output.split())


def test_a_folder_without_a_list_is_refused_kindly(tmp_path: Path) -> None:
    ran = runner.invoke(app, ["eval", "liveness", str(tmp_path)])
    assert ran.exit_code == 2


def test_a_photograph_without_a_face_is_refused_kindly(tmp_path: Path) -> None:
    photo = tmp_path / "text.jpg"
    photo.write_bytes(b"no picture")
    ran = runner.invoke(
        app,
        ["specimen", "clip", "--out", str(tmp_path), "--photo", str(photo), "--species", "still"],
    )
    assert ran.exit_code == 2
    assert "Traceback" not in ran.output
