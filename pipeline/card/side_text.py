"""The text of one side while its fields are taken from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.card.geometry import join_boxes
from pipeline.card.pieces import Page, Piece
from pipeline.card.printed import Mark, PrintedField, printed_confidence
from pipeline.card.values import Value
from pipeline.findings import CardVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class SideText:
    """One side being read; `taken` grows with the pieces that belong to fields already."""

    page: Page
    version: CardVersion
    side: str
    card_width_px: float | None
    taken: list[Piece] = field(default_factory=list)

    @property
    def free(self) -> Page:
        """What belongs to no field yet."""
        return self.page.without(self.taken)

    def take(self, found: Piece) -> None:
        """Mark a piece, or the parts it was joined of, as belonging to a field."""
        x1, y1, x2, y2 = found.box
        self.taken.extend(
            piece
            for piece in self.page.pieces
            if x1 <= piece.box[0]
            and piece.box[2] <= x2
            and y1 <= piece.box[1]
            and piece.box[3] <= y2
            and piece.text in found.text
        )


def printed_value(
    value: Value | None, pieces: Sequence[Piece], *marks: Mark
) -> PrintedField | None:
    """Return a value with where it stands; None if there is none."""
    if value is None or not pieces:
        return None
    return PrintedField(
        value=value.text,
        confidence=printed_confidence(value.scores),
        weakest=min(value.scores, default=0.0),
        box=join_boxes([piece.seen for piece in pieces]),
        scores=value.scores,
        marks=marks,
    )
