from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import WeightsError
from pipeline.face.models import FaceModels, load_face_models
from specimen.strangers import PhotoUnfit, sitter_from, sitters_in


@pytest.fixture(scope="module")
def models() -> FaceModels:
    try:
        return load_face_models()
    except WeightsError as error:
        pytest.skip(f"the face models are not here: {error}")


@pytest.fixture(scope="module")
def astronaut() -> Path:
    spec = find_spec("skimage")
    folders = (spec.submodule_search_locations or ()) if spec else ()
    paths = [Path(folder, "data/astronaut.png") for folder in folders]
    if not any(path.is_file() for path in paths):
        pytest.skip("scikit-image, whose photograph is animated, is not installed")
    return next(path for path in paths if path.is_file())


def test_a_photograph_becomes_a_sitter_with_a_mouth_that_relaxes(
    models: FaceModels, astronaut: Path
) -> None:
    sitter = sitter_from(astronaut, models)
    assert sitter.name == "astronaut"
    assert sitter.own_background
    assert sitter.photo.mesh.shape == (468, 3)
    assert sitter.part.mouth.relaxed < 0  # she smiles
    assert 0.4 <= sitter.part.clip.face_share <= 0.6


def test_what_cannot_be_animated_is_named(
    models: FaceModels, astronaut: Path, tmp_path: Path
) -> None:
    grey = np.full((300, 300, 3), 127, np.uint8)
    cv2.imwrite(str(tmp_path / "a_wall.png"), grey)
    face = cv2.imread(str(astronaut))
    cv2.imwrite(str(tmp_path / "b_two.png"), np.hstack([face, face]))
    cv2.imwrite(str(tmp_path / "c_small.png"), cv2.resize(face, None, fx=0.25, fy=0.25))
    (tmp_path / "d_text.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("passed over", encoding="utf-8")
    found = list(sitters_in(tmp_path, models))
    assert all(isinstance(one, PhotoUnfit) for one in found)
    told = [str(one) for one in found]
    assert [name.split(":")[0] for name in told] == [
        "a_wall.png",
        "b_two.png",
        "c_small.png",
        "d_text.jpg",
    ]
    assert "no face" in told[0]
    assert "2 faces" in told[1]
    assert "pixels only" in told[2]
