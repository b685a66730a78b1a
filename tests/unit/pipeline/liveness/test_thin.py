from __future__ import annotations

import numpy as np
import pytest

from pipeline.challenge import Action, ChallengeStep
from pipeline.liveness.thin import SPAN_S, trace_of
from pipeline.liveness.trace import ComparedFrame, Event, LivenessTrace
from tests.unit.pipeline.liveness.tracks import bump, times_of, track

STEP = ChallengeStep(action=Action.BLINK, count=2, start_s=1.2, end_s=4.4)
BLINK = Event(
    action=Action.BLINK, start_s=0.95, peak_s=1.0, end_s=1.05, strength=0.1, returned=True
)
FRAME = ComparedFrame(time_s=0.8, selfie_similarity=0.8, card_similarity=None)


def traced(
    times: np.ndarray, mouth_rest: float | None = 0.36, **series: np.ndarray
) -> LivenessTrace:
    return trace_of(track(times, **series), mouth_rest, [BLINK], [STEP], [FRAME])


@pytest.mark.parametrize("fps", [10, 25, 30, 60])
def test_at_most_fifteen_samples_a_second_stay(fps):
    kept = traced(times_of(10, fps))
    assert len(kept.times_s) <= min(15, fps) * 10 + 2
    assert list(kept.times_s) == sorted(kept.times_s)
    assert len({len(kept.times_s), len(kept.opening), len(kept.mouth_gain), len(kept.yaw_deg)}) == 1


@pytest.mark.parametrize("at_s", np.arange(0.5, 1.5, 0.033))
def test_a_dip_of_one_frame_survives_with_its_depth_and_about_its_time(at_s):
    times = times_of(3, 30)
    lids = np.full(len(times), 0.3)
    lids[int(np.argmin(np.abs(times - at_s)))] = 0.03
    kept = traced(times, opening=lids)
    assert min(kept.opening) == pytest.approx(0.1)
    assert kept.times_s[int(np.argmin(kept.opening))] == pytest.approx(at_s, abs=SPAN_S)


def test_both_ends_of_every_signal_survive():
    times = times_of(4, 30)
    turned = 31.26 * bump(times, 1, 1.4, 0.2) - 22.04 * bump(times, 2, 2.4, 0.2)
    kept = traced(times, yaw_deg=turned, mouth=0.36 * (1 + 0.3 * bump(times, 3, 3.4)))
    assert max(kept.yaw_deg) == round(float(turned.max()), 1)
    assert min(kept.yaw_deg) == round(float(turned.min()), 1)
    assert max(kept.mouth_gain) == pytest.approx(1.3)


def test_time_without_a_face_stays_a_gap():
    times = times_of(4, 30)
    kept = traced(times[(times < 1) | (times > 2)])
    assert max(np.diff(kept.times_s)) > 0.9


def test_a_mouth_that_was_never_seen_at_rest_is_told_by_its_narrower_end():
    times = times_of(4, 30)
    assert traced(times, mouth_rest=None, mouth=np.full(len(times), 0.5)).mouth_gain[0] == 1


def test_what_was_found_and_asked_for_comes_along():
    kept = traced(times_of(2))
    assert (kept.events, kept.windows, kept.compared) == ((BLINK,), (STEP,), (FRAME,))
