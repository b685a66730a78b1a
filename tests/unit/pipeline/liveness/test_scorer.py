"""The whole scorer on made clips: one of each kind."""

from __future__ import annotations

import functools
import random

import numpy as np
import pytest

from pipeline.challenge import draw_steps
from pipeline.findings import Band, LivenessFinding
from pipeline.liveness.clip import read_clip
from pipeline.liveness.clip_hash import perceptual_hash
from pipeline.policy import POLICY_V3
from pipeline.reasons import ReasonCode
from pipeline.summary import public_summary
from specimen.attacks import CLIP_MAKERS, ClipKind
from specimen.cast import selfie
from specimen.clips import FPS, drop_frames, encode_clip
from specimen.photos import Subject
from store.findings import dump, load_liveness
from tests.unit.pipeline.face.pictures import card_of, photo_of
from tests.unit.pipeline.liveness.films import film

STEPS = draw_steps(random.Random(0))  # smile, two blinks, turn right
CAST = (Subject.ASTRONAUT, Subject.GRACE_HOPPER)


@functools.cache
def clip_of(kind: ClipKind, cast=CAST, keep: float = 1.0) -> bytes:
    frames = CLIP_MAKERS[kind](cast, STEPS, np.random.default_rng(4))
    return encode_clip(drop_frames(frames, 1 - keep, np.random.default_rng(5)))


#: A photographed card: a bare portrait has no card around it, so nothing would be compared with it.
card_photo_of = functools.cache(lambda person: photo_of(card_of(person)))


def scored(
    scorer, clip: bytes, person: Subject = CAST[0], steps=STEPS, *, card: Subject | None = None
) -> LivenessFinding:
    picture = selfie(person, np.random.default_rng(77))
    return scorer.score(clip, steps, selfie=picture, card_front=card_photo_of(card or person))


def suspicious(finding: LivenessFinding) -> set[str]:
    return {cue.name for cue in finding.cues if cue.suspicious}


@pytest.fixture(scope="module")
def live(scorer) -> LivenessFinding:
    return scored(scorer, clip_of(ClipKind.LIVE))


def test_a_living_person_passes(live):
    assert live.passed is True
    assert all(action.passed for action in live.actions)
    assert suspicious(live) == set()
    assert live.identity.band is live.identity.card_band is Band.MATCH
    assert all(frame.card_similarity is not None for frame in live.trace.compared)
    assert live.rejected is None


def test_somebody_elses_card_makes_the_right_person_uncertain(scorer):
    identity = scored(scorer, clip_of(ClipKind.LIVE), card=CAST[1]).identity
    assert identity.card_band is Band.NO_MATCH
    assert identity.lowest > identity.card_similarity
    assert (identity.band, identity.reason) == (Band.REVIEW, ReasonCode.IDENTITY_UNCERTAIN)


def test_every_cue_the_policy_requires_was_evaluated(live):
    assert {c.name for c in live.cues if c.suspicious is not None} >= POLICY_V3.required_cues


def test_the_finding_says_when_and_by_which_models(live):
    for action, step in zip(live.actions, STEPS, strict=True):
        assert step.start_s - 0.3 <= action.start_s < action.end_s <= step.end_s + 0.6
    assert live.fps == pytest.approx(FPS, abs=0.5)
    assert {m.name for m in live.models} >= {"facemesh_eye", "dlib_resnet"}
    assert live.backend == "facemesh+dlib"


def test_a_busy_phone_that_loses_a_third_of_its_frames_passes(scorer):
    assert scored(scorer, clip_of(ClipKind.LIVE, keep=0.66)).passed is True


@pytest.mark.parametrize(
    ("kind", "cue"),
    [
        (ClipKind.WAVED_PHOTO, "flat_turn"),
        (ClipKind.SQUASHED_PHOTO, "squashed_blink"),
        (ClipKind.STILL, "frozen"),
        (ClipKind.FROZEN, "frozen"),
        (ClipKind.IDENTITY_SWITCH, "cut"),
        (ClipKind.SPLICE, "spliced"),
        (ClipKind.SCREEN_REPLAY, "screen"),
    ],
)
def test_an_attack_is_refused_by_name(scorer, kind, cue):
    finding = scored(scorer, clip_of(kind))
    assert finding.passed is False
    assert cue in suspicious(finding)
    switched = kind is ClipKind.IDENTITY_SWITCH
    assert (finding.identity.band is Band.NO_MATCH) is switched


def test_a_clip_recorded_for_another_challenge_has_the_wrong_order(scorer):
    finding = scored(scorer, clip_of(ClipKind.REPLAY))
    assert finding.passed is False
    assert {action.reason for action in finding.actions} == {ReasonCode.ACTION_ORDER}


def test_another_person_who_does_everything_right_is_an_identity_switch(scorer):
    finding = scored(scorer, clip_of(ClipKind.LIVE), person=Subject.GRACE_HOPPER)
    assert all(action.passed for action in finding.actions)
    assert finding.passed is False
    assert finding.identity.reason is ReasonCode.IDENTITY_SWITCH


@pytest.mark.parametrize(
    ("clip", "reason"),
    [
        (film([i / 25 for i in range(280)]), ReasonCode.CLIP_NO_FACE),
        (film([i / 5 for i in range(60)]), ReasonCode.CLIP_LOW_FRAME_RATE),
        (b"not a clip", ReasonCode.EVIDENCE_UNDECODABLE),
    ],
    ids=["nobody", "five a second", "no clip"],
)
def test_a_clip_that_cannot_be_judged_is_rejected_not_failed(scorer, clip, reason):
    finding = scored(scorer, clip)
    assert finding.passed is None
    assert finding.rejected.code is reason
    assert finding.actions == finding.cues == ()


def test_a_clip_shorter_than_its_challenge_is_too_short(scorer):
    late = tuple(
        type(s)(action=s.action, count=s.count, start_s=s.start_s + 9, end_s=s.end_s + 9) for s in STEPS
    )  # fmt: skip
    finding = scored(scorer, clip_of(ClipKind.LIVE), steps=late)
    assert finding.rejected.code is ReasonCode.CLIP_TOO_SHORT


def test_no_steps_never_pass(scorer):
    assert scored(scorer, clip_of(ClipKind.STILL), steps=()).passed is False


def test_the_hash_of_the_judging_pass_is_the_clip_s_own(scorer):
    clip = clip_of(ClipKind.LIVE)
    judged = scorer.judge(clip, STEPS, selfie=None, card_front=None)
    assert judged.perceptual_hash == perceptual_hash(read_clip(clip))
    assert len(judged.perceptual_hash.split("-")) == int(judged.finding.duration_s) + 1
    assert scorer.judge(b"no clip", STEPS, selfie=None, card_front=None).perceptual_hash is None


def test_the_hash_is_alike_for_a_clip_encoded_again_and_not_for_another():
    one, again, other = (
        bytes.fromhex(perceptual_hash(read_clip(clip)).replace("-", ""))
        for clip in (
            clip_of(ClipKind.LIVE),
            clip_of(ClipKind.LIVE, keep=0.8),
            clip_of(ClipKind.LIVE, cast=CAST[::-1]),
        )
    )
    assert differing(one, again) < 0.1
    assert differing(one, other) > 0.2


def differing(a: bytes, b: bytes) -> float:
    return float(np.unpackbits(np.frombuffer(a, np.uint8) ^ np.frombuffer(b, np.uint8)).mean())


def test_the_trace_shows_the_windows_the_events_in_them_and_who_was_compared(live):
    shown = live.trace
    assert shown.windows == STEPS
    assert [e.action for e in shown.events] == ["smile", "blink", "blink", "turn_right"]
    assert min(shown.opening) == pytest.approx(min(e.strength for e in shown.events[1:3]), abs=1e-3)
    assert min(shown.yaw_deg) < -18
    assert len(shown.compared) == live.identity.frames_judged
    assert min(f.selfie_similarity for f in shown.compared) == live.identity.lowest


def test_the_trace_is_sealed_with_the_finding_and_no_part_of_the_summary(live):
    assert load_liveness(dump(live)) == live
    assert "trace" not in public_summary(live)


def test_a_clip_that_was_not_judged_has_no_trace(scorer):
    assert scored(scorer, b"not a clip").trace is None
