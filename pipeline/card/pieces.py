"""Lines cut at their labels, and which piece of text stands right of or below which label.

Everything is relative to the height of the text, not to millimetres: a card whose border was not found is still read,
and so is a layout that differs from the estimates that are public. Boxes are level: the lean that all lines share is
taken out, or two rows of a card that stands a little askew would overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.card.geometry import join_boxes, quad_size
from pipeline.card.labels import find_labels, is_mark, mark_words
from pipeline.card.text import TextLine
from pipeline.card.values import expiry_spans
from pipeline.findings import Box, FieldName

#: Print runs along the card: what leans more than this against the other lines was laid over it.
_LEANING_DEG = 10.0
#: Heights of the text between two pieces of one value: a column's edge is wider, a gap between words narrower.
_WORD_GAP, _FIRST_GAP = 3.0, 14.0
#: Rows of one value: the gap between them, and how their heights may differ.
_ROW_GAP, _ROW_HEIGHTS = 1.6, 1.8
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
    for line, level in _levelled(lines):
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


# ---------------------------------------------------------------- places


def same_row(a: Box, b: Box) -> bool:
    """Return whether two boxes stand on one line: they share half of the smaller one's height."""
    shared = min(a[3], b[3]) - max(a[1], b[1])
    return shared >= 0.5 * min(a[3] - a[1], b[3] - b[1])


def right_of(page: Page, label: Label) -> list[Piece]:
    """Return the pieces on the label's own row up to the next label or the next column, from left to right."""
    height = label.height
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
    return _connected(sorted(row, key=lambda piece: piece.box[0]), label)


def _connected(row: Sequence[Piece], label: Label) -> list[Piece]:
    kept: list[Piece] = []
    end, most = label.box[2], _FIRST_GAP * label.height
    for piece in row:
        if piece.box[0] - end > most:
            break
        kept.append(piece)
        end, most = piece.box[2], _WORD_GAP * piece.height
    return kept


def below(
    page: Page, label: Label, *, rows: int, fits: Callable[[str], bool] = bool
) -> list[list[Piece]]:
    """Return up to `rows` rows of pieces under a label, each from left to right.

    Rows follow one another without a gap, start under the label or run on beneath it from further left, look alike, and
    end above the next label or above the first row whose text does not fit.
    """
    floor = _next_label_y(page, label)
    column = [
        piece
        for piece in page.pieces
        if label.box[3] - 0.25 * label.height < piece.middle < floor
        and not same_row(piece.box, label.box)
        and _is_under(piece, label)
    ]
    found: list[list[Piece]] = []
    last, height = label.box, label.height
    for row in rows_of(column):
        kept = _one_column(row, label)
        if not kept:
            continue
        box = join_boxes([piece.box for piece in kept])
        too_far = box[1] - last[3] > _ROW_GAP * max(height, box[3] - box[1])
        unlike = bool(found) and not _alike(box[3] - box[1], height)
        if len(found) == rows or too_far or unlike or not fits(_text_of(kept)):
            break
        found.append(kept)
        last, height = box, box[3] - box[1]
    return found


def _is_under(piece: Piece, label: Label) -> bool:
    """Starts no further left than the label, or does and reaches well under it."""
    starts = piece.box[0] >= label.box[0] - 2 * label.height
    return starts or piece.box[2] > label.box[0] + 4 * label.height


def _one_column(row: Sequence[Piece], label: Label) -> list[Piece]:
    """The pieces of a row from its start under the label up to the next column."""
    if row[0].box[0] > label.box[2] + 2 * label.height:
        return []
    kept = [row[0]]
    for piece in row[1:]:
        if piece.box[0] - kept[-1].box[2] > _WORD_GAP * piece.height:
            break
        kept.append(piece)
    return kept


def _alike(height: float, other: float) -> bool:
    return 1 / _ROW_HEIGHTS <= height / max(other, 1e-6) <= _ROW_HEIGHTS


def _text_of(row: Sequence[Piece]) -> str:
    return " ".join(piece.text for piece in row)


def _next_label_y(page: Page, label: Label) -> float:
    return min(
        (
            other.box[1]
            for other in page.labels
            if other.field is not label.field
            and other.box[1] > label.box[1] + 0.5 * label.height
            and other.box[2] > label.box[0]
            and other.box[0] < label.box[2] + 2 * label.height
        ),
        default=float("inf"),
    )


def rows_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return pieces grouped by row, from top to bottom and left to right."""
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


def joined_runs(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces joined with the next one or two on their row: the detector cuts numbers in two.

    Without the single pieces; the text is joined without a space.
    """
    runs: list[Piece] = []
    for row in rows_of(pieces):
        for start in range(len(row)):
            parts = [row[start]]
            for piece in row[start + 1 : start + 3]:
                if piece.box[0] - parts[-1].box[2] > _WORD_GAP * piece.height:
                    break
                parts.append(piece)
                runs.append(join_pieces(parts, ""))
    return runs


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
