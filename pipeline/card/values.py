"""Values as they are printed, turned into one form: digits repaired, dates ISO, text NFC."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz

from pipeline.card.phrases import fold
from pipeline.findings import NO_EXPIRY

#: Letters that recognisers write for digits. Applied inside numbers and dates only.
_DIGIT_OF = str.maketrans(
    {
        **dict.fromkeys("OoDQU", "0"),
        **dict.fromkeys("IilL|!", "1"),
        **dict.fromkeys("Zz", "2"),
        **dict.fromkeys("Ss", "5"),
        **dict.fromkeys("Gb", "6"),
        **dict.fromkeys("gq", "9"),
        "B": "8",
    }
)
_ID = re.compile(r"(?<!\d)\d{12}(?!\d)")
_OLD_ID = re.compile(r"(?<!\d)\d{9}(?!\d)")
_DATE = re.compile(r"(?<!\d)(\d{2})[/.\-]?(\d{2})[/.\-]?(\d{4})(?!\d)")
#: With fewer true digits a match would be made of letters.
_LEAST_DIGITS_OF_A_DATE, _LEAST_DIGITS_OF_A_NUMBER = 5, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A normalised value and the probability of each character it was made from."""

    text: str
    scores: tuple[float, ...]


def nfc(text: str) -> str:
    """Return a text composed, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def repair_digits(text: str) -> str:
    """Return a text with the letters that look like digits replaced, character by character."""
    return text.translate(_DIGIT_OF)


def parse_date(text: str) -> date | None:
    """Return the date of a text `dd/mm/yyyy`, also with dots, dashes or lost separators."""
    found = _DATE.search(text)
    return make_date(*(int(part) for part in reversed(found.groups()))) if found else None


def make_date(year: int, month: int, day: int) -> date | None:
    """Return the date, or None if there is no such day between 1900 and 2199."""
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 1900 <= year < 2200 else None


def find_date(text: str, scores: Sequence[float]) -> Value | None:
    """Return the first printed date of a text, ISO, after repairing digits."""
    packed, kept = _without_spaces(text, scores)
    repaired = repair_digits(packed)
    if sum(c.isdigit() for c in packed) < _LEAST_DIGITS_OF_A_DATE:
        return None
    for found in _DATE.finditer(repaired):
        day = make_date(*(int(part) for part in reversed(found.groups())))
        if day:
            return Value(text=day.isoformat(), scores=kept[found.start() : found.end()])
    return None


def find_expiry(text: str, scores: Sequence[float]) -> Value | None:
    """Return the printed date of expiry: ISO, or the words for a card that never expires."""
    folded = fold(text)
    words = fold(NO_EXPIRY)
    if len(folded) >= 0.8 * len(words) and fuzz.partial_ratio(words, folded) >= 85:
        return Value(text=NO_EXPIRY, scores=tuple(scores))
    return find_date(text, scores)


def find_id_number(text: str, scores: Sequence[float]) -> Value | None:
    """Return the 12 digits of a text, or the 9 of an old identity card, after repairing digits."""
    packed, kept = _without_spaces(text, scores)
    if sum(c.isdigit() for c in packed) < _LEAST_DIGITS_OF_A_NUMBER:
        return None
    repaired = repair_digits(packed)
    found = _ID.search(packed) or _ID.search(repaired) or _OLD_ID.search(repaired)
    if found is None:
        return None
    return Value(text=found.group(), scores=kept[found.start() : found.end()])


def _without_spaces(text: str, scores: Sequence[float]) -> tuple[str, tuple[float, ...]]:
    kept = [(c, s) for c, s in zip(text, scores, strict=True) if not c.isspace()]
    return "".join(c for c, _ in kept), tuple(s for _, s in kept)


def find_sex(text: str, scores: Sequence[float]) -> Value | None:
    """Return `Nam` or `Nữ`; a value of another length is not a sex."""
    folded = fold(text)
    if folded in ("nam", "nu"):
        return Value(text="Nam" if folded == "nam" else "Nữ", scores=tuple(scores))
    return None


def find_nationality(text: str, scores: Sequence[float]) -> Value | None:
    """Return the nationality; near spellings of `Việt Nam` become that."""
    near = fuzz.ratio(fold(text), "vietnam") >= 80
    return Value(text="Việt Nam" if near else nfc(text), scores=tuple(scores)) if text else None


def find_name(text: str, scores: Sequence[float]) -> Value | None:
    """Return a name in capitals, as cards print it: letters and single spaces only."""
    kept = [(c, s) for c, s in zip(text, scores, strict=True) if c.isalpha() or c.isspace()]
    name = nfc("".join(c for c, _ in kept)).upper()
    return Value(text=name, scores=tuple(s for _, s in kept)) if len(name) >= 2 else None


def find_text(text: str, scores: Sequence[float]) -> Value | None:
    """Return running text: an address, a place, a description."""
    spaced = re.sub(r"(?<!\d)\s*,[\s,]*|\s*,[\s,]*(?!\d)", ", ", text)  # 1,5 cm keeps its comma
    tidy = nfc(spaced).strip(" ,.;:/-")
    return Value(text=tidy, scores=tuple(scores)) if sum(c.isalpha() for c in tidy) >= 2 else None
