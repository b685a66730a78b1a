"""The three lines of thirty characters of a TD1 document (ICAO 9303-5), as Vietnam fills them.

Line 1 `ID` `VNM`, document number (the last 9 of the 12 digits) + check, the 12 digits, `<<`, a national check digit;
line 2 birth + check, sex, expiry + check, `VNM`, composite check; line 3 the name in A-Z, which has no check digit.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.card.values import make_date
from pipeline.findings import NO_EXPIRY, FieldName

LINE_LENGTH = 30
_WEIGHTS = (7, 3, 1)
#: Fillers of line 2; they are part of the composite check.
_FILLERS = "<" * 11
#: Written for a card without expiry: 991231 by memory, no public sample. A year from 2090 on is none in which a card
#: of today can expire: from one milestone birthday to the next but one are at most 35 years.
_NO_EXPIRY_FROM_YEAR = 90
#: Another check that Vietnam's layout allows: the document number is the end of the 12 digits.
NUMBERS_DIFFER = "document_number_is_not_the_end_of_the_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Td1:
    """The characters of lines 1 and 2, part by part, none of them judged yet; `sex` is M, F or <."""

    number: str
    number_check: str
    id_number: str
    optional_check: str
    birth: str
    birth_check: str
    sex: str
    expiry: str
    expiry_check: str
    composite: str

    def failed_checks(self) -> tuple[str, ...]:
        """Return the names of the check digits that do not fit; characters that no MRZ holds fit none."""
        optional = f"{self.id_number}<<"
        whole = (
            f"{self.number}{self.number_check}{optional}{self.optional_check}"
            f"{self.birth}{self.birth_check}{self.expiry}{self.expiry_check}{_FILLERS}"
        )
        pairs = {
            "document_number": (self.number, self.number_check),
            "optional_data": (optional, self.optional_check),
            "birth": (self.birth, self.birth_check),
            "expiry": (self.expiry, self.expiry_check),
            "composite": (whole, self.composite),
        }
        failed = [name for name, (text, digit) in pairs.items() if not _fits(text, digit)]
        same_number = self.number == self.id_number[-9:]
        return (*failed, *(() if same_number else (NUMBERS_DIFFER,)))

    def fields(self) -> dict[FieldName, str]:
        """Return the fields that can be told, normalised as printed ones are."""
        fields = {
            FieldName.ID_NUMBER: self.id_number if self.id_number.isdecimal() else "",
            FieldName.DATE_OF_BIRTH: _birth(self.birth, self.id_number),
            FieldName.SEX: {"M": "Nam", "F": "Nữ"}.get(self.sex, ""),
            FieldName.DATE_OF_EXPIRY: _expiry(self.expiry),
        }
        return {name: value for name, value in fields.items() if value}


def split_td1(first: str, second: str) -> Td1:
    """Return the parts of lines 1 and 2.

    Raises:
        ValueError: a line is not 30 characters long or is not laid out as Vietnam's.
    """
    laid_out = (
        len(first) == len(second) == LINE_LENGTH
        and first.startswith("IDVNM")
        and first[27:29] == "<<"
        and second[15:29] == "VNM" + _FILLERS
    )
    if not laid_out:
        raise ValueError("not the TD1 of a Vietnamese card")
    return Td1(
        number=first[5:14],
        number_check=first[14],
        id_number=first[15:27],
        optional_check=first[29],
        birth=second[:6],
        birth_check=second[6],
        sex=second[7],
        expiry=second[8:14],
        expiry_check=second[14],
        composite=second[29],
    )


def latin_name(line: str) -> str:
    """Return the name of line 3 with single spaces."""
    return " ".join(line.replace("<", " ").split())


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


def _fits(text: str, digit: str) -> bool:
    allowed = all(c == "<" or (c.isascii() and (c.isdigit() or c.isupper())) for c in text)
    return allowed and digit == str(check_digit(text))


def _birth(digits: str, number: str) -> str:
    """The century of a birth is that of the number's fourth digit."""
    if not (digits.isdecimal() and number.isdecimal()):
        return ""
    century = 19 + int(number[3]) // 2
    return _iso(100 * century, digits)


def _expiry(digits: str) -> str:
    if not digits.isdecimal():
        return ""
    if int(digits[:2]) >= _NO_EXPIRY_FROM_YEAR:
        return NO_EXPIRY
    return _iso(2000, digits)


def _iso(century: int, digits: str) -> str:
    day = make_date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    return day.isoformat() if day else ""
