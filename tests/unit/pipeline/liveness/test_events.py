from __future__ import annotations

import numpy as np
import pytest

from pipeline.challenge import Action
from pipeline.liveness.events import find_events, find_neutral
from pipeline.liveness.limits import FACEMESH
from tests.unit.pipeline.liveness.tracks import bump, times_of, track


def blinking(times: np.ndarray, *at: float, depth: float = 0.9, half_s: float = 0.12) -> np.ndarray:
    closed = sum(bump(times, t - half_s, t + half_s, half_s / 2) for t in at)
    return 0.3 * (1 - depth * closed)


def actions_of(events) -> list[Action]:
    return [event.action for event in events]


@pytest.mark.parametrize("fps", [12, 25, 60])
def test_two_blinks_are_two_events_at_their_times(fps):
    times = times_of(4, fps)
    events = find_events(track(times, opening=blinking(times, 1.0, 2.5)), FACEMESH)
    assert actions_of(events) == [Action.BLINK, Action.BLINK]
    assert [event.peak_s for event in events] == pytest.approx([1.0, 2.5], abs=0.11)


def test_closed_eyes_for_a_second_are_no_blink():
    times = times_of(4)
    assert find_events(track(times, opening=blinking(times, 2.0, half_s=0.6)), FACEMESH) == ()


def test_narrowed_eyes_are_no_blink():
    times = times_of(4)
    assert find_events(track(times, opening=blinking(times, 2.0, depth=0.3)), FACEMESH) == ()


def test_a_dip_with_a_shortened_nose_is_no_blink():
    times = times_of(4)
    dip = bump(times, 1.8, 2.2, 0.1)
    squashed = track(times, opening=0.3 * (1 - 0.9 * dip), tall=0.7 * (1 - 0.35 * dip))
    assert find_events(squashed, FACEMESH) == ()


@pytest.mark.parametrize(("sign", "action"), [(1, Action.TURN_LEFT), (-1, Action.TURN_RIGHT)])
def test_a_turn_there_and_back_has_the_persons_own_direction(sign, action):
    times = times_of(4)
    (event,) = find_events(track(times, yaw_deg=sign * 28 * bump(times, 1, 3, 0.5)), FACEMESH)
    assert event.action is action
    assert event.returned
    assert 1 < event.start_s < 1.5 < event.peak_s < 2.6 < event.end_s < 3


def test_a_turn_that_never_comes_back_has_not_returned():
    times = times_of(4)
    (event,) = find_events(track(times, yaw_deg=28 * bump(times, 2, 9, 0.5)), FACEMESH)
    assert not event.returned


def test_a_clip_that_starts_turned_shows_no_turn_from_rest():
    times = times_of(4)
    (event,) = find_events(track(times, yaw_deg=28 * bump(times, -2, 2, 0.5)), FACEMESH)
    assert not event.from_rest


@pytest.mark.parametrize(("at_first", "from_rest"), [(1.3, False), (1.12, True)])
def test_a_smile_must_not_be_there_in_the_first_frame(at_first, from_rest):
    times = times_of(4)
    mouth = 0.36 * np.maximum(1 + 0.3 * bump(times, 0.2, 2), np.where(times < 1, at_first, 1))
    (event,) = find_events(track(times, mouth=mouth), FACEMESH)
    assert event.from_rest is from_rest


def test_a_turn_counts_from_where_the_head_was_just_before():
    times = times_of(6)
    drifting = -8 * bump(times, 0.5, 9, 0.2) - 15 * bump(times, 0.3, 0.9, 0.1)
    (event,) = find_events(track(times, yaw_deg=drifting), FACEMESH)
    assert event.action is Action.TURN_RIGHT
    assert event.peak_s == pytest.approx(0.75, abs=0.15)


def test_a_head_that_rests_aside_must_still_turn():
    times = times_of(4)
    for to_deg, found in ((20, []), (24, [Action.TURN_LEFT])):
        aside = track(times, yaw_deg=8 + (to_deg - 8) * bump(times, 1, 3, 0.5))
        assert actions_of(find_events(aside, FACEMESH)) == found


def test_lids_that_were_not_measured_lie_between_those_that_were():
    times = times_of(4)
    lids = blinking(times, 2.0)
    lids[::2] = np.nan
    assert actions_of(find_events(track(times, opening=lids), FACEMESH)) == [Action.BLINK]


def test_a_small_turn_is_none():
    times = times_of(4)
    assert find_events(track(times, yaw_deg=16 * bump(times, 1, 3, 0.5)), FACEMESH) == ()


def test_a_smile_is_relative_to_the_persons_own_mouth():
    times = times_of(4)
    for rest in (0.30, 0.42):
        smiling = track(times, mouth=rest * (1 + 0.3 * bump(times, 1, 3)))
        assert actions_of(find_events(smiling, FACEMESH)) == [Action.SMILE]
    assert find_events(track(times, mouth=0.5), FACEMESH) == ()


def test_a_word_is_too_short_for_a_smile():
    times = times_of(4)
    assert (
        find_events(track(times, mouth=0.36 * (1 + 0.3 * bump(times, 1, 1.3, 0.1))), FACEMESH) == ()
    )


def test_a_clip_without_a_frontal_frame_has_no_neutral():
    times = times_of(2)
    assert find_neutral(track(times, yaw_deg=30.0), FACEMESH).yaw_deg is None
