"""Lines cut at their labels: the pieces of text and the labels of one side, in level boxes.

The lean that all lines share is taken out, or two rows of a card that stands a little askew would overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.card.geometry import join_boxes, quad_size
from pipeline.card.labels import find_labels, is_mark, mark_words
from pipeline.card.overlaps import without_letters_read_twice
from pipeline.card.text import TextLine
from pipeline.card.values import expiry_spans
from pipeline.findings import Box, FieldName

#: Print runs along the card: what leans more than this against the other lines was laid over it.
_LEANING_DEG = 10.0
#: Punctuation that means something at the end of a wrapped row.
_KEPT_ENDS = frozenset(",-)")
_KEPT_STARTS = frozenset("(-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text without a label; `scores` holds one probability per character.

    `box` is level, for comparing places; `seen` is where it stands in the picture.
    """

    text: str
    scores: tuple[float, ...]
    box: Box
    seen: Box

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

    @property
    def height(self) -> float:
        """Height of its line, pixels."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All labels and all pieces of one side."""

    labels: tuple[Label, ...]
    pieces: tuple[Piece, ...]

    def labels_of(self, field: FieldName) -> tuple[Label, ...]:
        """Return the places where a field is labelled; Vietnamese and English may stand apart."""
        return tuple(label for label in self.labels if label.field is field)

    def without(self, taken: Sequence[Piece]) -> Page:
        """Return the page without the pieces that belong to fields already."""
        return replace(self, pieces=tuple(piece for piece in self.pieces if piece not in taken))


def cut_page(lines: Sequence[TextLine]) -> Page:
    """Cut lines at their labels; leave out what was laid over the card to mark it as a specimen."""
    labels: list[Label] = []
    pieces: list[Piece] = []
    for line, level in _levelled(without_letters_read_twice(lines)):
        if is_mark(line.text):
            continue
        start = 0
        for span in (*find_labels(line.text), None):
            stop = span.start if span else len(line.text)
            pieces += _between(line, level, start, stop)
            if span:
                box = _part_of(level, line, span.start, span.stop)
                labels.append(Label(field=span.field, box=box))
                start = span.stop
    return Page(labels=tuple(labels), pieces=tuple(pieces))


def _levelled(lines: Sequence[TextLine]) -> list[tuple[TextLine, Box]]:
    """The lines that run along the card, each with its box after taking out the lean that all share."""
    leans = np.array([_lean_deg(line) for line in lines])
    usual = float(np.median(leans)) if len(leans) else 0.0
    return [
        (line, _level_box(line, usual))
        for line, lean in zip(lines, leans, strict=True)
        if abs(lean - usual) <= _LEANING_DEG and not _is_standing(line)
    ]


def _lean_deg(line: TextLine) -> float:
    across = line.corners[1] - line.corners[0] + line.corners[2] - line.corners[3]
    return float(np.degrees(np.arctan2(across[1], across[0])))


def _level_box(line: TextLine, lean_deg: float) -> Box:
    cos, sin = np.cos(np.radians(lean_deg)), np.sin(np.radians(lean_deg))
    x, y = line.corners.mean(axis=0)
    x, y = float(cos * x + sin * y), float(cos * y - sin * x)
    width, height = quad_size(line.corners)
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _is_standing(line: TextLine) -> bool:
    width, height = quad_size(line.corners)
    return len(line.text) >= 3 and height > 1.3 * width


def _between(line: TextLine, level: Box, start: int, stop: int) -> list[Piece]:
    """The pieces of a line between two labels: without the word SPECIMEN, and with dates apart from running text.

    Below the portrait the expiry ends where the address begins, and a detector may take both for one line.
    """
    pieces: list[Piece] = []
    cuts = [(span, False) for span in mark_words(line.text)]
    cuts += [(span, True) for span in expiry_spans(line.text)]
    for (left, right), is_value in sorted(cuts):
        if start <= left and right <= stop:
            pieces += _piece(line, level, start, left)
            pieces += _piece(line, level, left, right) if is_value else []
            start = right
    return pieces + _piece(line, level, start, stop)


def _piece(line: TextLine, level: Box, start: int, stop: int) -> list[Piece]:
    """The characters of a line from `start` to `stop`, without blanks and stray punctuation at the ends."""
    text = line.text
    while start < stop and not (text[start].isalnum() or text[start] in _KEPT_STARTS):
        start += 1
    while start < stop and not (text[stop - 1].isalnum() or text[stop - 1] in _KEPT_ENDS):
        stop -= 1
    if not any(c.isalnum() for c in text[start:stop]):
        return []
    return [
        Piece(
            text=text[start:stop],
            scores=line.char_scores[start:stop],
            box=_part_of(level, line, start, stop),
            seen=_part_of(line.box, line, start, stop),
        )
    ]


def _part_of(box: Box, line: TextLine, start: int, stop: int) -> Box:
    """The part of a line's box that its characters from `start` to `stop` take."""
    left, _, right, _ = line.box
    half = 0.5 / max(len(line.text), 1)
    scale = max(right - left, 1.0)
    first = 0.0 if start == 0 else (line.char_x[start] - left) / scale - half
    last = 1.0 if stop == len(line.text) else (line.char_x[stop - 1] - left) / scale + half
    x1, y1, x2, y2 = box
    begin = x1 + first * (x2 - x1)
    return begin, y1, max(x1 + last * (x2 - x1), begin + 1), y2


def join_pieces(parts: Sequence[Piece], separator: str) -> Piece:
    """Return one piece of several; a separator counts as surely read."""
    scores: list[float] = []
    for piece in parts:
        scores += [*([1.0] * len(separator) if scores else []), *piece.scores]
    return Piece(
        text=separator.join(piece.text for piece in parts),
        scores=tuple(scores),
        box=join_boxes([piece.box for piece in parts]),
        seen=join_boxes([piece.seen for piece in parts]),
    )
