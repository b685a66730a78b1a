from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from ekyc.eval_cli import app
from ekyc.evaluation.face_print import print_portrait
from pipeline.errors import WeightsError
from pipeline.face.models import load_face_models
from pipeline.face.portrait import find_portrait
from specimen.cast import selfie
from specimen.photos import Subject


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people, two photos each."""
    root = tmp_path_factory.mktemp("people")
    for subject in Subject:
        for seed in (1, 2):
            picture = selfie(subject, np.random.default_rng(seed))
            small = cv2.resize(picture, (480, 640), interpolation=cv2.INTER_AREA)
            (root / subject).mkdir(exist_ok=True)
            cv2.imwrite(str(root / subject / f"{seed}.jpg"), small[..., ::-1])
    (root / "astronaut" / "dark.png").write_bytes(
        cv2.imencode(".png", np.zeros((300, 300, 3), np.uint8))[1].tobytes()
    )
    return root


def test_a_folder_is_measured_and_told(folder, tmp_path):
    page = tmp_path / "report" / "face.html"
    result = CliRunner().invoke(
        app, ["face", str(folder), "--report", str(page), "--card-px", "110"]
    )
    assert result.exit_code == 0, result.output
    found = json.loads(page.with_suffix(".json").read_text())
    first = found["conditions"][0]
    assert (first["rates"]["genuine"], first["rates"]["impostor"]) == (2, 4)
    assert first["refused_impostor"] == {"face_not_found": 2}
    assert first["rates"]["operating"][1]["fnmr"] == 0
    assert [bar["reached"] for bar in found["bars"]] == [True, True]
    assert [at["promised_fmr"] for at in first["calibrated"]] == [1e-2, 1e-3, 1e-4]
    assert [at["false_matches"] for at in first["calibrated"]][1:] == [0, 0]
    html = page.read_text()
    assert "Thresholds of the committed calibration" in html
    assert html.count("data:image/jpeg") > 8
    assert "<script" not in html
    assert "http" not in html
    assert str(folder) not in html


def test_a_page_without_pictures_shows_and_names_nobody(folder, tmp_path):
    page = tmp_path / "face.html"
    asked = ["face", str(folder), "--report", str(page), "--card-px", "110", "--no-pictures"]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    written = page.read_text() + page.with_suffix(".json").read_text()
    assert "card portrait of 110 px" in written
    assert "data:image" not in written
    assert "grace_hopper" not in written


def test_what_is_no_data_set_ends_with_a_reason(tmp_path):
    result = CliRunner().invoke(app, ["face", str(tmp_path)])
    assert result.exit_code == 2


@pytest.mark.parametrize("face_px", [60, 150])
def test_a_printed_portrait_has_the_size_that_was_asked_for(face_px):
    try:
        finder = load_face_models().finder()
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")
    face = finder.find(selfie(Subject.ASTRONAUT, np.random.default_rng(1)))[0]
    card = print_portrait(face, face_px, seed=1)
    # the rectified card is as wide as in the photo, or 320 pixels
    assert find_portrait(card, finder).height_px == pytest.approx(face_px, rel=0.12)
    assert (print_portrait(face, face_px, seed=1) == card).all()
