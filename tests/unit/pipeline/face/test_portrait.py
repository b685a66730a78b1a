from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.errors import CannotJudge
from pipeline.face.portrait import find_portrait, find_printed_face
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode
from specimen.cast import card_portrait, selfie
from specimen.people import CardVersion
from specimen.photos import Subject
from tests.unit.pipeline.face.pictures import card_of, photo_of

OWN, OTHER = Subject.ASTRONAUT, Subject.GRACE_HOPPER


@pytest.fixture(scope="module")
def fronts() -> dict[CardVersion, RgbImage]:
    return {version: card_of(OWN, version) for version in CardVersion}


@pytest.mark.parametrize(
    ("version", "rotation_deg"),
    list(zip(CardVersion, [0, 90, 187, 275], strict=True)),
)
def test_the_portrait_of_every_version_is_found_in_every_direction(
    finder, fronts, version, rotation_deg
):
    found = find_portrait(photo_of(fronts[version], rotation_deg=rotation_deg), finder)
    assert found.height_px == pytest.approx(0.145 * 1600, rel=0.35)
    assert abs(found.roll_deg) < 15


def test_a_person_beside_the_card_is_not_its_portrait(finder, fronts):
    card = photo_of(fronts[CardVersion.CHIP_2021], share=0.6)
    person = cv2.resize(
        selfie(OTHER, np.random.default_rng(5)), None, fx=1440 / 1280, fy=1440 / 1280
    )
    found = find_portrait(RgbImage(np.hstack([card, person])), finder)
    alone = find_portrait(card, finder)
    assert found.height_px == pytest.approx(alone.height_px, rel=0.1)


def test_a_person_beside_a_card_without_portrait_is_not_taken_for_it(finder, fronts):
    front = fronts[CardVersion.CHIP_2021].copy()
    front[350:1000, 40:560] = (150, 170, 190)
    person = cv2.resize(
        selfie(OTHER, np.random.default_rng(5)), None, fx=1440 / 1280, fy=1440 / 1280
    )
    photo = RgbImage(np.hstack([photo_of(RgbImage(front), share=0.6), person]))
    with pytest.raises(CannotJudge) as caught:
        find_portrait(photo, finder)
    assert caught.value.reason is ReasonCode.PORTRAIT_NOT_FOUND


def test_a_person_without_a_card_has_no_portrait(finder):
    with pytest.raises(CannotJudge):
        find_portrait(selfie(OWN, np.random.default_rng(5)), finder)


def test_a_card_that_was_cut_out_is_a_card(finder, fronts):
    whole = cv2.resize(fronts[CardVersion.CAN_CUOC_2024], (1000, 631), interpolation=cv2.INTER_AREA)
    assert find_portrait(RgbImage(whole), finder).height_px == pytest.approx(145, rel=0.35)


def test_by_hand_a_photo_of_one_person_will_do(finder):
    assert find_printed_face(card_portrait(OWN), finder).height_px > 100
    both = np.hstack([card_portrait(OWN), card_portrait(OTHER)])
    with pytest.raises(CannotJudge) as caught:
        find_printed_face(RgbImage(both), finder)
    assert caught.value.reason is ReasonCode.FACE_SEVERAL
