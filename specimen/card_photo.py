"""A photographed SPECIMEN card with anybody's portrait where a card has it."""

from __future__ import annotations

from datetime import date

import numpy as np

from pipeline.image import RgbImage
from specimen.card import CardOrder, print_card
from specimen.cast import card_portrait
from specimen.people import CardVersion, Sex, draw_person
from specimen.scene import Shot, photograph
from specimen.sitters import Who

_VERSION = CardVersion.CHIP_2021


def card_photo(who: Who, rng: np.random.Generator) -> RgbImage:
    """Return the front of a card with somebody's portrait, on a table; 1440 x 1920 x 3, uint8, RGB."""
    person = draw_person(rng, version=_VERSION, today=date(2026, 11, 30), sex=Sex.FEMALE)
    order = CardOrder(person=person, version=_VERSION, portrait=card_portrait(who))
    return photograph(print_card(order)[0].image, Shot(), rng).image
