"""The truth about a printed card, in the form in which the reader reports fields."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from specimen.layout import Side
from specimen.order import PrintedSide
from specimen.people import NO_EXPIRY, CardVersion, Person
from specimen.wording import AUTHORITIES

AUTHORITY = "issuing_authority"
#: Printed, but no field of the reader's.
_NO_FIELDS = frozenset({"caption", "mrz", "ethnicity", "religion"})


def true_fields(
    person: Person, version: CardVersion, sides: Iterable[PrintedSide]
) -> dict[str, str]:
    """Fields that stand on the given sides: ISO dates, sex and nationality as words, NFC.

    Args:
        person: who the card names.
        version: its version.
        sides: the sides that are shown to the reader.
    """
    shown = tuple(sides)
    roles = dict.fromkeys(line.role for side in shown for line in side.lines)
    values = reported_values(person)
    found = {role: values[role] for role in roles if role not in _NO_FIELDS | {AUTHORITY}}
    authority = " ".join(side.field_text(AUTHORITY) for side in shown).strip()
    if not authority and any(side.side is Side.BACK for side in shown):
        authority = " ".join(AUTHORITIES[version][0])
    if authority:
        found[AUTHORITY] = authority
    return {name: unicodedata.normalize("NFC", value) for name, value in found.items()}


def reported_values(person: Person) -> dict[str, str]:
    """All fields of a person as the reader reports them."""
    last_day = person.date_of_expiry
    return {
        "id_number": person.id_number,
        "full_name": person.full_name.upper(),
        "date_of_birth": person.date_of_birth.isoformat(),
        "sex": str(person.sex),
        "nationality": person.nationality,
        "place_of_origin": person.place_of_origin,
        "place_of_birth": person.place_of_birth,
        "place_of_residence": person.place_of_residence,
        "personal_identification": person.personal_identification,
        "date_of_issue": person.date_of_issue.isoformat(),
        "date_of_expiry": last_day.isoformat() if last_day else NO_EXPIRY,
    }
