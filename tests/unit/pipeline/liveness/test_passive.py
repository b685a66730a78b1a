"""The passive cue, with a network made here; with MiniFASNet where its weights are, see test_fetch_minifasnet.py."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import numpy as np
import pytest

from pipeline.challenge import Action, ChallengeStep
from pipeline.errors import EngineError, WeightsError
from pipeline.findings import LivenessFinding, ModelRef
from pipeline.image import RgbImage
from pipeline.liveness.passive import (
    PassiveNetwork,
    crop_around,
    load_passive,
    passive_cue,
    prepare,
)
from pipeline.liveness.passive_entry import PassiveEntry
from pipeline.liveness.scorer import LivenessScorer, load_liveness_scorer
from pipeline.stages import Stage
from pipeline.summary import public_summary
from pipeline.weights import DEFAULT_ROOT
from specimen.attacks import CLIP_MAKERS, ClipKind
from specimen.clips import encode_clip
from specimen.photos import Subject
from store.findings import dump, load_liveness
from workers.real_engines import load
from workers.settings import WorkerSettings

onnx = pytest.importorskip("onnx", reason="the extra ekyc[fetch] is not installed")
#: Class 1 of a picture in BGR is green.
GREEN = {
    "size_px": "80", "crops": "[2.7, 4.0]", "colours": '"BGR"', "mean": "[0.0, 0.0, 0.0]",
    "deviation": "[255.0, 255.0, 255.0]", "live": "1", "suspect_below": "0.4",
    "origin": '"made for this test, not measured"',
}  # fmt: skip
KNOWN = {
    "size_px": 16, "crops": (2.0, 3.0), "mean": (1, 2, 3), "deviation": (1, 1, 2), "live": 0,
    "suspect_below": 0.5, "origin": "not measured",
}  # fmt: skip
BLINK = (ChallengeStep(action=Action.BLINK, count=1, start_s=1.0, end_s=3.5),)


def network(path: Path, *, crops: int = 2, softmax: bool = True, gain: float = 20.0) -> None:
    """A network whose classes are the channels: the brighter one is, the more probable."""
    make, kind = onnx.helper, onnx.TensorProto.FLOAT
    shape = [1, crops, 3, 80, 80] if crops > 1 else [1, 3, 80, 80]
    axes = [1, 3, 4] if crops > 1 else [2, 3]
    nodes = [
        make.make_node("ReduceMean", ["crops"], ["mean"], axes=axes, keepdims=0),
        make.make_node("Mul", ["mean", "gain"], ["logits"]),
        make.make_node("Softmax" if softmax else "Identity", ["logits"], ["classes"]),
    ]
    graph = make.make_graph(
        nodes, "green",
        [make.make_tensor_value_info("crops", kind, shape)],
        [make.make_tensor_value_info("classes", kind, [1, 3])],
        [onnx.numpy_helper.from_array(np.array(gain, np.float32), "gain")],
    )  # fmt: skip
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)


def rooted(tmp_path: Path, table: dict[str, str], **made: object) -> Path:
    """A weights folder with all models of liveness and a passive network named green."""
    network(tmp_path / "green.onnx", **made)  # type: ignore[arg-type]
    (tmp_path / "fetched").symlink_to(DEFAULT_ROOT / "fetched")
    digest = hashlib.sha256((tmp_path / "green.onnx").read_bytes()).hexdigest()
    rows = "\n".join(f"{key} = {value}" for key, value in table.items())
    known = (DEFAULT_ROOT / "manifest.toml").read_text(encoding="utf-8")
    entry = f'[green]\nfile = "green.onnx"\nsha256 = "{digest}"\nlicence = "x"\nsource = "y"\n'
    text = f"{known}\n{entry}\n[green.passive]\n{rows}\n"
    (tmp_path / "manifest.toml").write_text(text, encoding="utf-8")
    return tmp_path


def painted(colour: tuple[int, int, int], size: tuple[int, int] = (120, 160)) -> RgbImage:
    return RgbImage(np.full((*size, 3), colour, np.uint8))


FACE = np.array([60.0, 40.0, 100.0, 90.0])


# ---------------------------------------------------------------- crops


def marked() -> RgbImage:
    """A picture whose red and green tell the column and the row."""
    y, x = np.mgrid[:200, :250]
    return RgbImage(np.dstack([x, y, 0 * x]).astype(np.uint8))


def span(crop: RgbImage) -> tuple[int, int, int, int]:
    """The first and last column and row of the picture that a crop shows."""
    return int(crop[0, 0, 0]), int(crop[0, 0, 1]), int(crop[-1, -1, 0]), int(crop[-1, -1, 1])


def test_a_crop_is_the_box_grown_about_its_centre():
    crop = crop_around(marked(), np.array([100.0, 80.0, 140.0, 130.0]), 2.0, 80)
    assert crop.shape == (80, 80, 3)
    assert span(crop) == pytest.approx((80, 55, 160, 155), abs=1)


def test_a_crop_that_would_leave_the_frame_is_shifted_inside_it():
    crop = crop_around(marked(), np.array([10.0, 150.0, 50.0, 190.0]), 2.5, 80)
    assert span(crop) == pytest.approx((0, 99, 100, 199), abs=1)


def test_a_crop_that_is_larger_than_the_frame_grows_by_less():
    crop = crop_around(marked(), np.array([100.0, 50.0, 180.0, 130.0]), 4.0, 80)
    # 199 / 80 times the box, as high as the picture and about the face across
    assert span(crop) == pytest.approx((40, 0, 239, 199), abs=1)


def test_a_face_that_fills_the_frame_and_more_is_taken_whole():
    crop = crop_around(marked(), np.array([-30.0, -20.0, 260.0, 240.0]), 2.7, 80)
    assert crop.shape == (80, 80, 3)
    assert span(crop)[1::2] == pytest.approx((0, 199), abs=1)


def test_colours_layout_and_axes_are_as_the_entry_says():
    crops = np.full((2, 16, 16, 3), (11, 22, 33), np.uint8)
    bgr = prepare(crops, PassiveEntry.model_validate(KNOWN | {"colours": "BGR"}))
    assert (bgr.shape, bgr.dtype) == ((2, 3, 16, 16), np.float32)
    assert bgr[1, :, 0, 0].tolist() == [32, 20, 4]
    one = PassiveEntry.model_validate(KNOWN | {"crops": (2.0,), "layout": "NHWC"})
    assert prepare(crops[:1], one).shape == (16, 16, 3)
    assert prepare(crops[:1], one)[0, 0].tolist() == [10, 20, 15]


def test_a_face_that_fills_the_frame_is_not_shown_to_a_network_that_needs_more(tmp_path):
    passive = load_passive("green", rooted(tmp_path, GREEN | {"least_crop": "1.5"}))
    frame = painted((30, 220, 30))  # 120 high
    assert passive.crops(frame, np.array([40.0, 20.0, 120.0, 101.0])) is None
    assert passive.crops(frame, np.array([40.0, 20.0, 110.0, 98.0])).shape == (2, 80, 80, 3)


def test_a_dark_frame_is_brightened_first(tmp_path):
    passive = load_passive("green", rooted(tmp_path, GREEN))
    assert passive.crops(painted((6, 44, 6)), FACE).max() > 3 * 44
    assert passive.crops(painted((30, 220, 30)), FACE).max() == 220


# ---------------------------------------------------------------- the cue


def test_the_usual_frame_decides(tmp_path):
    passive = load_passive("green", rooted(tmp_path, GREEN))
    green, red = (passive.crops(painted(c), FACE) for c in ((30, 220, 30), (220, 30, 30)))
    assert passive.alive(green) > 0.9
    assert passive.alive(red) < 0.1
    alive = passive_cue(passive, [green, green, red])
    assert (alive.name, alive.threshold, alive.suspicious) == ("passive", 0.4, False)
    copied = passive_cue(passive, [red, green, red])
    assert (copied.score, copied.suspicious) == (pytest.approx(passive.alive(red)), True)


def test_of_many_frames_the_sharpest_are_judged(tmp_path):
    passive = load_passive("green", rooted(tmp_path, GREEN))
    flat = passive.crops(painted((220, 30, 30)), FACE)
    noise = np.random.default_rng(0).integers(0, 30, (120, 160, 3))
    sharp = passive.crops(RgbImage((painted((30, 220, 30)) + noise).astype(np.uint8)), FACE)
    assert passive_cue(passive, [flat] * 8 + [sharp] * 7).suspicious is False
    assert passive_cue(passive, [flat] * 8 + [sharp] * 3).suspicious is True


def test_a_network_with_one_crop_needs_no_axis_for_it(tmp_path):
    passive = load_passive("green", rooted(tmp_path, GREEN | {"crops": "[2.7]"}, crops=1))
    assert passive.alive(passive.crops(painted((30, 220, 30)), FACE)) > 0.9


def test_without_network_or_with_two_frames_it_is_not_evaluated(tmp_path):
    assert passive_cue(None, []).suspicious is None
    passive = load_passive("green", rooted(tmp_path, GREEN))
    cue = passive_cue(passive, [passive.crops(painted((220, 30, 30)), FACE)] * 2)
    assert (cue.score, cue.suspicious) == (None, None)


@pytest.mark.parametrize("said", [np.nan, -0.1, 1.1])
def test_what_is_no_probability_is_our_fault_not_a_suspicion(said):
    passive = PassiveNetwork(
        lambda _: {"classes": np.full((1, 3), said, np.float32)},
        PassiveEntry.model_validate(KNOWN),
        ModelRef(name="odd", sha256="0" * 64),
    )
    with pytest.raises(EngineError, match="odd gave no probability"):
        passive.alive(np.zeros((2, 16, 16, 3), np.uint8))


@pytest.mark.parametrize(
    ("changes", "made", "message"),
    [
        ({"size_px": "112"}, {}, "do not run"),
        ({"crops": "[2.7]"}, {}, "do not run"),
        ({"layout": '"NHWC"'}, {}, "do not run"),
        ({"output": '"nothing"'}, {}, "do not run"),
        ({"live": "3"}, {}, "not the classes"),
        ({}, {"softmax": False}, "must sum to 1"),
        ({"mean": "[nan, 0.0, 0.0]"}, {}, "mean"),
        ({"crops": "[]"}, {}, "crops"),
        ({"crops": "[0.5]"}, {}, "crops"),
        ({"suspect_below": "1.0"}, {}, "suspect_below"),
        ({"origin": '""'}, {}, "origin"),
        ({"threshold": "0.5"}, {}, "threshold"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused_with_its_fault(tmp_path, changes, made, message):
    with pytest.raises(WeightsError, match=message):
        load_passive("green", rooted(tmp_path, GREEN | changes, **made))


def test_altered_unknown_and_other_weights_are_refused(tmp_path):
    root = rooted(tmp_path, GREEN)
    with pytest.raises(WeightsError, match="no weights named 'grey'"):
        load_passive("grey", root)
    with pytest.raises(WeightsError, match=r"no table \[facemesh_mesh.passive\]"):
        load_passive("facemesh_mesh", root)
    with (root / "green.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(WeightsError, match=r"sha256 of green\.onnx differs"):
        load_passive("green", root)


# ---------------------------------------------------------------- the whole path


@functools.cache
def clip() -> bytes:
    cast = (Subject.ASTRONAUT, Subject.GRACE_HOPPER)
    return encode_clip(CLIP_MAKERS[ClipKind.LIVE](cast, BLINK, np.random.default_rng(4)))


def scored(scorer: LivenessScorer) -> LivenessFinding:
    return scorer.score(clip(), BLINK, selfie=None, card_front=None)


def test_without_a_profile_the_result_says_not_evaluated_and_is_as_before(scorer):
    found = scored(scorer)
    assert (found.cues[-1].name, found.cues[-1].suspicious) == ("passive", None)
    assert "green" not in [model.name for model in found.models]


def test_with_a_profile_the_result_says_score_model_and_hash(scorer, tmp_path):
    root = rooted(tmp_path, GREEN | {"suspect_below": "0.99"})
    found = scored(load_liveness_scorer(root, passive="green"))
    cue = found.cues[-1]
    assert cue.name == "passive"
    assert 0 < cue.score < 0.99
    assert cue.suspicious is True
    assert found.passed is False
    digest = hashlib.sha256((root / "green.onnx").read_bytes()).hexdigest()
    assert ("green", digest) in [(model.name, model.sha256) for model in found.models]
    assert public_summary(found)["cues"]["passive"] == {"score": cue.score, "suspicious": True}
    assert load_liveness(dump(found)) == found
    # no other cue knows of it
    assert found.cues[:-1] == scored(scorer).cues[:-1]


def test_the_worker_takes_it_by_its_setting(scorer, tmp_path, monkeypatch):
    monkeypatch.setenv("EKYC_PASSIVE", "green")
    monkeypatch.setenv("EKYC_WEIGHTS_ROOT", str(rooted(tmp_path, GREEN)))
    engine = load(Stage.SCORE_LIVENESS, WorkerSettings(), "cpu")
    assert engine.models[-1].name == "green"
    (tmp_path / "green.onnx").write_bytes(b"another")
    with pytest.raises(WeightsError, match="differs"):
        load(Stage.SCORE_LIVENESS, WorkerSettings(), "cpu")
