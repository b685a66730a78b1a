from __future__ import annotations

import numpy as np
import pytest

from pipeline.face.find import FaceFinder, LocatedFace
from pipeline.face.quality import SELFIE, measure, selfie_fault
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode
from specimen.cast import selfie
from specimen.photos import Subject
from specimen.puppet import Pose
from tests.unit.pipeline.face.pictures import masked, posed, with_a_hand, with_dark_glasses


@pytest.fixture(scope="module", params=list(Subject))
def face(request: pytest.FixtureRequest, finder: FaceFinder) -> LocatedFace:
    return finder.find(selfie(request.param, np.random.default_rng(5)))[0]


def fault(picture: RgbImage, finder: FaceFinder) -> ReasonCode | None:
    """What the gates say; a covered face that is no longer found at all is no worse."""
    found = finder.find(picture)
    return selfie_fault(measure(found[0])) if found else ReasonCode.FACE_COVERED


def test_a_bare_face_is_not_covered(face):
    quality = measure(face)
    assert selfie_fault(quality) is None
    assert quality.mouth_shown > SELFIE.min_mouth_shown + 0.5
    assert quality.eyes_shown > SELFIE.min_eyes_shown * 1.3


@pytest.mark.parametrize(
    "colour", [(120, 165, 200), (226, 228, 230), (40, 40, 42), (190, 150, 130)]
)
def test_a_mask_is_seen_whatever_its_colour(face, finder, colour):
    assert fault(masked(face, colour), finder) is ReasonCode.FACE_COVERED


def test_a_hand_over_the_mouth_is_seen(face, finder):
    assert fault(with_a_hand(face), finder) is ReasonCode.FACE_COVERED


def test_dark_glasses_are_seen(face, finder):
    assert fault(with_dark_glasses(face), finder) is ReasonCode.FACE_COVERED


def test_closed_eyes_are_seen(finder):
    shut, half = (
        measure(finder.find(posed(Subject.ASTRONAUT, Pose(blink=blink)))[0]) for blink in (1.0, 0.3)
    )
    assert shut.eyes_open < SELFIE.min_eyes_open < half.eyes_open
    assert selfie_fault(shut) is ReasonCode.FACE_EYES_CLOSED


def test_a_leaning_head_is_measured(finder):
    picture = selfie(Subject.ASTRONAUT, np.random.default_rng(5))
    upright = measure(finder.find(picture)[0]).roll_deg
    turned = measure(finder.find(RgbImage(np.ascontiguousarray(np.rot90(picture, -1))))[0]).roll_deg
    assert turned - upright == pytest.approx(90, abs=6)
