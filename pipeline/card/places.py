"""Which piece of text stands right of or below which label.

Everything is relative to the height of the text, not to millimetres: a card whose border was not found is still read,
and so is a layout that differs from the estimates that are public.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.card.geometry import join_boxes
from pipeline.card.pieces import Label, Page, Piece, join_pieces
from pipeline.findings import Box

#: Heights of the text between two pieces of one value: a column's edge is wider, a gap between words narrower.
_WORD_GAP, _FIRST_GAP = 3.0, 14.0
#: Rows of one value: the gap between them, and how their heights may differ.
_ROW_GAP, _ROW_HEIGHTS = 1.6, 1.8


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
            and _shares_column(other.box, label)
            and other.box[0] < label.box[2] + 2 * label.height
        ),
        default=float("inf"),
    )


def _shares_column(other: Box, label: Label) -> bool:
    """Whether a caption reaches under a label; one of the column on the left may touch its first letter."""
    starts = other[0] >= label.box[0] - 2 * label.height
    return other[2] > label.box[0] + (0.0 if starts else label.height)


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
