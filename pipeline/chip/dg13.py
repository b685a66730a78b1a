"""DG13: the holder's data in Vietnamese, keyed by number. Vietnam's own file; its layout is known from public readers.

`6D { SEQUENCE { INTEGER, OID, SET OF SEQUENCE { INTEGER key, value } } }`, values PrintableString or UTF8String.
Ethnicity, religion, parents and spouse (keys 6, 7, 13, 14) are none of our business and are not taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from asn1crypto import core

from pipeline.card.values import find_expiry, nfc, parse_date
from pipeline.chip.document import ChipFile
from pipeline.chip.tags import unwrap
from pipeline.findings import FieldName

_F = FieldName
_FIELD_OF = {
    1: _F.ID_NUMBER,
    2: _F.FULL_NAME,
    3: _F.DATE_OF_BIRTH,
    4: _F.SEX,
    5: _F.NATIONALITY,
    8: _F.PLACE_OF_ORIGIN,
    9: _F.PLACE_OF_RESIDENCE,
    10: _F.PERSONAL_IDENTIFICATION,
    11: _F.DATE_OF_ISSUE,
    12: _F.DATE_OF_EXPIRY,
    15: _F.OLD_ID_NUMBER,
}
_NUMBER_LENGTHS = {_F.ID_NUMBER: 12, _F.OLD_ID_NUMBER: 9}
_SEXES = ("Nam", "Nữ")


class _Anything(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.Any


class _Entries(core.SetOf):  # type: ignore[misc]
    _child_spec = _Anything


class _Holder(core.Sequence):  # type: ignore[misc]
    _fields = [("version", core.Integer), ("kind", core.ObjectIdentifier), ("entries", _Entries)]  # noqa: RUF012


def parse_dg13(data: bytes) -> dict[FieldName, str] | None:
    """Return the fields of DG13, normalised as printed ones are.

    Args:
        data: the file as read, tag 6D.

    Returns:
        The fields; None if the file is whole but laid out in another way than is known.

    Raises:
        CannotJudge: `chip_unreadable`: the file is not whole.
    """
    content = unwrap(data, ChipFile.DG13)
    try:
        entries = list(_taken(_Holder.load(content, strict=True)["entries"]))
        fields = {_FIELD_OF[key]: _normal(_FIELD_OF[key], text) for key, text in entries}
    except Exception:  # asn1crypto raises half a dozen types on hostile bytes, lazily
        return None
    return fields if len(fields) == len(entries) and _F.ID_NUMBER in fields else None


def _taken(rows: _Entries) -> Iterator[tuple[int, str]]:
    """Keys that are taken, with their text; a key without a value, or with an empty one, is absent."""
    for row in rows:
        key = row[0].parse(core.Integer).native
        if key not in _FIELD_OF or len(row) < 2:
            continue
        text = nfc(str(row[1].parse().native))
        if text:
            yield key, text


def _normal(field: FieldName, text: str) -> str:
    """One form for each kind of value.

    Raises:
        ValueError: it has another form, so the key means something else than is known.
    """
    if field in _NUMBER_LENGTHS:
        if not (text.isascii() and text.isdecimal() and len(text) == _NUMBER_LENGTHS[field]):
            raise ValueError("not a number of that length")
        return text
    if field in (_F.DATE_OF_BIRTH, _F.DATE_OF_ISSUE):
        day = parse_date(text)
        if day is None:
            raise ValueError("not a date")
        return day.isoformat()
    if field is _F.DATE_OF_EXPIRY:
        expiry = find_expiry(text, (1.0,) * len(text))
        if expiry is None:
            raise ValueError("not a date of expiry")
        return expiry.text
    if field is _F.SEX and text not in _SEXES:
        raise ValueError("not a sex")
    return text.upper() if field is _F.FULL_NAME else text
