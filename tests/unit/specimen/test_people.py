from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from specimen.people import (
    MILESTONES,
    CardVersion,
    Sex,
    draw_person,
    expiry,
    format_date,
    number,
)
from tests.unit.specimen.conftest import TODAY


@pytest.mark.parametrize(
    ("born", "issued", "milestones", "last_day"),
    [
        # The next milestone birthday ...
        (date(1995, 8, 15), date(2022, 1, 1), (25, 40, 60), date(2035, 8, 15)),
        # ... but the one after, if it is less than two years away ...
        (date(1998, 3, 1), date(2021, 3, 2), (25, 40, 60), date(2038, 3, 1)),
        # ... and a day earlier it still counts.
        (date(1998, 3, 1), date(2021, 2, 28), (25, 40, 60), date(2023, 3, 1)),
        # Fourteen is a milestone of the newer law only.
        (date(2016, 5, 5), date(2024, 8, 1), (14, 25, 40, 60), date(2030, 5, 5)),
        # From fifty-eight on there is no expiry.
        (date(1963, 1, 1), date(2021, 3, 1), (25, 40, 60), None),
        # Born on 29 February: 28 February in a common year.
        (date(2000, 2, 29), date(2021, 3, 1), (25, 40, 60), date(2025, 2, 28)),
    ],
)
def test_cards_expire_by_the_law(
    born: date, issued: date, milestones: tuple[int, ...], last_day: date | None
) -> None:
    assert expiry(born, issued, milestones) == last_day


@pytest.mark.parametrize(
    ("born", "sex", "digits"),
    [
        (date(1995, 8, 15), Sex.FEMALE, "038195000000"),
        (date(1995, 8, 15), Sex.MALE, "038095000000"),
        (date(2003, 1, 2), Sex.MALE, "038203000000"),
        (date(2003, 1, 2), Sex.FEMALE, "038303000000"),
    ],
)
def test_number_carries_province_century_sex_and_year(born: date, sex: Sex, digits: str) -> None:
    assert number("038", born, sex) == digits


def test_people_obey_every_rule_of_their_card(version: CardVersion) -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        person = draw_person(rng, version=version, today=TODAY)
        assert len(person.id_number) == 12
        assert person.id_number.endswith("000000")
        assert int(person.id_number[3]) % 2 == (person.sex is Sex.FEMALE)
        assert person.id_number[4:6] == f"{person.date_of_birth:%y}"
        assert person.date_of_issue < TODAY
        assert person.date_of_expiry == expiry(
            person.date_of_birth, person.date_of_issue, MILESTONES[version]
        )
        assert person.date_of_expiry is None or person.date_of_expiry >= TODAY


def test_expired_cards_have_expired() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        person = draw_person(rng, version=CardVersion.CHIP_2021, today=TODAY, expired=True)
        assert person.date_of_expiry is not None
        assert person.date_of_expiry < TODAY


def test_no_2024_card_existed_before_its_law() -> None:
    with pytest.raises(ValueError, match="no expired can_cuoc_2024 card can exist"):
        draw_person(
            np.random.default_rng(1),
            version=CardVersion.CAN_CUOC_2024,
            today=date(2024, 8, 1),
            expired=True,
        )


def test_the_same_seed_draws_the_same_person(version: CardVersion) -> None:
    one, same, other = (
        draw_person(np.random.default_rng(seed), version=version, today=TODAY) for seed in (3, 3, 4)
    )
    assert one == same
    assert one != other


def test_no_expiry_is_printed_in_words() -> None:
    assert format_date(None) == "Không thời hạn"
    assert format_date(date(2035, 8, 5)) == "05/08/2035"
