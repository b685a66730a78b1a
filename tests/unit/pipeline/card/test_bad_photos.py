"""Pictures that hold no readable card: a named reason, no field, bounded time."""

import time

import cv2
import numpy as np
import pytest

from pipeline.card.reader import CardReader
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode
from specimen.people import CardVersion
from specimen.photos import Subject, load_photo
from tests.unit.pipeline.card.conftest import TODAY, Print

#: A readable photo takes about one CPU-second; the slack is for slow machines, not for photos.
_MOST_CPU_S = 30


def _face() -> RgbImage:
    return load_photo(Subject.ASTRONAUT).image


def _resized(card: RgbImage, width: int, height: int) -> RgbImage:
    return RgbImage(cv2.resize(card, (width, height), interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize(
    ("scene", "codes"),
    [
        ("face", {ReasonCode.CARD_NOT_FOUND}),
        ("strip", {ReasonCode.CARD_NOT_FOUND}),
        ("tower", {ReasonCode.CARD_NOT_FOUND}),
        ("thumbnail", {ReasonCode.CARD_TOO_SMALL, ReasonCode.CARD_NOT_FOUND}),
        ("least", {ReasonCode.CARD_TOO_SMALL, ReasonCode.CARD_NOT_FOUND}),
    ],
)
def test_what_shows_no_readable_card_is_refused_by_name_and_soon(
    scene: str, codes: set[ReasonCode], reader: CardReader, print_person: Print
) -> None:
    _, (front, _) = print_person(CardVersion.CHIP_2021)
    picture = {
        "face": _face,
        "strip": lambda: _resized(front.image, 8000, 70),
        "tower": lambda: _resized(front.image, 70, 8000),
        "thumbnail": lambda: _resized(front.image, 200, 126),
        "least": lambda: _resized(front.image, 64, 64),
    }[scene]()
    start_s = time.process_time()
    finding = reader.read(picture, None, today=TODAY)
    assert time.process_time() - start_s < _MOST_CPU_S
    assert finding.rejected is not None
    assert finding.rejected.code in codes
    assert finding.fields == {}


def test_a_grey_picture_reads_as_well_as_a_coloured_one(
    reader: CardReader, print_person: Print
) -> None:
    person, (front, _) = print_person(CardVersion.CHIP_2021)
    grey = np.repeat(cv2.cvtColor(front.image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    finding = reader.read(RgbImage(grey), None, today=TODAY)
    # a photocopy may be refused, but what is read of it is right
    values = {str(name): field.value for name, field in finding.fields.items()}
    assert values.get("id_number", person.id_number) == person.id_number
    assert finding.rejected is not None or values["full_name"] == person.full_name.upper()
