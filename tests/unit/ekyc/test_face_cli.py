from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from ekyc.face_cli import app
from specimen.cast import selfie
from specimen.photos import Subject


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("faces")
    pictures = {
        "a": selfie(Subject.ASTRONAUT, np.random.default_rng(1)),
        "b": selfie(Subject.ASTRONAUT, np.random.default_rng(2)),
        "other": selfie(Subject.GRACE_HOPPER, np.random.default_rng(3)),
        "nobody": np.full((400, 400, 3), 127, np.uint8),
    }
    for name, picture in pictures.items():
        cv2.imwrite(str(root / f"{name}.jpg"), picture[..., ::-1])
    return {name: root / f"{name}.jpg" for name in pictures}


def said(*arguments: object) -> tuple[int, dict[str, object]]:
    result = CliRunner().invoke(app, ["match", *map(str, arguments), "--json"])
    return result.exit_code, json.loads(result.output)


def test_two_photos_of_one_person_match_and_are_drawn(photos, tmp_path):
    code, found = said(photos["a"], photos["b"], "--plot", tmp_path / "pair.png")
    assert (code, found["band"], found["rejected"]) == (0, "match", None)
    assert (found["backend"], found["calibration"]) == ("dlib", "dlib-2026-11-22")
    assert set(found["model_sha256"]) >= {"dlib_resnet", "dlib_points5"}
    assert cv2.imread(str(tmp_path / "pair.png")).shape[1] > 1200


def test_another_person_is_no_match(photos):
    code, found = said(photos["a"], photos["other"])
    assert (code, found["band"]) == (1, "no_match")


@pytest.mark.parametrize("order", [("nobody", "a"), ("a", "nobody")])
def test_a_picture_without_a_face_never_gets_a_similarity(photos, order, tmp_path):
    code, found = said(*(photos[name] for name in order), "--plot", tmp_path / "pair.png")
    assert code == 3
    assert found["similarity"] is found["fmr"] is found["band"] is None
    assert found["rejected"]["code"] == "face_not_found"
    assert (tmp_path / "pair.png").is_file()


def test_a_file_that_is_no_picture_is_named_with_its_fault(photos, tmp_path):
    (tmp_path / "cut.jpg").write_bytes(photos["b"].read_bytes()[:3000])
    code, found = said(photos["a"], tmp_path / "cut.jpg")
    assert (code, found["band"], found["similarity"]) == (3, None, None)
    assert found["rejected"] == {
        "code": "evidence_undecodable",
        "evidence": "selfie",
        "cause": "truncated",
    }
    result = CliRunner().invoke(app, ["match", str(photos["a"]), str(tmp_path / "cut.jpg")])
    assert "evidence=selfie" in result.output
    assert "Tệp ảnh bị cắt cụt" in result.output


def test_a_folder_is_no_picture_and_a_missing_folder_takes_no_plot(photos, tmp_path):
    assert CliRunner().invoke(app, ["match", str(photos["a"]), str(tmp_path)]).exit_code == 2
    plot = str(tmp_path / "missing" / "pair.png")
    result = CliRunner().invoke(app, ["match", str(photos["a"]), str(photos["b"]), "--plot", plot])
    assert result.exit_code == 2
    assert "similarity" in result.output, "what was found is told before the picture fails"
