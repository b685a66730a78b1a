"""The card on a case page: its sides with the places of fields, and what every source says of each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from pipeline.findings import FieldName, Source
from pipeline.policy import POLICY_V1
from store.pictures import PictureView

#: The sources in the order of their columns; what a person put in is shown with the value.
SOURCES = (Source.OCR, Source.QR, Source.MRZ, Source.CHIP)
SIDES = ("card_front", "card_back")
_DATES = frozenset({FieldName.DATE_OF_BIRTH, FieldName.DATE_OF_ISSUE, FieldName.DATE_OF_EXPIRY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one source says of a field: `parts` are its text, cut where it differs from the print.

    `state` is "" (nothing to compare), "same", "different", "slip" or "unsure"; see `pipeline.card.crosscheck`.
    """

    source: Source
    parts: tuple[tuple[str, bool], ...]
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """One field. `level` is "bad" where sources contradict one another, "warn" where the reading is doubtful."""

    name: FieldName
    value: str
    edited_from: str | None
    edited_by: str | None
    confidence_percent: float
    source: str
    cells: tuple[Cell, ...]
    level: str
    codes_differ: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a field is printed, in the pixels of its side's picture."""

    name: FieldName
    x: float
    y: float
    width: float
    height: float
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSide:
    """A rectified side and the places of fields on it."""

    picture: PictureView
    places: tuple[Place, ...]


def field_rows(fields: Mapping[FieldName, dict[str, Any]]) -> tuple[FieldRow, ...]:
    """Return the rows of the comparison, as `store.fields.get_fields` gives the fields."""
    return tuple(_row(name, fields[name]) for name in FieldName if name in fields)


def sources_shown(rows: Sequence[FieldRow]) -> tuple[Source, ...]:
    """Return the sources that say anything at all."""
    said = {cell.source for row in rows for cell in row.cells if cell.parts}
    return tuple(source for source in SOURCES if source in said)


def card_sides(
    pictures: Sequence[PictureView],
    fields: Mapping[FieldName, dict[str, Any]],
    rows: Sequence[FieldRow],
) -> tuple[CardSide, ...]:
    """Return the sides that were read."""
    levels = {row.name: row.level for row in rows}
    return tuple(
        CardSide(picture=picture, places=tuple(_places(side, fields, levels)))
        for side in SIDES
        for picture in pictures
        if picture.name == side
    )


def _places(
    side: str, fields: Mapping[FieldName, dict[str, Any]], levels: Mapping[FieldName, str]
) -> list[Place]:
    return [
        Place(
            name=name, x=box[0], y=box[1], width=box[2] - box[0], height=box[3] - box[1],
            level=levels[name],
        )
        for name, field in fields.items()
        if (box := field["box"]) and f"card_{field['side']}" == side
    ]  # fmt: skip


def _row(name: FieldName, field: Mapping[str, Any]) -> FieldRow:
    edited = field["edited"]
    cells = tuple(_cell(name, field, source) for source in SOURCES)
    codes_differ = any(_is_between_codes(mark) for mark in field["checks"])
    return FieldRow(
        name=name,
        value=shown(name, field["value"]),
        edited_from=shown(name, edited["before"] or "") if edited else None,
        edited_by=edited["by"] if edited else None,
        confidence_percent=100 * field["confidence"],
        source=str(field["source"]),
        cells=cells,
        level=_level(field, cells, codes_differ=codes_differ),
        codes_differ=codes_differ,
    )


def _level(field: Mapping[str, Any], cells: Sequence[Cell], *, codes_differ: bool) -> str:
    if codes_differ or any(cell.state == "different" for cell in cells):
        return "bad"
    doubtful = field["confidence"] < POLICY_V1.min_field_confidence
    slipped = any(cell.state in ("slip", "unsure") for cell in cells)
    return "warn" if doubtful or slipped or field["edited"] else "good"


def _is_between_codes(mark: str) -> bool:
    return mark.endswith("_different") and mark.count("_") == 2


def _cell(name: FieldName, field: Mapping[str, Any], source: Source) -> Cell:
    said = field["readings"].get(str(source))
    if said is None:
        return Cell(source=source, parts=(), state="")
    found = [mark for mark in field["checks"] if mark.startswith(f"{source}_")]
    state = next((mark.partition("_")[2] for mark in found if not _is_between_codes(mark)), "")
    text = shown(name, said)
    printed = field["readings"].get(str(Source.OCR))
    compared = state in ("different", "slip") and printed is not None
    parts = differences(text, shown(name, printed)) if compared else ((text, False),)
    return Cell(source=source, parts=parts, state=state)


def shown(name: FieldName, value: str) -> str:
    """Return a value as people write it: dates by day, month and year."""
    if name not in _DATES:
        return value
    try:
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    except ValueError:
        return value


def differences(text: str, other: str) -> tuple[tuple[str, bool], ...]:
    """Return `text` in parts, each with whether it is unlike `other`; nothing is left out."""
    matcher = SequenceMatcher(a=other, b=text, autojunk=False)
    return tuple(
        (text[start:end], tag != "equal")
        for tag, _, _, start, end in matcher.get_opcodes()
        if end > start
    )
