"""What the QR code of a card says: its text, parsed by shape.

7 fields in 2021, 11 in 2024, separated by bars: number, old number, name, birth, sex, residence, issue, and four more
whose order no public source tells. It carries no signature: it checks the reading, not the card.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.card.values import make_date, nfc
from pipeline.findings import FieldName

_ID, _OLD_ID, _DATE = re.compile(r"\d{12}"), re.compile(r"(\d{9})?"), re.compile(r"\d{8}")
_SEXES = ("Nam", "Nữ")
_KNOWN_FIELDS, _FIELD_COUNTS = 7, (7, 11)


@dataclass(frozen=True, slots=True, kw_only=True)
class QrContent:
    """The fields a code holds, normalised as printed ones are.

    `extra` are the four last fields of a 2024 code as they stand (parents' names on children's cards): never shown,
    logged or stored.
    """

    fields: dict[FieldName, str]
    field_count: int
    extra: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class QrScan:
    """What became of looking for the code.

    `content` is None if none was decoded or its text has another shape; then `odd_parts` is the number of parts between
    bars. `seen` is True if there is a code, decoded or not.
    """

    content: QrContent | None = None
    seen: bool = False
    odd_parts: int | None = None


#: The code was not looked for, or there is none.
NO_CODE = QrScan()


def parse_qr(text: str) -> QrContent | None:
    """Return the fields of a text, or None if it does not have the shape of a citizen card's."""
    parts = [nfc(part) for part in text.strip("\r\n").split("|")]
    if len(parts) not in _FIELD_COUNTS:
        return None
    number, old_number, name, birth, sex, residence, issue = parts[:_KNOWN_FIELDS]
    born, issued = _parse_day(birth), _parse_day(issue)
    if not (_ID.fullmatch(number) and _OLD_ID.fullmatch(old_number) and name and born and issued):
        return None
    fields = {
        FieldName.ID_NUMBER: number,
        FieldName.OLD_ID_NUMBER: old_number,
        FieldName.FULL_NAME: name.upper(),
        FieldName.DATE_OF_BIRTH: born,
        FieldName.SEX: sex if sex in _SEXES else "",
        FieldName.PLACE_OF_RESIDENCE: residence,
        FieldName.DATE_OF_ISSUE: issued,
    }
    return QrContent(
        fields={name: value for name, value in fields.items() if value},
        field_count=len(parts),
        extra=tuple(parts[_KNOWN_FIELDS:]),
    )


def _parse_day(text: str) -> str | None:
    if not (text.isascii() and _DATE.fullmatch(text)):
        return None
    day = make_date(int(text[4:]), int(text[2:4]), int(text[:2]))
    return day.isoformat() if day else None
