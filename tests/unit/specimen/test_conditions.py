"""Every condition can be photographed, is drawn again from its seed, and shows where the card is."""

from collections.abc import Callable
from datetime import date

import cv2
import numpy as np
import pytest

from pipeline.image import RgbImage
from specimen.card import CardOrder, PrintedSide, print_card
from specimen.conditions import Circumstance, Condition, photograph_under
from specimen.people import CardVersion, draw_person
from specimen.scene import CardPhoto, Shot

SHOT = Shot(size=(720, 540), share=0.85)


@pytest.fixture(scope="module")
def front() -> PrintedSide:
    version = CardVersion.CHIP_2021
    person = draw_person(np.random.default_rng(3), version=version, today=date(2026, 11, 23))
    portrait = RgbImage(np.full((300, 200, 3), (150, 130, 120), np.uint8))
    return print_card(CardOrder(person=person, version=version, portrait=portrait, width_px=720))[0]


@pytest.fixture(scope="module")
def take(front: PrintedSide) -> Callable[..., CardPhoto]:
    def shoot(condition: Condition, strength: float = 0.5, region: str = "qr") -> CardPhoto:
        circumstance = Circumstance(condition=condition, strength=strength, region=region)
        return photograph_under(front, circumstance, SHOT, np.random.default_rng(11))

    return shoot


@pytest.fixture(scope="module")
def clean(take: Callable[..., CardPhoto]) -> CardPhoto:
    return take(Condition.CLEAN)


def region_of(photo: CardPhoto, front: PrintedSide, name: str) -> RgbImage:
    flat = cv2.warpPerspective(
        photo.image, np.linalg.inv(photo.homography), front.image.shape[1::-1]
    )
    x1, y1, x2, y2 = (round(n) for n in front.regions[name])
    return RgbImage(flat[y1:y2, x1:x2])


@pytest.mark.parametrize("condition", [c for c in Condition if c is not Condition.CLEAN])
def test_a_condition_changes_the_photo_and_is_drawn_again_from_its_seed(
    condition: Condition, clean: CardPhoto, take: Callable[..., CardPhoto]
) -> None:
    once = take(condition)
    assert once.jpeg != clean.jpeg
    assert once.jpeg == take(condition).jpeg


@pytest.mark.parametrize("condition", [Condition.FINGER, Condition.PAPER, Condition.GLARE])
def test_what_covers_the_code_takes_its_contrast(
    condition: Condition, front: PrintedSide, clean: CardPhoto, take: Callable[..., CardPhoto]
) -> None:
    contrast = region_of(clean, front, "qr").std()
    assert region_of(take(condition, 1.0), front, "qr").std() < 0.6 * contrast


def test_a_card_cut_off_has_a_corner_outside_the_frame(take: Callable[..., CardPhoto]) -> None:
    photo = take(Condition.CUT_OFF)
    height, width = photo.image.shape[:2]
    outside = (photo.corners < 0) | (photo.corners > [width, height])
    assert outside.any()


@pytest.mark.parametrize("condition", [Condition.PHOTOCOPY, Condition.GREY_SCAN])
def test_a_copy_has_less_colour_than_the_card(
    condition: Condition, front: PrintedSide, clean: CardPhoto, take: Callable[..., CardPhoto]
) -> None:
    def colour(photo: CardPhoto) -> float:
        small = cv2.resize(region_of(photo, front, "emblem"), (8, 8), interpolation=cv2.INTER_AREA)
        return float(np.ptp(small.astype(float), axis=2).max())

    assert colour(take(condition, 1.0)) < 0.3 * colour(clean)


def test_the_corners_of_a_print_are_those_of_the_printed_card(
    front: PrintedSide, take: Callable[..., CardPhoto]
) -> None:
    """The code is where the homography says, so it has the code's contrast."""
    for condition in (Condition.PRINT, Condition.SCREEN, Condition.PHOTOCOPY):
        assert region_of(take(condition, 0.3), front, "qr").std() > 40, condition


def test_a_region_that_is_not_on_the_side_is_refused(front: PrintedSide) -> None:
    glare = Circumstance(condition=Condition.GLARE, region="mrz")
    with pytest.raises(ValueError, match="not on this side"):
        photograph_under(front, glare, SHOT, np.random.default_rng(1))
