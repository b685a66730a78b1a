"""How values of fields are shown and typed: dates as dd/mm/yyyy, everything else as it is; and what is wrong with one.

The gateway takes any printable text of 1 to 300 characters and asks for the number and the birth date alone. What does
not look like a number, a date or a sex is pointed out, never refused: the card may say so.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from capture_client.flow_state import NEEDED_FIELDS
from capture_client.operator_turns import MAX_VALUE_LETTERS
from capture_client.window import texts
from capture_client.words import Text
from pipeline.findings import NO_EXPIRY, FieldName

_DATES = frozenset({FieldName.DATE_OF_BIRTH, FieldName.DATE_OF_ISSUE, FieldName.DATE_OF_EXPIRY})
_NUMBER = re.compile(r"\d{12}|\d{9}")
_SHOWN_DATE = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")


def to_shown(name: FieldName, value: str) -> str:
    """Return a value as it is shown."""
    if name not in _DATES:
        return value
    try:
        return date.fromisoformat(value).strftime("%d/%m/%Y")
    except ValueError:
        return value


def from_shown(name: FieldName, text: str) -> str:
    """Return what was typed as a value: NFC, trimmed, dates as ISO."""
    typed = unicodedata.normalize("NFC", " ".join(text.split()))
    day = _typed_date(typed) if name in _DATES else None
    return day.isoformat() if day else typed


def fault_of(name: FieldName, text: str) -> tuple[Text | None, bool]:
    """Return what is wrong with what was typed, and whether it cannot be taken at all."""
    value = from_shown(name, text)
    if not value:
        return (texts.VALUE_NEEDED, True) if name in NEEDED_FIELDS else (None, False)
    if len(value) > MAX_VALUE_LETTERS or not value.isprintable():
        return texts.VALUE_LETTERS, True
    return _odd(name, value), False


def _odd(name: FieldName, value: str) -> Text | None:
    if name is FieldName.ID_NUMBER and not _NUMBER.fullmatch(value):
        return texts.NUMBER_SHAPE
    if name in _DATES and value != NO_EXPIRY and not _is_iso(value):
        return texts.DATE_SHAPE
    return texts.SEX_SHAPE if name is FieldName.SEX and value not in ("Nam", "Nữ") else None


def _typed_date(typed: str) -> date | None:
    found = _SHOWN_DATE.fullmatch(typed)
    if found is None:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def _is_iso(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
