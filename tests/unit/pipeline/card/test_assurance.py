from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.card.assurance import assurance_of
from pipeline.findings import Assurance, Check, ChipFinding, Integrity, Origin
from pipeline.reasons import ReasonCode


def checks(**passed: bool | None) -> tuple[Check, ...]:
    return tuple(Check(code=ReasonCode(code), passed=verdict) for code, verdict in passed.items())


def chip(integrity: Integrity, origin: Origin) -> ChipFinding:
    return ChipFinding(integrity=integrity, origin=origin, files=("sod", "dg1"))


@pytest.mark.parametrize(
    ("of", "level"),
    [
        (checks(), Assurance.PRINT_ONLY),
        (checks(qr_mismatch=None, mrz_mismatch=None), Assurance.PRINT_ONLY),
        (checks(qr_mismatch=False, mrz_unreadable=True), Assurance.PRINT_ONLY),
        (checks(qr_mismatch=True), Assurance.CODE_AGREES),
        (checks(mrz_mismatch=True, mrz_check_digit=True), Assurance.CODE_AGREES),
        (checks(mrz_mismatch=True, mrz_check_digit=False), Assurance.PRINT_ONLY),
        (checks(qr_mismatch=True, mrz_mismatch=False), Assurance.CODE_AGREES),
        (checks(qr_mismatch=True, mrz_mismatch=True), Assurance.CODES_AGREE),
    ],
)
def test_codes_that_agree_with_the_print_raise_the_level(
    of: tuple[Check, ...], level: Assurance
) -> None:
    assert assurance_of(of, None) is level


@pytest.mark.parametrize(
    ("integrity", "origin", "agrees", "level"),
    [
        (Integrity.OK, Origin.TRUSTED, True, Assurance.CHIP_VERIFIED),
        (Integrity.OK, Origin.TRUST_UNKNOWN, True, Assurance.CHIP_INTEGRITY),
        (Integrity.OK, Origin.UNTRUSTED, True, Assurance.CODE_AGREES),
        (Integrity.FAILED, Origin.TRUSTED, True, Assurance.CODE_AGREES),
        (Integrity.OK, Origin.TRUSTED, False, Assurance.CODE_AGREES),
        (Integrity.OK, Origin.TRUSTED, None, Assurance.CODE_AGREES),
    ],
)
def test_a_chip_counts_only_if_it_is_sound_and_agrees_with_the_print(
    integrity: Integrity, origin: Origin, agrees: bool | None, level: Assurance
) -> None:
    given = checks(qr_mismatch=True, chip_mismatch=agrees)
    assert assurance_of(given, chip(integrity, origin)) is level


def test_levels_are_ordered_from_weak_to_strong() -> None:
    assert all(b.reaches(a) and not a.reaches(b) for a, b in pairwise(Assurance))
    assert Assurance.CODE_AGREES.reaches(Assurance.CODE_AGREES)
