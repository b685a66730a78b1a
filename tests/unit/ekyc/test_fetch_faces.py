from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from ekyc.fetch_faces import MADE, SOURCE, fetch_faces
from pipeline.errors import WeightsError
from pipeline.onnx_model import OnnxModel
from pipeline.weights import open_weights, read_manifest

convert = pytest.importorskip("ekyc.dlib_to_onnx", reason="the extra ekyc[fetch]").convert


@pytest.fixture(scope="module")
def dlib_file() -> Path:
    try:
        return open_weights(SOURCE).path
    except WeightsError as error:
        pytest.skip(f"dlib's weights are not here: {error}")


def test_the_converted_network_gives_dlibs_own_numbers(dlib_file, tmp_path):
    dlib = pytest.importorskip("dlib")
    made = tmp_path / "net.onnx"
    made.write_bytes(convert(dlib_file.read_bytes()))
    network, original = OnnxModel(made), dlib.face_recognition_model_v1(str(dlib_file))
    rng = np.random.default_rng(1)
    smooth = np.kron(rng.integers(0, 255, (10, 10, 3)), np.ones((15, 15, 1)))
    for chip in (rng.integers(0, 255, (150, 150, 3)), smooth):
        pixels = chip.astype(np.uint8)
        descriptor = network(pixels.astype(np.float32))["descriptor"][0]
        assert descriptor == pytest.approx(
            np.array(original.compute_face_descriptor(pixels)), abs=5e-6
        )


def manifest(root: Path, dlib_file: Path, sha256: str) -> None:
    source = hashlib.sha256(dlib_file.read_bytes()).hexdigest()
    (root / dlib_file.name).write_bytes(dlib_file.read_bytes())
    (root / "manifest.toml").write_text(
        f'[{SOURCE}]\nfile = "{dlib_file.name}"\nsha256 = "{source}"\nlicence = "x"\nsource = "y"\n'
        f'[{MADE}]\nfetched = "net.onnx"\nsha256 = "{sha256}"\nlicence = "x"\nsource = "y"\n'
    )


def test_it_is_made_once_and_is_the_pinned_file(dlib_file, tmp_path):
    manifest(tmp_path, dlib_file, read_manifest()[MADE].sha256)
    (made,) = fetch_faces(tmp_path)
    assert made == tmp_path / "fetched" / "net.onnx"
    assert fetch_faces(tmp_path) == ()


def test_another_result_than_the_pinned_one_is_not_kept(dlib_file, tmp_path):
    manifest(tmp_path, dlib_file, "0" * 64)
    with pytest.raises(WeightsError, match="differs"):
        fetch_faces(tmp_path)
    assert not (tmp_path / "fetched").exists()


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_file_that_ends_early_is_refused(dlib_file, share):
    data = dlib_file.read_bytes()
    with pytest.raises(WeightsError, match="tensor"):
        convert(data[: int(len(data) * share)])
