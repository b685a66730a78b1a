from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from specimen.card import CardOrder, PrintedSide, print_card
from specimen.cast import card_portrait
from specimen.people import CardVersion, Person, Sex, draw_person
from specimen.photos import Subject

TODAY = date(2026, 11, 23)
#: Versions with a standard layout, the ones of the demo.
STANDARD = (CardVersion.CHIP_2021, CardVersion.CAN_CUOC_2024)


@pytest.fixture(scope="session", params=STANDARD)
def version(request: pytest.FixtureRequest) -> CardVersion:
    return CardVersion(request.param)


@pytest.fixture(scope="session")
def person(version: CardVersion) -> Person:
    return draw_person(np.random.default_rng(7), version=version, today=TODAY, sex=Sex.FEMALE)


@pytest.fixture(scope="session")
def order(person: Person, version: CardVersion) -> CardOrder:
    return CardOrder(person=person, version=version, portrait=card_portrait(Subject.ASTRONAUT))


@pytest.fixture(scope="session")
def sides(order: CardOrder) -> tuple[PrintedSide, PrintedSide]:
    return print_card(order)
