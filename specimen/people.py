"""Synthetic persons whose numbers, dates and places obey the rules of Vietnamese citizen cards."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

import numpy as np

from specimen import lexicon

_T = TypeVar("_T")
SPECIMEN_SERIAL = "000000"
NO_EXPIRY = "Không thời hạn"
_GRACE_YEARS = 2


class CardVersion(StrEnum):
    """Layouts the generator can print."""

    CHIP_2021 = "chip_2021"
    CAN_CUOC_2024 = "can_cuoc_2024"


class Sex(StrEnum):
    """Sex as printed."""

    MALE = "Nam"
    FEMALE = "Nữ"


#: Ages at which a card must be exchanged: Law on citizen identification 2014 art. 21; Law 26/2023/QH15 art. 21.
MILESTONES = {CardVersion.CHIP_2021: (25, 40, 60), CardVersion.CAN_CUOC_2024: (14, 25, 40, 60)}
#: Days on which each version was handed out; None = still is.
ISSUED_BETWEEN = {
    CardVersion.CHIP_2021: (date(2021, 2, 1), date(2024, 6, 30)),
    CardVersion.CAN_CUOC_2024: (date(2024, 7, 1), None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What a card says about its holder."""

    id_number: str
    old_id_number: str | None
    full_name: str
    date_of_birth: date
    sex: Sex
    nationality: str
    place_of_origin: str
    place_of_birth: str
    place_of_residence: str
    personal_identification: str
    date_of_issue: date
    #: None = "Không thời hạn", no expiry.
    date_of_expiry: date | None


def birthday(born: date, age: int) -> date:
    """Day on which somebody reaches an age; 29 February counts as 28 in common years."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 2, 28)


def expiry(born: date, issued: date, milestones: tuple[int, ...]) -> date | None:
    """Last day of a card: the next milestone birthday that is at least two years away; None beyond the last one."""
    limits = (birthday(born, age) for age in milestones)
    return next((limit for limit in limits if issued < birthday(limit, -_GRACE_YEARS)), None)


def number(province_code: str, born: date, sex: Sex) -> str:
    """The 12 digits: province, century and sex, two digits of the year, and the specimen serial."""
    century = 2 * (born.year // 100 - 19) + (sex is Sex.FEMALE)
    return f"{province_code}{century}{born.year % 100:02d}{SPECIMEN_SERIAL}"


def format_date(day: date | None) -> str:
    """A date as cards print it, dd/mm/yyyy, or the words for a card that never expires."""
    return f"{day:%d/%m/%Y}" if day else NO_EXPIRY


def draw_person(
    rng: np.random.Generator,
    *,
    version: CardVersion,
    today: date,
    sex: Sex | None = None,
    expired: bool = False,
) -> Person:
    """Draw a person whose card of `version` is valid (or expired) on a given day.

    Args:
        rng: source of all choices; the same state gives the same person.
        version: decides the days of issue and the rule of expiry.
        today: the day of reference; the card was issued before it.
        sex: fixed sex, or None to draw it.
        expired: draw a card whose last day lies before `today`.

    Raises:
        ValueError: no card of this version can be in the asked state on `today`.
    """
    sex = sex or _pick(rng, tuple(Sex))
    for _ in range(4000):
        born = _day(rng, today - timedelta(days=70 * 365), today - timedelta(days=18 * 366))
        issued = _day(rng, *_issue_range(version, today))
        last_day = expiry(born, issued, MILESTONES[version])
        of_age = birthday(born, 16) <= issued
        if of_age and (last_day is not None and last_day < today) == expired:
            return _compose(rng, sex, born, (issued, last_day))
    raise ValueError(f"no {'expired' if expired else 'valid'} {version} card can exist on {today}")


def _issue_range(version: CardVersion, today: date) -> tuple[date, date]:
    first, last = ISSUED_BETWEEN[version]
    return first, min(last or today, today - timedelta(days=1))


def _compose(
    rng: np.random.Generator, sex: Sex, born: date, issued_and_last: tuple[date, date | None]
) -> Person:
    home, origin = _pick(rng, lexicon.PROVINCES), _pick(rng, lexicon.PROVINCES)
    birthplace = f"{_pick(rng, origin.communes)}, {origin.name}"
    start = _pick(rng, lexicon.HAMLETS + lexicon.STREETS)
    had_old_card = born.year < 1998 and rng.random() < 0.6
    return Person(
        id_number=number(origin.code, born, sex),
        old_id_number=f"{rng.integers(10, 40)}0000000" if had_old_card else None,
        full_name=_full_name(rng, sex),
        date_of_birth=born,
        sex=sex,
        nationality="Việt Nam",
        place_of_origin=birthplace,
        place_of_birth=birthplace,
        place_of_residence=f"{start}, {_pick(rng, home.communes)}, {home.name}",
        personal_identification=_pick(rng, lexicon.MARKS),
        date_of_issue=issued_and_last[0],
        date_of_expiry=issued_and_last[1],
    )


def _full_name(rng: np.random.Generator, sex: Sex) -> str:
    female = sex is Sex.FEMALE
    middle = lexicon.MIDDLE_NAMES_FEMALE if female else lexicon.MIDDLE_NAMES_MALE
    given = lexicon.GIVEN_NAMES_FEMALE if female else lexicon.GIVEN_NAMES_MALE
    return " ".join(_pick(rng, words) for words in (lexicon.SURNAMES, middle, given))


def _pick(rng: np.random.Generator, options: tuple[_T, ...]) -> _T:
    return options[int(rng.integers(len(options)))]


def _day(rng: np.random.Generator, first: date, last: date) -> date:
    return first + timedelta(days=int(rng.integers((last - first).days + 1)))
