"""What the number and the dates of a card must satisfy (rules N1-N4, N9 and the expiry rule; docs/glossary.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from pipeline.card.provinces import PROVINCES, is_country_code
from pipeline.findings import NO_EXPIRY, CardVersion, Check, Fact, FieldName
from pipeline.reasons import ReasonCode

_TWELVE = re.compile(r"\d{12}")
_MAX_AGE_YEARS = 120
#: Birthdays on which a card must be exchanged: Law on citizen identification 2014 art. 21; Law 26/2023/QH15 art. 21.
_MILESTONES: dict[CardVersion, tuple[int, ...]] = {
    CardVersion.BARCODE_2016: (25, 40, 60),
    CardVersion.CHIP_2021: (25, 40, 60),
    CardVersion.CAN_CUOC_2024: (14, 25, 40, 60),
}
#: A card issued this long before a milestone is valid to the next one (same articles).
_GRACE_YEARS = 2

_F = FieldName
Values = Mapping[FieldName, str]


def check_rules(values: Values, version: CardVersion, today: date | None) -> tuple[Check, ...]:
    """Return the checks of the number, the birth date and the expiry date.

    Args:
        values: normalised values; a rule about a missing one is not judged (`passed` is None).
        version: decides the milestones of the expiry rule; 9-digit cards have no rules here.
        today: for the age; None leaves the age unjudged.
    """
    if version is CardVersion.CMND_9:
        return ()
    return (
        _number_rule(values, today),
        _province_rule(values),
        _expiry_rule(values, version),
    )


def _number_rule(values: Values, today: date | None) -> Check:
    """N1 twelve digits; N3 century and year are those of the birth; N4 parity is the sex; N9 a possible age."""
    number, sex = values.get(_F.ID_NUMBER), values.get(_F.SEX)
    birth = _day(values.get(_F.DATE_OF_BIRTH))
    if number is None:
        return Check(code=ReasonCode.ID_RULE_MISMATCH, passed=None)
    broken = [] if _TWELVE.fullmatch(number) else ["N1"]
    if not broken and birth is not None:
        broken += [] if _encoded_year(number) == birth.year else ["N3"]
        broken += [] if today is None or _possible_age(birth, today) else ["N9"]
    if not broken and sex is not None:
        broken += [] if (sex == "Nữ") == bool(int(number[3]) % 2) else ["N4"]
    judged = bool(broken) or (birth is not None and sex is not None)
    fields = (_F.ID_NUMBER, *([_F.DATE_OF_BIRTH] if birth else []), *([_F.SEX] if sex else []))
    return Check(
        code=ReasonCode.ID_RULE_MISMATCH,
        passed=not broken if judged else None,
        fields=tuple(str(field) for field in fields),
        facts={"broken": ",".join(broken)} if broken else {},
    )


def _encoded_year(number: str) -> int:
    return 1900 + 100 * (int(number[3]) // 2) + int(number[4:6])


def _possible_age(birth: date, today: date) -> bool:
    return birth <= today and today.year - birth.year <= _MAX_AGE_YEARS


def _province_rule(values: Values) -> Check:
    """N2 the first three digits are a province's code, or a country's."""
    number = values.get(_F.ID_NUMBER)
    if number is None or not _TWELVE.fullmatch(number):
        return Check(code=ReasonCode.ID_PROVINCE_UNKNOWN, passed=None)
    abroad = is_country_code(number[:3])
    facts: dict[str, Fact] = {"abroad": True} if abroad else {}
    return Check(
        code=ReasonCode.ID_PROVINCE_UNKNOWN,
        passed=abroad or number[:3] in PROVINCES,
        fields=(str(_F.ID_NUMBER),),
        facts=facts,
    )


def _expiry_rule(values: Values, version: CardVersion) -> Check:
    """The expiry is a milestone birthday, and the one that follows from the day of issue where that is known."""
    birth, issued = _day(values.get(_F.DATE_OF_BIRTH)), _day(values.get(_F.DATE_OF_ISSUE))
    printed = values.get(_F.DATE_OF_EXPIRY)
    code = ReasonCode.EXPIRY_RULE_MISMATCH
    if birth is None or printed is None or version not in _MILESTONES:
        return Check(code=code, passed=None)
    allowed = {_birthday(birth, age) for age in _MILESTONES[version]}
    if issued is not None:
        allowed = {expected_expiry(birth, issued, version)}  # type: ignore[arg-type]
    last_day = None if printed == NO_EXPIRY else _day(printed)
    if last_day is None and printed != NO_EXPIRY:
        return Check(code=code, passed=None)
    fits = last_day in allowed or (last_day is None and issued is None)
    return Check(code=code, passed=fits, fields=(str(_F.DATE_OF_EXPIRY), str(_F.DATE_OF_BIRTH)))


def expected_expiry(birth: date, issued: date, version: CardVersion) -> date | None:
    """Return the last day that follows from birth and issue; None for a card without expiry."""
    for age in _MILESTONES[version]:
        limit = _birthday(birth, age)
        if issued < _birthday(limit, -_GRACE_YEARS):
            return limit
    return None


def _birthday(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None
