from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import CannotJudge
from pipeline.liveness.clip import (
    MAX_RATE_HZ,
    WIDTH_PX,
    clip_duration_s,
    glance_clip,
    read_clip,
    require_rate,
)
from pipeline.reasons import ReasonCode
from tests.unit.pipeline.liveness.films import film


def times(count: int, fps: float) -> list[float]:
    return [i / fps for i in range(count)]


def times_read(data: bytes) -> list[float]:
    return [frame.time_s for frame in read_clip(data)]


def reason_of(data: bytes) -> ReasonCode:
    with pytest.raises(CannotJudge) as caught:
        list(read_clip(data))
    return caught.value.reason


def test_times_are_the_real_ones_of_a_variable_frame_rate():
    uneven = [0.0, 0.04, 0.12, 0.16, 0.36, 0.4, 0.9, 1.0]
    assert times_read(film(uneven)) == pytest.approx(uneven, abs=0.002)


@pytest.mark.parametrize("fmt", ["mp4", "matroska"])
def test_the_containers_of_phones_and_browsers_are_read(fmt):
    assert len(times_read(film(times(25, 25), fmt=fmt))) == 25


def test_large_frames_shrink_and_small_ones_stay():
    wide = next(read_clip(film(times(25, 25), size=(1280, 720)))).rgb
    assert wide.shape == (360, WIDTH_PX, 3)
    assert next(read_clip(film(times(25, 25)))).rgb.shape == (240, 320, 3)


def test_a_fast_camera_is_thinned_out():
    read = times_read(film(times(120, 60)))
    assert np.diff(read).min() >= 1 / MAX_RATE_HZ - 0.002
    assert clip_duration_s(film(times(120, 60))) == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (film([0.0]), ReasonCode.CLIP_TOO_SHORT),
        (film(times(5, 25)), ReasonCode.CLIP_TOO_SHORT),
        (film(times(60, 0.1)), ReasonCode.CLIP_TOO_LONG),
        (film(times(2100, 80), size=(160, 120)), ReasonCode.CLIP_TOO_LONG),
        (b"", ReasonCode.EVIDENCE_UNDECODABLE),
        (b"%PDF-1.7" + bytes(500), ReasonCode.EVIDENCE_UNDECODABLE),
        (b"#EXTM3U\nfile:///etc/passwd\n", ReasonCode.EVIDENCE_UNDECODABLE),
        (film(times(25, 25))[:900], ReasonCode.EVIDENCE_UNDECODABLE),
        (film(times(25, 25), size=(96, 64)), ReasonCode.EVIDENCE_UNDECODABLE),
    ],
    ids=["one frame", "five", "ten minutes", "too many", "empty", "pdf", "playlist", "truncated", "tiny"],
)  # fmt: skip
def test_a_clip_that_cannot_be_judged_says_why(data, reason):
    assert reason_of(data) is reason


def test_an_undecodable_clip_names_its_evidence():
    with pytest.raises(CannotJudge) as caught:
        list(read_clip(b"nothing"))
    assert caught.value.facts["evidence"] == "clip"


def test_a_low_frame_rate_is_refused():
    assert require_rate(times(30, 12)) == pytest.approx(12)
    with pytest.raises(CannotJudge) as caught:
        require_rate(times(30, 8))
    assert caught.value.reason is ReasonCode.CLIP_LOW_FRAME_RATE


def test_a_glance_takes_key_frames_where_they_come_often_enough():
    data = film(times(100, 25), key_frame_every=12)
    all_frames = {round(frame.time_s, 3): frame.rgb for frame in read_clip(data)}
    glances = {round(frame.time_s, 3): frame.rgb for frame in glance_clip(data, rate_hz=1.25)}
    gaps_s = np.diff(list(glances))
    assert gaps_s.min() >= 0.8
    assert gaps_s.max() <= 1.2
    assert list(glances) != [round(f.time_s, 3) for f in read_clip(data, rate_hz=1.25)]
    assert all(np.array_equal(rgb, all_frames[time_s]) for time_s, rgb in glances.items())


def test_a_glance_takes_other_frames_where_key_frames_are_rare():
    data = film(times(100, 25), key_frame_every=90)
    assert [frame.time_s for frame in glance_clip(data, rate_hz=1.25)] == pytest.approx(
        [frame.time_s for frame in read_clip(data, rate_hz=1.25)]
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"nothing", ReasonCode.EVIDENCE_UNDECODABLE),
        (film(times(25, 25))[:900], ReasonCode.EVIDENCE_UNDECODABLE),
        (film([0.0]), ReasonCode.CLIP_TOO_SHORT),
        (film(times(60, 0.1)), ReasonCode.CLIP_TOO_LONG),
    ],
    ids=["nothing", "truncated", "one frame", "ten minutes"],
)
def test_a_glance_at_a_clip_that_cannot_be_judged_says_why(data, reason):
    with pytest.raises(CannotJudge) as caught:
        list(glance_clip(data, rate_hz=1.25))
    assert caught.value.reason is reason
