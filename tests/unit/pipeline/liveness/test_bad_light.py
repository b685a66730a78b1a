"""A small face and a dark room, on a drawn clip: what the zoomed search and the lifting of darkness are for."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from bench.degraded import Degrade, as_filmed, face_of, light
from pipeline.challenge import Action, ChallengeStep
from pipeline.errors import WeightsError
from pipeline.image import RgbImage
from pipeline.liveness.clip import ClipFrame
from pipeline.liveness.events import find_events
from pipeline.liveness.landmarks import LandmarkBackend, load_landmarks
from pipeline.liveness.observe import observe_frames
from pipeline.weights import DEFAULT_ROOT
from specimen.attacks import CLIP_MAKERS, ClipKind
from specimen.photos import Subject

BLINKS = (ChallengeStep(action=Action.BLINK, count=2, start_s=0.2, end_s=2.6),)
FACE_PX = 200.0


@functools.cache
def filmed() -> tuple[ClipFrame, ...]:
    cast = (Subject.ASTRONAUT, Subject.ASTRONAUT)
    frames = CLIP_MAKERS[ClipKind.LIVE](cast, BLINKS, np.random.default_rng(7))
    return tuple(ClipFrame(rgb=RgbImage(f.image), time_s=f.time_s) for f in frames)


@pytest.fixture(scope="module")
def backend() -> LandmarkBackend:
    try:
        return load_landmarks("facemesh", DEFAULT_ROOT)
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")


@pytest.mark.parametrize(
    "degrade",
    [as_filmed, face_of(55, FACE_PX), light(0.25)],
    ids=["as filmed", "a face of 55 pixels", "a quarter of the light"],
)
def test_both_blinks_are_seen(backend: LandmarkBackend, degrade: Degrade):
    seen = observe_frames(degrade(filmed()), backend)
    assert len(seen.track) >= 0.95 * len(seen.times)
    assert [event.action for event in find_events(seen.track, backend.limits)] == [Action.BLINK] * 2


def test_the_face_is_as_large_as_the_test_says(backend: LandmarkBackend):
    box = observe_frames(filmed(), backend).track.box
    assert np.median(box[:, 3] - box[:, 1]) == pytest.approx(FACE_PX, rel=0.25)
