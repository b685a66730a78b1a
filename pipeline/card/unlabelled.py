"""Values whose label was not read: found by where they stand, or by what else is missing; marked as such."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.card.printed import Mark, PrintedField
from pipeline.card.side_text import SideText, printed_value
from pipeline.card.values import (
    Value,
    find_date,
    find_expiry,
    find_name,
    find_nationality,
    find_sex,
    is_name_part,
)
from pipeline.card.zones import in_zone
from pipeline.findings import FieldName

_F = FieldName
Parser = Callable[[str, Sequence[float]], Value | None]


def read_unlabelled(side: SideText, missing: Sequence[FieldName]) -> dict[FieldName, PrintedField]:
    """Return the missing fields of a side that can be told without their labels."""
    placed = {name: found for name in missing if (found := _by_place(side, name)) is not None}
    return placed | _by_elimination(side, [name for name in missing if name not in placed])


def _by_place(side: SideText, name: FieldName) -> PrintedField | None:
    """Take what stands where the value usually does and has its shape, if no label of it was read."""
    if name not in _PLACED or side.card_width_px is None or side.page.labels_of(name):
        return None
    parse, fits = _PLACED[name]
    pieces = [
        piece
        for piece in in_zone(side.free, side.version, side.side, name, side.card_width_px)
        if fits(piece.text)
    ]
    for piece in pieces:
        value = parse(piece.text, piece.scores)
        if value is not None:
            side.take(piece)
            return printed_value(value, [piece], Mark.LABEL_UNREAD)
    return None


def _by_elimination(side: SideText, missing: Sequence[FieldName]) -> dict[FieldName, PrintedField]:
    """Give the dates that no label claims to the dates that are missing, if there are as many.

    A person is born before a card is issued, and that is before it expires.
    """
    names = [name for name in _DATES if name in missing]
    if any(side.page.labels_of(name) for name in names):
        return {}  # a date that was not near its label may be the one that is left
    dates = [
        (value.text, piece, value)
        for piece in side.free.pieces
        if (value := find_date(piece.text, piece.scores)) is not None
    ]
    if len(names) != len(dates) or len({text for text, _, _ in dates}) != len(dates):
        return {}
    found: dict[FieldName, PrintedField] = {}
    for name, (_, piece, value) in zip(names, sorted(dates, key=lambda d: d[0]), strict=True):
        printed = printed_value(value, [piece], Mark.LABEL_UNREAD)
        found |= {name: printed} if printed else {}
    return found


def _is_full_name(text: str) -> bool:
    return is_name_part(text) and len(text.split()) >= 2


def _is_nationality(text: str) -> bool:
    found = find_nationality(text, (1.0,) * len(text))
    return found is not None and found.text == "Việt Nam"


def _any(text: str) -> bool:
    return bool(text)


_DATES = (_F.DATE_OF_BIRTH, _F.DATE_OF_ISSUE, _F.DATE_OF_EXPIRY)
#: A place alone names no field of running text: an address in the wrong place would be another field's.
_PLACED: dict[FieldName, tuple[Parser, Callable[[str], bool]]] = {
    _F.FULL_NAME: (find_name, _is_full_name),
    _F.DATE_OF_BIRTH: (find_date, _any),
    _F.SEX: (find_sex, _any),
    _F.NATIONALITY: (find_nationality, _is_nationality),
    _F.DATE_OF_ISSUE: (find_date, _any),
    _F.DATE_OF_EXPIRY: (find_expiry, _any),
}
