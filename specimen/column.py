"""Sets fields into a column of a card, as a designer does: labels and values row by row, smaller if they do not fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from specimen.canvas import Colour

#: Baseline to baseline over the em: room for a capital with two marks.
_LEADING, _ASCENT = 1.3, 1.02
_LEAST_SCALE, _SHRINK = 0.5, 0.97
#: A row that is given more air than this looks torn.
_MOST_AIR_MM = 1.3
_BETWEEN_CELLS_MM, _AFTER_LABEL_MM = 1.6, 0.9

#: Width in mm of a text in a font (a file) at an em in mm.
Measure = Callable[[str, str, float], float]


class Place(StrEnum):
    """Where a value stands against its label."""

    BESIDE = "beside"
    BELOW = "below"
    #: Beside, and wrapped to the margin of the column.
    HANGING = "hanging"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedText:
    """A piece of text on a card."""

    role: str
    text: str
    x_mm: float
    baseline_mm: float
    font: str
    em_mm: float
    colour: Colour
    tracking_em: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """How a label or value is set."""

    font: str
    em_mm: float
    colour: Colour
    tracking_em: float = 0.0

    def scaled(self, share: float) -> Type:
        """The same, larger or smaller."""
        return replace(self, em_mm=self.em_mm * share)

    def width_mm(self, text: str, measure: Measure) -> float:
        """Width of a text set in this type."""
        return measure(text, self.font, self.em_mm) + len(text) * self.tracking_em * self.em_mm

    def place(self, role: str, text: str, at_mm: tuple[float, float]) -> PlacedText:
        """A text in this type, from the left end of its baseline on."""
        return PlacedText(
            role=role,
            text=text,
            x_mm=at_mm[0],
            baseline_mm=at_mm[1],
            font=self.font,
            em_mm=self.em_mm,
            colour=self.colour,
            tracking_em=self.tracking_em,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A field to be set."""

    field: str
    label: str
    value: str
    label_type: Type
    value_type: Type
    place: Place
    #: Share of the column's width that a value may fill.
    width: float = 1.0
    #: A value beside its label starts at least this far from the margin.
    tab_mm: float = 0.0


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The area of a column; `right_at` gives the right margin for a line at a height."""

    left_mm: float
    top_mm: float
    bottom_mm: float
    right_at: Callable[[float], float]


class DoesNotFit(Exception):
    """A column cannot hold its rows even at half their size."""


def set_column(
    rows: Sequence[Row],
    column: Column,
    measure: Measure,
    *,
    jitter_mm: float,
    rng: np.random.Generator,
) -> list[PlacedText]:
    """Set rows from the top down and share the room that is left among them.

    Args:
        rows: what to set; a row of several cells stands on one line if it fits, else on several.
        column: where.
        measure: width of a text.
        jitter_mm: how far each row may be shifted sideways.
        rng: draws these shifts.

    Raises:
        DoesNotFit: not even at half the size.
    """
    shifts = [float(rng.uniform(-jitter_mm, jitter_mm)) for _ in rows]
    scale = 1.0
    while True:
        setter = _Setter(column=column, measure=measure, scale=scale, air_mm=0.0)
        spare = column.bottom_mm - setter.set(rows, shifts)
        if spare >= 0:
            break
        scale *= _SHRINK
        if scale < _LEAST_SCALE:
            raise DoesNotFit(f"{len(rows)} rows in {column.bottom_mm - column.top_mm:.1f} mm")
    air = min(_MOST_AIR_MM, spare / len(rows)) * float(rng.uniform(0.3, 0.95))
    for share in (1.0, 0.5, 0.0):
        airy = _Setter(column=column, measure=measure, scale=scale, air_mm=air * share)
        if airy.set(rows, shifts) <= column.bottom_mm:
            return airy.texts
    return setter.texts


class _Setter:
    """One attempt at a column."""

    def __init__(self, *, column: Column, measure: Measure, scale: float, air_mm: float) -> None:
        self._column, self._measure, self._scale, self._air = column, measure, scale, air_mm
        self.texts: list[PlacedText] = []
        self._sticks_out = False

    def set(self, rows: Sequence[Row], shifts: Sequence[float]) -> float:
        """Set all rows; returns where the last one ends, infinitely low if something is too wide."""
        y = self._column.top_mm
        for row, shift in zip(rows, shifts, strict=True):
            y = self._set_row(row, self._column.left_mm + shift, y) + self._air
        return np.inf if self._sticks_out else y - self._air

    def _set_row(self, row: Row, left: float, top: float) -> float:
        if len(row) > 1 and self._fits_one_line(row, left, top):
            return self._set_beside_one_another(row, left, top)
        for cell in row:
            top = self._set_cell(cell, left, top)
        return top

    def _fits_one_line(self, row: Row, left: float, top: float) -> bool:
        width = sum(self._cell_width(cell) for cell in row) + _BETWEEN_CELLS_MM * (len(row) - 1)
        return left + width <= self._column.right_at(top)

    def _cell_width(self, cell: Cell) -> float:
        label, value = self._types(cell)
        return (
            label.width_mm(cell.label, self._measure)
            + _AFTER_LABEL_MM
            + value.width_mm(cell.value, self._measure)
        )

    def _set_beside_one_another(self, row: Row, left: float, top: float) -> float:
        right = self._column.right_at(top)
        spare = right - left - sum(self._cell_width(cell) for cell in row)
        gap = _BETWEEN_CELLS_MM + 0.4 * (spare / (len(row) - 1) - _BETWEEN_CELLS_MM)
        bottoms = []
        for cell in row:
            bottoms.append(self._set_cell(replace(cell, place=Place.BESIDE, tab_mm=0.0), left, top))
            left += self._cell_width(cell) + gap
        return max(bottoms)

    def _set_cell(self, cell: Cell, left: float, top: float) -> float:
        label, value = self._types(cell)
        label_end = left + label.width_mm(cell.label, self._measure)
        start = max(label_end + _AFTER_LABEL_MM, left + cell.tab_mm)
        one_line = start + value.width_mm(cell.value, self._measure)
        beside = cell.place is not Place.BELOW and (
            cell.place is Place.HANGING or one_line <= self._column.right_at(top)
        )
        baseline = top + _ASCENT * (max(label.em_mm, value.em_mm) if beside else label.em_mm)
        self._put("caption", cell.label, left, baseline, label)
        self._sticks_out |= label_end > self._column.right_at(top)
        if not beside:
            return self._set_lines(cell, value, left, (left, baseline + _LEADING * value.em_mm))
        return self._set_lines(cell, value, left, (start, baseline))

    def _set_lines(self, cell: Cell, type_: Type, left: float, start: tuple[float, float]) -> float:
        """Fill lines word by word from `start` on, then from the left margin; returns where they end."""
        words = cell.value.split()
        (x, baseline), first = start, True
        while words:
            right = self._right(cell, left, baseline - type_.em_mm)
            count = len(words)
            while count and x + type_.width_mm(" ".join(words[:count]), self._measure) > right:
                count -= 1
            if not count and not (first and x > left):
                count, self._sticks_out = 1, True
            if count:
                self._put(cell.field, " ".join(words[:count]), x, baseline, type_)
            words, x, first = words[count:], left, False
            baseline += _LEADING * type_.em_mm if words else 0.0
        return baseline + (_LEADING - _ASCENT) * type_.em_mm

    def _right(self, cell: Cell, left: float, top: float) -> float:
        edge = self._column.right_at(top)
        return left + (edge - left) * cell.width

    def _types(self, cell: Cell) -> tuple[Type, Type]:
        return cell.label_type.scaled(self._scale), cell.value_type.scaled(self._scale)

    def _put(self, role: str, text: str, x: float, baseline: float, type_: Type) -> None:
        self.texts.append(type_.place(role, text, (x, baseline)))
