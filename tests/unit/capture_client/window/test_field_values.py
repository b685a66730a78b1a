from __future__ import annotations

import pytest

from capture_client.window import texts
from capture_client.window.field_values import fault_of, from_shown, to_shown
from pipeline.findings import NO_EXPIRY, FieldName

BIRTH, EXPIRY, NUMBER, NAME = (
    FieldName.DATE_OF_BIRTH, FieldName.DATE_OF_EXPIRY, FieldName.ID_NUMBER, FieldName.FULL_NAME,
)  # fmt: skip


@pytest.mark.parametrize("typed", ["9/3/2004", "09/03/2004", "09.03.2004", " 09-03-2004 "])
def test_a_date_is_typed_as_people_write_it(typed: str) -> None:
    assert from_shown(BIRTH, typed) == "2004-03-09"
    assert to_shown(BIRTH, "2004-03-09") == "09/03/2004"


@pytest.mark.parametrize("typed", ["31/02/2004", "2004", "tomorrow"])
def test_what_is_no_date_stays_as_typed_and_is_pointed_out(typed: str) -> None:
    assert from_shown(BIRTH, typed) == typed
    assert fault_of(BIRTH, typed) == (texts.DATE_SHAPE, False)


def test_a_card_without_expiry_is_nothing_odd() -> None:
    assert to_shown(EXPIRY, NO_EXPIRY) == NO_EXPIRY
    assert fault_of(EXPIRY, NO_EXPIRY) == (None, False)


def test_letters_are_composed_and_blanks_are_single() -> None:
    assert from_shown(NAME, "  ĐỖ  QUỲNH ") == "ĐỖ QUỲNH"


@pytest.mark.parametrize(
    ("name", "typed", "text", "is_hard"),
    [
        (NUMBER, "", texts.VALUE_NEEDED, True),
        (NUMBER, "12", texts.NUMBER_SHAPE, False),
        (NUMBER, "036304000000", None, False),
        (NAME, "", None, False),
        (NAME, "A" * 301, texts.VALUE_LETTERS, True),
        (NAME, "A\x07", texts.VALUE_LETTERS, True),
        (FieldName.SEX, "Nu", texts.SEX_SHAPE, False),
    ],
)
def test_what_is_wrong_with_a_value(
    name: FieldName, typed: str, text: object, is_hard: bool
) -> None:
    assert fault_of(name, typed) == (text, is_hard)
