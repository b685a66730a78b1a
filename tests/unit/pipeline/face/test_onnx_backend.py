"""Embedders that the manifest describes, proved with a network made here, and with MobileFaceNet where it is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import EngineError, WeightsError
from pipeline.face.backend import FaceBackend, load_backend
from pipeline.face.matcher import FaceMatcher
from pipeline.face.models import load_face_models
from pipeline.face.onnx_backend import align, five_points, prepare, similarity_transform
from pipeline.face.onnx_entry import ARCFACE, OnnxFaceEntry
from pipeline.face.selfie import find_selfie
from pipeline.findings import Band
from pipeline.image import RgbImage
from pipeline.stages import Stage
from pipeline.weights import DEFAULT_ROOT
from specimen.cast import selfie
from specimen.photos import Subject
from tests.unit.pipeline.face.pictures import card_of, photo_of
from workers.real_engines import load
from workers.settings import WorkerSettings

onnx = pytest.importorskip("onnx", reason="the extra ekyc[fetch] is not installed")
#: Where EKYC_SHARED points to a folder of models that are not ours to ship.
MOBILEFACENET = Path("weights", "mobilefacenet", "MobileFaceNet.onnx")
FACE = {
    "size_px": "112",
    "mean": "[127.5, 127.5, 127.5]",
    "deviation": "[127.5, 127.5, 127.5]",
    "review_at": "0.3",
    "same_clip": "0.3",
    "origin": '"made for this test, not measured"',
}
MEASURED = FACE | {
    "calibration": "[[-1.0, 1.0], [0.5, 1e-2], [0.9, 1e-4]]",
    "calibration_id": '"tiny-2026"',
}


def network(path: Path, *, size: int = 112, flat: bool = True) -> None:
    """A network that sees a face as 8 x 8 mean colours; not `flat`: as a single number."""
    make = onnx.helper
    cell = size // 8 if flat else size
    pool = make.make_node(
        "AveragePool", ["face"], ["cells"], kernel_shape=[cell, cell], strides=[cell, cell]
    )
    nodes = [pool, make.make_node("Flatten", ["cells"], ["vector"])]
    kind = onnx.TensorProto.FLOAT
    graph = make.make_graph(
        nodes, "tiny",
        [make.make_tensor_value_info("face", kind, [1, 3, size, size])],
        [make.make_tensor_value_info("vector", kind, [1, None])],
    )  # fmt: skip
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)


def root_with(folder: Path, path: Path, face: dict[str, str], name: str = "tiny") -> Path:
    """A weights folder with the models that find a face and one embedder more."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "net.onnx").symlink_to(path)
    (folder / "fetched").symlink_to(DEFAULT_ROOT / "fetched")
    table = "\n".join(f"{key} = {value}" for key, value in face.items())
    entry = f'[{name}]\nfile = "net.onnx"\nsha256 = "{digest}"\nlicence = "x"\nsource = "y"\n'
    known = (DEFAULT_ROOT / "manifest.toml").read_text(encoding="utf-8")
    text = f"{known}\n{entry}\n[{name}.face]\n{table}\n"
    (folder / "manifest.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    network(tmp_path / "made.onnx")
    return tmp_path / "made.onnx"


def rooted(tmp_path: Path, tiny: Path, **changes: str) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    return root_with(folder, tiny, FACE | changes)


def test_a_face_is_turned_scaled_and_shifted_but_never_mirrored():
    points = np.array(ARCFACE)
    turn, shift = 2 * np.exp(1j * np.radians(30)), 5 - 3j
    moved = turn * (points[:, 0] + 1j * points[:, 1]) + shift
    found = similarity_transform(points, np.stack([moved.real, moved.imag], axis=1))
    assert found == pytest.approx((turn, shift), abs=1e-9)
    mirrored = points * [-1, 1]
    a, _ = similarity_transform(points, mirrored)
    assert abs(a) < 0.9  # a mirror image cannot be reached


@pytest.mark.parametrize("scale", [0.6, 3.0])
def test_the_five_points_come_to_lie_on_the_template(scale):
    template = np.array(ARCFACE)
    turn = scale * np.exp(1j * np.radians(25))
    seen = turn * (template[:, 0] + 1j * template[:, 1]) + (100 + 40j)
    points = np.stack([seen.real, seen.imag], axis=1)
    patch = np.zeros((450, 450, 3), np.uint8)
    for x, y in points:
        cv2.circle(patch, (round(x), round(y)), max(2, round(2 * scale)), (255, 255, 255), -1)
    chip = align(RgbImage(patch), points, template, 112)
    assert chip.shape == (112, 112, 3)
    for x, y in template:
        near = chip[round(y) - 6 : round(y) + 7, round(x) - 6 : round(x) + 7, 0].astype(float)
        rows, columns = np.mgrid[-6:7, -6:7]
        centre = [(near * axis).sum() / near.sum() for axis in (columns, rows)]
        assert centre == pytest.approx([0, 0], abs=1.2)


def entry(**changes: object) -> OnnxFaceEntry:
    known: dict[str, object] = {
        "size_px": 112, "mean": (10, 20, 30), "deviation": (1, 2, 4), "review_at": 0.3, "same_clip": 0.3,
        "origin": "not measured",
    }  # fmt: skip
    return OnnxFaceEntry.model_validate(known | changes)


def test_colours_mean_deviation_and_layout_are_as_the_entry_says():
    chip = RgbImage(np.full((112, 112, 3), (11, 24, 50), np.uint8))
    rgb = prepare(chip, entry())
    assert (rgb.shape, rgb.dtype) == ((3, 112, 112), np.float32)
    assert rgb[:, 5, 5].tolist() == [1, 2, 5]
    bgr = prepare(chip, entry(colours="BGR", layout="NHWC"))
    assert bgr[5, 5].tolist() == [40, 2, -4.75]


def test_the_template_is_scaled_to_the_picture_or_given():
    assert entry(size_px=224).template() == pytest.approx(2 * np.array(ARCFACE))
    own = [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10)]
    assert entry(points=own).template().tolist() == np.array(own).tolist()


def embedded(backend: FaceBackend, subject: Subject, seed: int) -> np.ndarray:
    finder = load_face_models(DEFAULT_ROOT).finder()
    return backend.embed(find_selfie(selfie(subject, np.random.default_rng(seed)), finder))


def test_the_points_of_a_face_are_in_the_template_s_order(finder):
    face = find_selfie(selfie(Subject.ASTRONAUT, np.random.default_rng(1)), finder)
    right, left, nose, mouth_right, mouth_left = five_points(face)
    assert right[0] < nose[0] < left[0]
    assert mouth_right[0] < nose[0] < mouth_left[0]
    assert max(right[1], left[1]) < nose[1] < min(mouth_right[1], mouth_left[1])


def test_a_network_of_the_manifest_is_a_backend_by_its_name(finder, tiny, tmp_path):
    backend = load_backend("tiny", rooted(tmp_path, tiny))
    one, again = (embedded(backend, Subject.ASTRONAUT, seed) for seed in (1, 2))
    other = embedded(backend, Subject.GRACE_HOPPER, 1)
    assert one.shape == (192,)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert backend.compare(one, again) > backend.compare(one, other)
    assert [ref.name for ref in backend.refs] == ["tiny"]


def test_what_nobody_measured_never_says_match_and_never_duplicate(finder, tiny, tmp_path):
    matcher = FaceMatcher(
        load_face_models(DEFAULT_ROOT), load_backend("tiny", rooted(tmp_path, tiny))
    )
    front = card_of(Subject.ASTRONAUT)
    found = matcher.match(photo_of(front), selfie(Subject.ASTRONAUT, np.random.default_rng(1)))
    assert found.band in (Band.REVIEW, Band.NO_MATCH)
    assert (found.fmr, found.backend, found.calibration) == (1.0, "tiny", "uncalibrated")
    assert found.models[-1].sha256 == hashlib.sha256(tiny.read_bytes()).hexdigest()
    assert matcher.profile.band(1.0) is Band.REVIEW
    assert matcher.profile.duplicate_at is None


def test_the_worker_takes_it_by_its_setting(finder, tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("EKYC_FACE_BACKEND", "tiny")
    monkeypatch.setenv("EKYC_WEIGHTS_ROOT", str(rooted(tmp_path, tiny)))
    engine = load(Stage.MATCH_FACE, WorkerSettings(), "cpu")
    assert "tiny" in [model.name for model in engine.models]


def test_a_measured_one_says_match_where_its_calibration_does(tiny, tmp_path):
    profile = load_backend("tiny", rooted(tmp_path, tiny, **MEASURED)).profile
    assert profile.calibration_id == "tiny-2026"
    bands = [profile.band(similarity) for similarity in (0.95, 0.7, 0.4)]
    assert bands == [Band.MATCH, Band.REVIEW, Band.NO_MATCH]
    assert profile.duplicate_at is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size_px": "5"}, "size_px"),
        ({"size_px": "128"}, "do not run"),
        ({"layout": '"NHWC"'}, "do not run"),
        ({"output": '"nothing"'}, "do not run"),
        ({"metric": '"dlib"'}, "metric"),
        ({"deviation": "[1.0, 0.0, 1.0]"}, "deviation"),
        ({"points": "[[1.0, 2.0]]"}, "points"),
        ({"threshold": "0.5"}, "threshold"),
        ({"calibration": "[[-1.0, 1.0], [0.5, 1e-4]]"}, "belong together"),
        ({"calibration_id": '"x-2026"'}, "belong together"),
        (MEASURED | {"calibration": "[[0.5, 1.0], [0.1, 1e-4]]"}, "rising"),
        (MEASURED | {"calibration": "[[0.1, 1e-5], [0.5, 1e-6]]"}, "starts"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_with_its_fault(tiny, tmp_path, changes, message):
    with pytest.raises(WeightsError, match=message):
        load_backend("tiny", rooted(tmp_path, tiny, **changes))


def test_a_network_that_gives_no_vector_is_refused(tmp_path):
    network(tmp_path / "score.onnx", flat=False)
    with pytest.raises(WeightsError, match="no embedding"):
        load_backend("tiny", rooted(tmp_path, tmp_path / "score.onnx"))


def test_a_vector_without_direction_is_our_fault_not_a_similarity(finder, tiny, tmp_path):
    backend = load_backend("tiny", rooted(tmp_path, tiny, mean="[0.0, 0.0, 0.0]"))
    face = find_selfie(selfie(Subject.ASTRONAUT, np.random.default_rng(1)), finder)
    face.patch[:] = 0
    with pytest.raises(EngineError, match="direction"):
        backend.embed(face)


def test_an_unknown_name_is_told_what_there_is(tiny, tmp_path):
    with pytest.raises(WeightsError, match=r"dlib, facenet.*, tiny"):
        load_backend("nobody", rooted(tmp_path, tiny))


def test_mobilefacenet_tells_two_people_apart(finder, tmp_path):
    path = Path(os.environ.get("EKYC_SHARED", "")) / MOBILEFACENET
    if not path.is_file():
        pytest.skip(f"EKYC_SHARED has no {MOBILEFACENET}")
    imagenet = {"mean": "[123.675, 116.28, 103.53]", "deviation": "[58.395, 57.12, 57.375]"}
    folder = tmp_path / "weights"
    folder.mkdir()
    backend = load_backend(
        "mobilefacenet", root_with(folder, path, FACE | imagenet, "mobilefacenet")
    )
    one, again = (embedded(backend, Subject.ASTRONAUT, seed) for seed in (1, 2))
    other = embedded(backend, Subject.GRACE_HOPPER, 1)
    assert one.shape == (128,)
    assert backend.compare(one, again) > 0.6
    assert backend.compare(one, other) < 0.3
