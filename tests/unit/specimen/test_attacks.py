from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from pipeline.challenge import Action, ChallengeStep
from specimen.attacks import CLIP_MAKERS, ClipKind
from specimen.clips import Frame, clip_times
from specimen.photos import Subject

CAST = (Subject.ASTRONAUT, Subject.GRACE_HOPPER)
#: Short windows: what is tested here does not depend on a pace that people can follow.
STEPS = (
    ChallengeStep(action=Action.TURN_LEFT, count=1, start_s=0.2, end_s=1.0),
    ChallengeStep(action=Action.SMILE, count=1, start_s=1.0, end_s=1.8),
)


@cache
def _made(kind: ClipKind) -> list[Frame]:
    return list(CLIP_MAKERS[kind](CAST, STEPS, np.random.default_rng(3)))


def test_every_kind_has_a_maker() -> None:
    assert set(CLIP_MAKERS) == set(ClipKind)


@pytest.mark.parametrize("kind", list(ClipKind))
def test_every_kind_covers_the_challenge(kind: ClipKind) -> None:
    frames = _made(kind)
    assert [frame.time_s for frame in frames] == clip_times(STEPS)
    assert {frame.image.shape for frame in frames} == {(480, 640, 3)}


def test_frozen_clips_repeat_their_last_frame_to_the_bit() -> None:
    frames = _made(ClipKind.FROZEN)
    third = len(frames) // 3 + 1
    assert not np.array_equal(frames[0].image, frames[third - 3].image)
    assert all(np.array_equal(frame.image, frames[third].image) for frame in frames[third:])


def test_stills_differ_by_noise_only() -> None:
    frames = _made(ClipKind.STILL)
    difference = np.abs(frames[0].image.astype(int) - frames[-1].image)
    assert 0 < difference.mean() < 6


def test_the_switch_changes_the_person_but_not_the_room() -> None:
    frames = _made(ClipKind.IDENTITY_SWITCH)
    before, after = (
        frames[len(frames) // 2 - 2].image.astype(int),
        frames[len(frames) // 2 + 2].image,
    )
    change = np.abs(before - after).mean(2)
    assert change[200:300, 270:370].mean() > 20
    assert change[:60, :60].mean() < 6


def test_a_replay_answers_another_challenge() -> None:
    genuine, replayed = _made(ClipKind.LIVE), _made(ClipKind.REPLAY)
    turning = round(15 * (STEPS[0].start_s + STEPS[0].end_s) / 2)
    change = np.abs(genuine[turning].image.astype(int) - replayed[turning].image).mean(2)
    assert change[200:300, 250:390].mean() > 10
