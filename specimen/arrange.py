"""A designer's draft of one side: every text placed, every picture's region, for any version of card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from specimen.canvas import Box
from specimen.column import Cell, Measure, Place, PlacedText, Row, Type
from specimen.layout import CARD_MM, Side
from specimen.people import CardVersion
from specimen.style import NEIGHBOUR_JITTER_MM, SLOT_JITTER_MM, PrintStyle

#: Usual size of type in mm.
LABEL_EM_MM, VALUE_EM_MM = 1.9, 2.35
BOTTOM_MM = CARD_MM[1] - 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Where everything stands on a side. Regions are name -> (x, y, width, height) in mm."""

    texts: tuple[PlacedText, ...]
    regions: Mapping[str, Box]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a designer has at hand: the card's values, a style, a ruler and dice."""

    version: CardVersion
    side: Side
    values: Mapping[str, str]
    style: PrintStyle
    measure: Measure
    rng: np.random.Generator

    def slip(self, most_mm: float = SLOT_JITTER_MM) -> float:
        """A shift of a whole slot, in mm."""
        return float(self.rng.uniform(-most_mm, most_mm)) * self.style.jitter

    @property
    def row_jitter_mm(self) -> float:
        """How far neighbouring rows may be shifted against one another."""
        return NEIGHBOUR_JITTER_MM * self.style.jitter

    def label_type(self, em_mm: float = LABEL_EM_MM) -> Type:
        """Type of labels."""
        style = self.style
        return Type(
            font=style.faces.caption, em_mm=em_mm * style.label_size, colour=style.label_ink
        )

    def value_type(self, em_mm: float = VALUE_EM_MM, *, bold: bool = False) -> Type:
        """Type of values."""
        style = self.style
        return Type(
            font=style.faces.bold if bold or style.bold_values else style.faces.regular,
            em_mm=em_mm * style.value_size,
            colour=style.value_ink,
            tracking_em=style.tracking_em,
        )

    def title_type(self, em_mm: float, *, red: bool) -> Type:
        """Type of titles."""
        style = self.style
        colour = style.red_ink if red else style.label_ink
        return Type(font=style.faces.caption_bold, em_mm=em_mm * style.title_size, colour=colour)

    def cell(self, field: str, em_mm: float = VALUE_EM_MM, *, address: bool = False) -> Cell:
        """A field, its value placed by the style's chances."""
        style = self.style
        places = (Place.BELOW, Place.HANGING) if address else (Place.BELOW, Place.BESIDE)
        below = self.rng.random() < (1 - style.hanging if address else style.below)
        return Cell(
            field=field,
            label=style.wording.label(self.version, field),
            value=self.values[field],
            label_type=self.label_type(),
            value_type=self.value_type(em_mm),
            place=places[0] if below else places[1],
            width=style.address_width if address else 1.0,
            tab_mm=style.tab_mm,
        )

    def number(self) -> Cell:
        """The number: large, bold, on some designs red."""
        type_ = self.value_type(4.0, bold=True)
        colour = self.style.red_ink if self.style.number_red else type_.colour
        long_label = self.version is CardVersion.CAN_CUOC_2024
        return Cell(
            field="id_number",
            label=self.style.wording.label(self.version, "id_number"),
            value=self.values["id_number"],
            label_type=self.label_type(2.0),
            value_type=replace(type_, colour=colour, tracking_em=self.style.number_tracking_em),
            place=Place.BELOW if long_label else Place.BESIDE,
        )

    def name(self) -> Cell:
        """The name: under its label on most designs."""
        beside = self.rng.random() < (1 - self.style.below) * 0.3
        return Cell(
            field="full_name",
            label=self.style.wording.label(self.version, "full_name"),
            value=self.values["full_name"],
            label_type=self.label_type(),
            value_type=self.value_type(2.7, bold=self.rng.random() < 0.7),
            place=Place.BESIDE if beside else Place.BELOW,
        )

    def centred(
        self, lines: Sequence[tuple[str, str, Type]], top_mm: float, span: tuple[float, float]
    ) -> tuple[list[PlacedText], float]:
        """Centre (role, text, type) lines between margins, smaller where too wide; returns them and their end."""
        placed, y, middle = [], top_mm, sum(span) / 2
        for role, text, type_ in lines:
            width = type_.width_mm(text, self.measure)
            fitting = type_.scaled(min(1.0, (span[1] - span[0]) / width))
            y += 1.02 * fitting.em_mm
            left = middle - fitting.width_mm(text, self.measure) / 2
            placed.append(fitting.place(role, text, (left, y)))
            y += 0.22 * fitting.em_mm
        return placed, y


def sex_and_nationality(desk: Desk) -> list[Row]:
    """One row for both, or a row for each."""
    cells = desk.cell("sex"), desk.cell("nationality")
    return [cells] if desk.rng.random() < 0.8 else [(cells[0],), (cells[1],)]
