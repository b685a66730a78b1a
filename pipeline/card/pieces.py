"""Lines cut at their labels, and which piece of text stands right of or below which label.

Everything is relative to the height of the text, not to millimetres: a card whose border was not found is still read,
and so is a layout that differs from the estimates that are public.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.card.geometry import join_boxes
from pipeline.card.phrases import find_labels
from pipeline.card.text import TextLine
from pipeline.findings import Box, FieldName


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text without a label; `scores` holds one probability per character."""

    text: str
    scores: tuple[float, ...]
    box: Box

    @property
    def height(self) -> float:
        """Height of its line, pixels."""
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        """Y of its middle, pixels."""
        return (self.box[1] + self.box[3]) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Where a field's label stands. `field` is None for fixed text that labels nothing."""

    field: FieldName | None
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All labels and all pieces of one side."""

    labels: tuple[Label, ...]
    pieces: tuple[Piece, ...]

    def labels_of(self, field: FieldName) -> tuple[Label, ...]:
        """Return the places where a field is labelled; Vietnamese and English may stand apart."""
        return tuple(label for label in self.labels if label.field is field)


def cut_page(lines: Sequence[TextLine]) -> Page:
    """Cut lines at their labels."""
    labels: list[Label] = []
    pieces: list[Piece] = []
    for line in lines:
        start = 0
        for span in find_labels(line.text):
            pieces += _piece(line, start, span.start)
            labels.append(Label(field=span.field, box=_span_box(line, span.start, span.stop)))
            start = span.stop
        pieces += _piece(line, start, len(line.text))
    return Page(labels=tuple(labels), pieces=tuple(pieces))


def _piece(line: TextLine, start: int, stop: int) -> list[Piece]:
    """The characters of a line from `start` to `stop`, without blanks and stray punctuation at the ends."""
    while start < stop and not line.text[start].isalnum():
        start += 1
    while start < stop and not (line.text[stop - 1].isalnum() or line.text[stop - 1] in ")<"):
        stop -= 1
    if start >= stop:
        return []
    scores = line.char_scores[start:stop]
    box = _span_box(line, start, stop)
    return [Piece(text=line.text[start:stop], scores=scores, box=box)]


def _span_box(line: TextLine, start: int, stop: int) -> Box:
    x1, y1, x2, y2 = line.box
    half = (x2 - x1) / max(len(line.text), 1) / 2
    left = x1 if start == 0 else line.char_x[start] - half
    right = x2 if stop == len(line.text) else line.char_x[stop - 1] + half
    return left, y1, max(right, left + 1), y2


# ---------------------------------------------------------------- places


def same_row(a: Box, b: Box) -> bool:
    """Return whether two boxes stand on one line: they share half of the smaller one's height."""
    shared = min(a[3], b[3]) - max(a[1], b[1])
    return shared >= 0.5 * min(a[3] - a[1], b[3] - b[1])


def right_of(page: Page, label: Label) -> list[Piece]:
    """Return the pieces on the label's own row up to the next label, from left to right."""
    height = label.box[3] - label.box[1]
    edge = min(
        (
            other.box[0]
            for other in page.labels
            if other is not label
            and same_row(other.box, label.box)
            and other.box[0] >= label.box[2] - height
            and other.field is not label.field
        ),
        default=float("inf"),
    )
    row = [
        piece
        for piece in page.pieces
        if same_row(piece.box, label.box) and label.box[2] - height <= piece.box[0] < edge
    ]
    return sorted(row, key=lambda piece: piece.box[0])


def below(page: Page, label: Label, *, rows: int) -> list[list[Piece]]:
    """Return up to `rows` rows of pieces under a label, each from left to right.

    Rows follow one another without a gap, start no further left than the label, and end above the next label.
    """
    height = label.box[3] - label.box[1]
    column = [
        piece
        for piece in page.pieces
        if piece.middle > label.box[3] - 0.25 * height
        and piece.box[0] >= label.box[0] - 2 * height
        and not same_row(piece.box, label.box)
    ]
    floor = _next_label_y(page, label)
    found: list[list[Piece]] = []
    last = label.box
    for row in _rows([piece for piece in column if piece.middle < floor]):
        box = join_boxes([piece.box for piece in row])
        if len(found) == rows or box[1] - last[3] > 1.6 * max(height, box[3] - box[1]):
            break
        found.append(row)
        last = box
    return found


def _next_label_y(page: Page, label: Label) -> float:
    height = label.box[3] - label.box[1]
    return min(
        (
            other.box[1]
            for other in page.labels
            if other.field is not label.field
            and other.box[1] > label.box[1] + 0.5 * height
            and other.box[2] > label.box[0]
        ),
        default=float("inf"),
    )


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.middle):
        if rows and same_row(rows[-1][-1].box, piece.box):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda p: p.box[0]) for row in rows]


def gap(label: Box, value: Box) -> float:
    """Return how far a value stands from its label, in heights of the label.

    On the label's own row the way to the right counts; elsewhere the step to another row costs one height more.
    """
    height = max(label[3] - label[1], 1.0)
    dx = max(0.0, label[0] - value[2], value[0] - label[2]) / height
    if same_row(label, value):
        return dx
    dy = max(0.0, label[1] - value[3], value[1] - label[3]) / height
    return 1.0 + dx + dy
