"""Synthetic persons whose numbers, dates and places obey the rules of Vietnamese citizen cards."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from specimen.dice import pick
from specimen.lexicon import BUILT_IN, Province, Words

SPECIMEN_SERIAL = "000000"
NO_EXPIRY = "Không thời hạn"
#: Resolution 202/2025/QH15: 63 provinces became 34, and the districts ceased.
PROVINCES_MERGED_ON = date(2025, 7, 1)
_GRACE_YEARS = 2


class CardVersion(StrEnum):
    """Layouts the generator can print."""

    CHIP_2021 = "chip_2021"
    CAN_CUOC_2024 = "can_cuoc_2024"
    BARCODE_2016 = "barcode_2016"
    CMND_9 = "cmnd_9"


class Sex(StrEnum):
    """Sex as printed."""

    MALE = "Nam"
    FEMALE = "Nữ"


#: Ages at which a card must be exchanged: Law on citizen identification 2014 art. 21; Law 26/2023/QH15 art. 21.
#: The CMND printed no expiry at all.
MILESTONES = {
    CardVersion.CHIP_2021: (25, 40, 60),
    CardVersion.CAN_CUOC_2024: (14, 25, 40, 60),
    CardVersion.BARCODE_2016: (25, 40, 60),
    CardVersion.CMND_9: (),
}
#: Days on which each version was handed out; None = still is.
ISSUED_BETWEEN = {
    CardVersion.CHIP_2021: (date(2021, 2, 1), date(2024, 6, 30)),
    CardVersion.CAN_CUOC_2024: (date(2024, 7, 1), None),
    CardVersion.BARCODE_2016: (date(2016, 1, 1), date(2021, 1, 31)),
    CardVersion.CMND_9: (date(2005, 1, 1), date(2015, 12, 31)),
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
    words: Words = BUILT_IN,
) -> Person:
    """Draw a person whose card of `version` is valid (or expired) on a given day.

    Args:
        rng: source of all choices; the same state gives the same person.
        version: decides the days of issue and the rule of expiry.
        today: the day of reference; the card was issued before it.
        sex: fixed sex, or None to draw it.
        expired: draw a card whose last day lies before `today`.
        words: names and places to draw from.

    Raises:
        ValueError: no card of this version can be in the asked state on `today`.
    """
    sex = sex or pick(rng, tuple(Sex))
    for _ in range(4000):
        born = _day(rng, today - timedelta(days=70 * 365), today - timedelta(days=18 * 366))
        issued = _day(rng, *_issue_range(version, today))
        last_day = expiry(born, issued, MILESTONES[version])
        of_age = birthday(born, 16) <= issued
        if of_age and (last_day is not None and last_day < today) == expired:
            return _compose(rng, words, version, sex, (born, issued, last_day))
    raise ValueError(f"no {'expired' if expired else 'valid'} {version} card can exist on {today}")


def _issue_range(version: CardVersion, today: date) -> tuple[date, date]:
    first, last = ISSUED_BETWEEN[version]
    return first, min(last or today, today - timedelta(days=1))


def _compose(
    rng: np.random.Generator,
    words: Words,
    version: CardVersion,
    sex: Sex,
    days: tuple[date, date, date | None],
) -> Person:
    born, issued, last_day = days
    provinces = _provinces_on(issued, words)
    home, origin = pick(rng, provinces), pick(rng, provinces)
    birthplace = f"{pick(rng, origin.communes)}, {origin.name}"
    start = pick(rng, words.starts)
    had_old_card = born.year < 1998 and rng.random() < 0.6
    old_number = f"{rng.integers(10, 40)}0000000" if had_old_card else None
    nine_digits = version is CardVersion.CMND_9
    return Person(
        id_number=f"{origin.code}{SPECIMEN_SERIAL}"
        if nine_digits
        else number(origin.code, born, sex),
        old_id_number=None if nine_digits else old_number,
        full_name=_full_name(rng, words, sex),
        date_of_birth=born,
        sex=sex,
        nationality="Việt Nam",
        place_of_origin=birthplace,
        place_of_birth=birthplace,
        place_of_residence=f"{start}, {pick(rng, home.communes)}, {home.name}",
        personal_identification=pick(rng, words.marks),
        date_of_issue=issued,
        date_of_expiry=last_day,
    )


def _provinces_on(issued: date, words: Words) -> tuple[Province, ...]:
    merged = issued >= PROVINCES_MERGED_ON and words.merged_provinces
    return words.merged_provinces if merged else words.provinces


def _full_name(rng: np.random.Generator, words: Words, sex: Sex) -> str:
    female = sex is Sex.FEMALE
    middle = words.middles_female if female else words.middles_male
    given = words.givens_female if female else words.givens_male
    return " ".join(pick(rng, group) for group in (words.surnames, middle, given))


def _day(rng: np.random.Generator, first: date, last: date) -> date:
    return first + timedelta(days=int(rng.integers((last - first).days + 1)))
