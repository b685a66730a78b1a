from __future__ import annotations

import numpy as np
import pytest

from pipeline.challenge import Action, ChallengeStep
from pipeline.face.backend import FaceBackend
from pipeline.face.profile import DLIB
from pipeline.findings import Band
from pipeline.liveness.identity import ClipFace, compare_frames, judge_identity
from pipeline.reasons import ReasonCode

BACKEND = FaceBackend(
    profile=DLIB,
    embed=lambda face: np.zeros(2, np.float32),
    refs=(),
)


def person(at: float, frames: int = 1) -> list[np.ndarray]:
    return [np.array([at, 0.02 * i], np.float32) for i in range(frames)]


ME, OTHER, ALMOST = 0.0, 0.9, 0.6


def judged(clip, selfie=ME, card=ME, steps=()):
    faces = [ClipFace(time_s=1.6 * i, embedding=one) for i, one in enumerate(clip)]
    return judge_identity(faces, compared(faces, selfie, card), steps, BACKEND)


def compared(faces, selfie=ME, card=ME):
    pictures = [person(p)[0] if p is not None else None for p in (selfie, card)]
    return compare_frames(faces, *pictures, BACKEND)


def test_each_frame_is_told_with_its_time_and_both_similarities():
    faces = [ClipFace(time_s=t, embedding=person(p)[0]) for t, p in ((0.8, ME), (2.4, OTHER))]
    mine, other = compared(faces, card=None)
    assert (mine.time_s, other.time_s) == (0.8, 2.4)
    assert mine.selfie_similarity > 0.9 > other.selfie_similarity
    assert mine.card_similarity is None


def test_one_person_all_the_way_matches():
    found = judged(person(ME, 8))
    assert found.band is Band.MATCH
    assert found.reason is None
    assert found.frames_judged == 8


@pytest.mark.parametrize(("mine", "others"), [(0, 8), (4, 4), (6, 2), (2, 6)])
def test_another_person_for_two_frames_is_a_switch(mine, others):
    found = judged(person(ME, mine) + person(OTHER, others))
    assert found.band is Band.NO_MATCH
    assert found.reason is ReasonCode.IDENTITY_SWITCH


@pytest.mark.parametrize("frames_of_mine", range(14))
def test_a_switch_at_any_of_fourteen_frames_never_matches(frames_of_mine):
    found = judged(person(ME, frames_of_mine) + person(OTHER, 14 - frames_of_mine))
    lone = frames_of_mine == 13
    assert found.band is (Band.REVIEW if lone else Band.NO_MATCH)
    assert found.reason is (ReasonCode.IDENTITY_UNCERTAIN if lone else ReasonCode.IDENTITY_SWITCH)


def test_one_odd_frame_is_for_a_person_to_see():
    found = judged(person(ME, 7) + person(OTHER))
    assert found.band is Band.REVIEW
    assert found.reason is ReasonCode.IDENTITY_UNCERTAIN


def test_a_resemblance_is_uncertain():
    assert judged(person(ALMOST, 8)).band is Band.REVIEW


def test_the_clip_of_the_selfie_on_another_persons_card_is_uncertain():
    assert judged(person(ME, 8), card=OTHER).band is Band.REVIEW


@pytest.mark.parametrize(("at_s", "band"), [(3.0, Band.MATCH), (20.0, Band.REVIEW)])
def test_an_action_without_a_compared_frame_is_uncertain(at_s, band):
    step = ChallengeStep(action=Action.SMILE, count=1, start_s=at_s, end_s=at_s + 3.2)
    assert judged(person(ME, 8), steps=[step]).band is band


def test_the_card_alone_has_its_own_band():
    assert judged(person(ME, 8)).card_band is Band.MATCH
    assert judged(person(ME, 8), card=OTHER).card_band is Band.NO_MATCH
    assert judged(person(ME, 8), card=None).card_band is None


def test_too_few_frames_cannot_vouch():
    assert judged(person(ME, 2)).band is Band.REVIEW
    assert judged([]).band is not Band.MATCH


def test_nothing_to_compare_with_is_no_match_of_any_kind():
    assert judged(person(ME, 8), selfie=None, card=None).band is Band.REVIEW


def test_without_a_selfie_the_card_still_tells_a_stranger():
    assert judged(person(OTHER, 8), selfie=None).band is Band.NO_MATCH
    assert judged(person(ME, 8), selfie=None).band is Band.REVIEW
