"""Machine readable zone of chip cards (ICAO 9303-5, TD1), as Vietnam fills it.

Line 1 `ID` `VNM`, document number (the last 9 of the 12 digits) + check, the 12 digits, `<<`, a national check digit;
line 2 birth + check, sex, expiry + check, `VNM`, composite check; line 3 the name in A-Z.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.card.geometry import join_boxes
from pipeline.card.text import TextLine
from pipeline.card.values import make_date, repair_digits
from pipeline.findings import NO_EXPIRY, Box, FieldName

_WEIGHTS = (7, 3, 1)
#: Runs of fillers are matched at any length, because recognisers drop or double some of a long run.
_FIRST = re.compile(
    r"[I1L]DVNM(?P<number>\w{9})(?P<number_check>\w)(?P<id>\w{12})<+(?P<optional_check>\w)$"
)
_SECOND = re.compile(
    r"^(?P<birth>\w{6})(?P<birth_check>\w)(?P<sex>[MF])(?P<expiry>\w{6})(?P<expiry_check>\w)"
    r"VNM<+(?P<composite>\w)$"
)
_NAME = re.compile(r"^[A-Z]+<<[A-Z]+[A-Z<]*$")
_LEAST_LENGTH, _NAME_LENGTH = 22, 30
_LETTER_OF = str.maketrans("01568", "OISGB")
#: Written for a card without expiry (from memory, no public sample): a day no card can expire on.
_NO_EXPIRY = "991231"
#: Below this a character of the MRZ was guessed, so a failing check digit says nothing about the card.
_TRUSTED_SCORE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class MrzContent:
    """What the MRZ says.

    `fields` are normalised as printed ones are, except the name, which is A-Z. `failed` names the check digits that
    do not fit. `trusted` is False if any character was read with little certainty.
    """

    fields: dict[FieldName, str]
    failed: tuple[str, ...]
    name_is_cut: bool
    trusted: bool
    box: Box

    @property
    def sound(self) -> bool:
        """Whether every check digit fits."""
        return not self.failed


def check_digit(text: str) -> int:
    """Check digit of an MRZ string (ICAO 9303-3 section 4.9): 0-9, A = 10 ... Z = 35, < = 0, weights 7, 3, 1.

    Raises:
        ValueError: a character that an MRZ cannot hold.
    """
    return sum(_value(c) * _WEIGHTS[i % 3] for i, c in enumerate(text)) % 10


def _value(character: str) -> int:
    if character == "<":
        return 0
    if character.isascii() and (character.isdigit() or character.isupper()):
        return int(character, 36)
    raise ValueError(f"not an MRZ character: {character!r}")


def parse_mrz(lines: Sequence[TextLine]) -> MrzContent | None:
    """Return the MRZ among the lines of a back, or None if its two lines of numbers are not both there."""
    tidy = [(_tidy(line.text), line) for line in lines]
    long = [(text, line) for text, line in tidy if len(text) >= _LEAST_LENGTH]
    first = next(((m, line) for text, line in long if (m := _FIRST.search(text))), None)
    second = next(((m, line) for text, line in long if (m := _SECOND.search(text))), None)
    if first is None or second is None:
        return None
    below = [(t, line) for t, line in long if line.box[1] > second[1].box[1]]
    name = next(((n, line) for t, line in below if _NAME.match(n := t.translate(_LETTER_OF))), None)
    used = [first[1], second[1], *([name[1]] if name else [])]
    digits = {
        k: repair_digits(v)
        for k, v in (first[0].groupdict() | second[0].groupdict()).items()
        if k != "sex"
    }
    fields = _fields(digits, second[0]["sex"]) | _name_field(name[0] if name else "")
    return MrzContent(
        fields=fields,
        failed=_failed_checks(digits),
        name_is_cut=name is not None and not name[0].endswith("<"),
        trusted=all(min(line.char_scores) >= _TRUSTED_SCORE for line in used[:2]),
        box=join_boxes([line.box for line in used]),
    )


def _tidy(text: str) -> str:
    """Drop blanks; brackets and guillemets are what recognisers make of fillers."""
    return re.sub(r"[«‹(\[{]", "<", "".join(text.split())).upper()


def _fields(digits: dict[str, str], sex: str) -> dict[FieldName, str]:
    fields = {
        FieldName.ID_NUMBER: digits["id"] if digits["id"].isdigit() else "",
        FieldName.DATE_OF_BIRTH: _birth(digits["birth"], digits["id"]),
        FieldName.SEX: "Nam" if sex == "M" else "Nữ",
        FieldName.DATE_OF_EXPIRY: _expiry(digits["expiry"]),
    }
    return {name: value for name, value in fields.items() if value}


def _name_field(line: str) -> dict[FieldName, str]:
    name = " ".join(line.replace("<", " ").split())
    return {FieldName.FULL_NAME: name} if name else {}


def _birth(digits: str, number: str) -> str:
    """The century of a birth is that of the number's fourth digit."""
    if not (digits.isdigit() and number.isdigit()):
        return ""
    century = 19 + int(number[3]) // 2
    day = make_date(100 * century + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    return day.isoformat() if day else ""


def _expiry(digits: str) -> str:
    if digits == _NO_EXPIRY:
        return NO_EXPIRY
    if not digits.isdigit():
        return ""
    day = make_date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    return day.isoformat() if day else ""


def _failed_checks(d: dict[str, str]) -> tuple[str, ...]:
    """The national check covers the full number, the composite everything; both as on the public sample."""
    optional = f"{d['id']}<<"
    whole = (
        f"{d['number']}{d['number_check']}{optional}{d['optional_check']}"
        f"{d['birth']}{d['birth_check']}{d['expiry']}{d['expiry_check']}{'<' * 11}"
    )
    pairs = {
        "document_number": (d["number"], d["number_check"]),
        "optional_data": (optional, d["optional_check"]),
        "birth": (d["birth"], d["birth_check"]),
        "expiry": (d["expiry"], d["expiry_check"]),
        "composite": (whole, d["composite"]),
    }
    failed = [name for name, (text, digit) in pairs.items() if not _fits(text, digit)]
    same_number = d["number"] == d["id"][-9:]
    return (*failed, *(() if same_number else ("document_number_is_not_the_end_of_the_id",)))


def _fits(text: str, digit: str) -> bool:
    allowed = all(c == "<" or (c.isascii() and (c.isdigit() or c.isupper())) for c in text)
    return allowed and digit == str(check_digit(text))
