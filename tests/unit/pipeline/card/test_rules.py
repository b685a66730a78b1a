from datetime import date

import pytest

from pipeline.card.rules import check_rules, expected_expiry
from pipeline.findings import NO_EXPIRY, CardVersion, Check, FieldName
from pipeline.reasons import ReasonCode

TODAY = date(2026, 11, 23)
GOOD = {
    FieldName.ID_NUMBER: "038195000000",
    FieldName.DATE_OF_BIRTH: "1995-08-15",
    FieldName.SEX: "Nữ",
    FieldName.DATE_OF_ISSUE: "2021-08-20",
    FieldName.DATE_OF_EXPIRY: "2035-08-15",
}


def check(code: ReasonCode, **changes: str) -> Check:
    values = GOOD | {FieldName(name): value for name, value in changes.items()}
    checks = check_rules({k: v for k, v in values.items() if v}, CardVersion.CHIP_2021, TODAY)
    return next(c for c in checks if c.code is code)


def test_a_good_card_passes_every_rule() -> None:
    assert all(c.passed for c in check_rules(GOOD, CardVersion.CHIP_2021, TODAY))


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"id_number": "038195OOOOOO"}, "N1"),
        ({"id_number": "012345678"}, "N1"),
        ({"date_of_birth": "1996-08-15"}, "N3"),
        ({"id_number": "038395000000"}, "N3,N9"[:2]),
        ({"sex": "Nam"}, "N4"),
        ({"id_number": "038200000000", "date_of_birth": "2100-01-01", "sex": "Nam"}, "N3,N9"),
    ],
)
def test_a_broken_number_is_named(changes: dict[str, str], broken: str) -> None:
    found = check(ReasonCode.ID_RULE_MISMATCH, **changes)
    assert found.passed is False
    assert found.facts["broken"] == broken


def test_without_a_number_nothing_is_judged() -> None:
    assert check(ReasonCode.ID_RULE_MISMATCH, id_number="").passed is None
    assert check(ReasonCode.ID_PROVINCE_UNKNOWN, id_number="").passed is None


@pytest.mark.parametrize(
    ("number", "passed"), [("038195000000", True), ("003195000000", False), ("128195000000", True)]
)
def test_province_codes(number: str, passed: bool) -> None:
    assert check(ReasonCode.ID_PROVINCE_UNKNOWN, id_number=number).passed is passed


@pytest.mark.parametrize(
    ("born", "issued", "last_day"),
    [
        (date(1995, 8, 15), date(2021, 8, 20), date(2035, 8, 15)),
        (date(1995, 8, 15), date(2018, 8, 20), date(2035, 8, 15)),  # within two years of 25
        (date(1964, 2, 29), date(2021, 8, 20), date(2024, 2, 29)),
        (date(1962, 1, 1), date(2021, 8, 20), None),
    ],
)
def test_expiry_follows_from_birth_and_issue(
    born: date, issued: date, last_day: date | None
) -> None:
    assert expected_expiry(born, issued, CardVersion.CHIP_2021) == last_day


def test_an_expiry_that_does_not_follow_is_noted() -> None:
    assert check(ReasonCode.EXPIRY_RULE_MISMATCH, date_of_expiry="2036-08-15").passed is False
    assert check(ReasonCode.EXPIRY_RULE_MISMATCH, date_of_expiry=NO_EXPIRY).passed is False
    assert check(ReasonCode.EXPIRY_RULE_MISMATCH, date_of_expiry="").passed is None
