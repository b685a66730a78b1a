"""Stills: which moments of a clip people are shown, and the frames themselves."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.challenge import Action
from pipeline.findings import Band, LivenessFinding
from pipeline.liveness.clip import frames_at, read_clip
from pipeline.liveness.stills import MOST, NEUTRAL, moments_of, take_stills
from pipeline.liveness.trace import ComparedFrame, Event, LivenessTrace
from tests.unit.pipeline import factories
from tests.unit.pipeline.liveness.films import film


def event(action: Action, peak_s: float) -> Event:
    return Event(
        action=action, start_s=peak_s - 0.2, peak_s=peak_s, end_s=peak_s + 0.2,
        strength=1.0, returned=True,
    )  # fmt: skip


def face(time_s: float, similarity: float | None) -> ComparedFrame:
    return ComparedFrame(time_s=time_s, selfie_similarity=similarity, card_similarity=None)


def trace(
    events: tuple[Event, ...] = (), compared: tuple[ComparedFrame, ...] = ()
) -> LivenessTrace:
    return LivenessTrace(
        times_s=(0.0,), opening=(1.0,), mouth_gain=(1.0,), yaw_deg=(0.0,),
        events=events, windows=(), compared=compared,
    )  # fmt: skip


def band_of(similarity: float) -> Band:
    return Band.MATCH if similarity > 0.85 else Band.REVIEW


def test_peaks_of_all_actions_and_the_least_similar_face_are_shown() -> None:
    events = (event(Action.BLINK, 2.0), event(Action.SMILE, 5.0), event(Action.TURN_LEFT, 8.0))
    compared = (*(face(1.0 + 1.6 * i, 0.9) for i in range(5)), face(9.5, 0.3))
    shown = moments_of(trace(events, compared))
    assert [m.time_s for m in shown] == sorted(m.time_s for m in shown)
    assert {m.shows for m in shown} == {"blink", "smile", "turn_left", NEUTRAL}
    assert (shown[-1].time_s, shown[-1].compared) == (9.5, face(9.5, 0.3))


def test_a_face_that_is_compared_while_it_smiles_is_not_called_neutral() -> None:
    events = (event(Action.SMILE, 5.0), event(Action.BLINK, 2.0))
    faces = (face(5.1, 0.7), face(2.1, 0.8), face(8.0, 0.9))
    shown = {m.time_s: m.shows for m in moments_of(trace(events, faces))}
    assert shown == {2.0: "blink", 5.1: "smile", 8.0: NEUTRAL}


def test_there_are_never_too_many_and_none_of_the_same_moment() -> None:
    blinks = tuple(event(Action.BLINK, 0.5 + 0.25 * i) for i in range(30))
    shown = moments_of(trace((*blinks, event(Action.TURN_LEFT, 9.5)), (face(0.4, None),)))
    assert len(shown) == MOST
    assert min(np.diff([m.time_s for m in shown])) >= 0.35
    assert "turn_left" in {m.shows for m in shown}


def test_frames_are_those_of_their_time() -> None:
    clip = film([0.1 * i for i in range(20)])  # of brightness 40 + i
    events = (event(Action.BLINK, 0.5), event(Action.SMILE, 1.4))
    finding = factories.liveness(trace=trace(events, (face(1.0, 0.8),)))
    assert isinstance(finding, LivenessFinding)
    shown = take_stills(clip, finding, band_of)
    assert [p.name for p in shown] == ["still_00", "still_01", "still_02"]
    assert [p.shows for p in shown] == ["blink", NEUTRAL, "smile"]
    assert [float(p.rgb.mean()) for p in shown] == pytest.approx([45, 50, 54], abs=3)
    assert (shown[1].selfie_similarity, shown[0].selfie_similarity) == (0.8, None)
    assert [p.band for p in shown] == [None, Band.REVIEW, None]


def test_a_frame_is_the_nearest_to_its_time_as_it_is_read() -> None:
    clip = film([0.04 * i for i in range(30)])
    every = list(read_clip(clip))
    times_s = [0.0, 0.19, 0.62, 0.61, 1.3, 9.0]
    found = frames_at(clip, times_s, within_s=0.35)
    assert found[-1] is None
    for time_s, rgb in zip(times_s[:-1], found, strict=False):
        nearest = min(every, key=lambda frame: abs(frame.time_s - time_s))
        assert np.array_equal(rgb, nearest.rgb)


def test_clip_that_was_not_judged_has_no_stills() -> None:
    assert take_stills(b"not a clip", factories.liveness(), band_of) == ()
