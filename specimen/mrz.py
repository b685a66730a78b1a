"""The machine readable zone of a specimen card: ICAO 9303-5 TD1 as Vietnam fills it."""

import unicodedata
from datetime import date

from pipeline.card.td1 import check_digit
from specimen.people import Person, Sex

LINE_LENGTH = 30
#: Written for a card without expiry; no public sample shows the real value (knowledge of it is from memory).
_FAR_FUTURE = "991231"


def transliterate(name: str) -> str:
    """A Vietnamese name in A-Z and spaces (ICAO 9303-3: marks dropped, D with stroke becomes D)."""
    plain = unicodedata.normalize("NFD", name.upper().replace("Đ", "D"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def encode_mrz(person: Person) -> tuple[str, str, str]:
    """Three lines of 30 characters with all five check digits."""
    document = _checked(person.id_number[-9:])
    optional = _checked(f"{person.id_number}<<")
    born = _checked(f"{person.date_of_birth:%y%m%d}")
    last_day = _checked(_yymmdd(person.date_of_expiry))
    composite = check_digit(document + optional + born + last_day + "<" * 11)
    sex = "F" if person.sex is Sex.FEMALE else "M"
    return (
        f"IDVNM{document}{optional}",
        f"{born}{sex}{last_day}VNM{'<' * 11}{composite}",
        _name_line(person.full_name),
    )


def with_wrong_check_digit(lines: tuple[str, str, str]) -> tuple[str, str, str]:
    """The same lines with the document number's check digit one too high, as a careless forger writes it."""
    wrong = str((int(lines[0][14]) + 1) % 10)
    return f"{lines[0][:14]}{wrong}{lines[0][15:]}", lines[1], lines[2]


def _checked(text: str) -> str:
    return f"{text}{check_digit(text)}"


def _yymmdd(day: date | None) -> str:
    return f"{day:%y%m%d}" if day else _FAR_FUTURE


def _name_line(full_name: str) -> str:
    surname, *given = transliterate(full_name).split()
    return f"{surname}<<{'<'.join(given)}"[:LINE_LENGTH].ljust(LINE_LENGTH, "<")
