from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from ekyc.liveness_cli import app, parse_steps
from ekyc.liveness_plot import Scales, plot
from ekyc.refusal import customer_words
from pipeline.challenge import Action, ChallengeStep
from pipeline.face.profile import DLIB, FACENET
from pipeline.findings import Band
from pipeline.image import RgbImage
from pipeline.liveness.limits import FACEMESH
from pipeline.liveness.trace import ComparedFrame, Event, LivenessTrace
from pipeline.pictures import Picture
from pipeline.reasons import ReasonCode
from tests.unit.pipeline import factories


def test_actions_get_even_windows_in_order():
    blink, turn, smile = parse_steps("blink:2,turn_left,smile", None, 9.0)
    assert (blink.action, blink.count, blink.start_s, blink.end_s) == (Action.BLINK, 2, 0, 3)
    assert (turn.action, turn.count, turn.start_s, turn.end_s) == (Action.TURN_LEFT, 1, 3, 6)
    assert (smile.action, smile.end_s) == (Action.SMILE, 9)


def test_windows_can_be_given():
    steps = parse_steps("blink,smile", "1.2-4.4,4.4-7.6", 9.0)
    assert [(s.start_s, s.end_s) for s in steps] == [(1.2, 4.4), (4.4, 7.6)]


@pytest.mark.parametrize(
    ("actions", "windows"),
    [("", None), ("wink", None), ("blink:0", None), ("blink:x", None), ("blink", "0-1,1-2"),
     ("blink", "2-1"), ("blink", "a-b"), ("blink", "0-nan"), ("blink", "0-inf"), ("blink", "-1-2")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(actions, windows):
    with pytest.raises(ValueError, match=r".+"):
        parse_steps(actions, windows, 9.0)


def test_a_broken_clip_is_not_judged(tmp_path: Path):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"not a clip")
    result = CliRunner().invoke(app, ["score", str(clip), "--actions", "smile", "--json"])
    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert answer["passed"] is None
    assert answer["rejected"]["code"] == "evidence_undecodable"


def test_a_clip_that_is_not_judged_is_told_in_words(tmp_path: Path):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"not a clip")
    result = CliRunner().invoke(app, ["score", str(clip), "--actions", "smile"])
    assert (result.exit_code, "cause=unknown_container" in result.output) == (3, True)
    assert "Vui lòng chụp hoặc quay lại" in result.output
    assert CliRunner().invoke(app, ["score", str(tmp_path), "--actions", "smile"]).exit_code == 2


def test_a_clip_is_never_told_the_bounds_of_a_picture():
    facts = {"evidence": "clip", "cause": "too_many_pixels"}
    assert "megapixel" not in customer_words(ReasonCode.EVIDENCE_UNDECODABLE, facts)[1]
    facts = {"evidence": "selfie", "cause": "too_many_pixels"}
    assert "megapixel" in customer_words(ReasonCode.EVIDENCE_UNDECODABLE, facts)[1]


def shown(seconds: float = 4.0, compared: tuple[ComparedFrame, ...] = ()) -> LivenessTrace:
    times = np.arange(0, seconds, 1 / 15)
    times = times[(times < 1) | (times > 1.5)]  # without a face for a while
    turn = Event(
        action=Action.TURN_LEFT, start_s=2.0, peak_s=2.4, end_s=3.0, strength=25.0, returned=True
    )
    return LivenessTrace(
        times_s=tuple(times), opening=tuple(np.ones(len(times))), mouth_gain=tuple(np.ones(len(times))),
        yaw_deg=tuple(25 * np.exp(-((times - 2.4) ** 2) / 0.05)), events=(turn,),
        windows=(ChallengeStep(action=Action.TURN_LEFT, count=1, start_s=1.8, end_s=3.2),),
        compared=compared,
    )  # fmt: skip


SCALES = Scales(limits=FACEMESH, band_of=DLIB.band)


@pytest.mark.parametrize(
    "compared",
    [(), (ComparedFrame(time_s=0.8, selfie_similarity=0.8, card_similarity=-0.2),)],
    ids=["nobody", "two"],
)
def test_a_judged_clip_becomes_one_picture(tmp_path: Path, compared):
    black = RgbImage(np.zeros((48, 64, 3), np.uint8))
    stills = [
        Picture(name="still_00", rgb=black, time_s=0.8, shows="neutral", band=Band.MATCH),
        Picture(name="still_01", rgb=black, time_s=2.4, shows="turn_left"),
    ]
    out = tmp_path / "clip.png"
    plot(factories.liveness(trace=shown(compared=compared)), stills, SCALES, "clip.mp4", out)
    drawn = cv2.imread(str(out))
    assert drawn.shape == (1050, 1500, 3)
    assert drawn.std() > 10


def test_a_suspected_clip_looks_different(tmp_path: Path):
    good = factories.liveness(trace=shown())
    bad = replace(good, passed=False, cues=factories.cues(flat_turn=True))
    paths = tmp_path / "good.png", tmp_path / "bad.png"
    for finding, path in zip((good, bad), paths, strict=True):
        plot(finding, [], SCALES, "clip.mp4", path)
    pictures = [cv2.imread(str(path)).astype(int) for path in paths]
    assert np.abs(pictures[0] - pictures[1]).max() > 100


def test_a_clip_that_was_not_judged_has_no_picture(tmp_path: Path):
    with pytest.raises(ValueError, match="not judged"):
        plot(factories.liveness(), [], SCALES, "clip.mp4", tmp_path / "clip.png")


def test_the_lines_of_the_picture_are_the_bands_of_the_model():
    review, match = SCALES.edges()
    assert [DLIB.band(v) for v in (review - 0.01, review, match)] == list(Band)[::-1]
    assert Scales(limits=FACEMESH, band_of=FACENET.band).edges()[1] is None
