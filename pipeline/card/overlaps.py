"""Letters that stand in two lines: where boxes of one row overlap, the left one's end repeats the right one's start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.card.text import TextLine
from pipeline.findings import Box

#: More letters than this are no overlap of two boxes.
_MOST_LETTERS = 4
#: Share of the smaller height that two lines of one row have in common.
_SAME_ROW = 0.5


def without_letters_read_twice(lines: Sequence[TextLine]) -> list[TextLine]:
    """Return lines without the letters at their ends that begin the next line of their row, in the same place.

    Args:
        lines: of one side, in pixels of the same picture.
    """
    return [_without_start_of(line, lines) for line in lines]


def _without_start_of(line: TextLine, others: Sequence[TextLine]) -> TextLine:
    for other in others:
        if other is not line and _runs_into(line.box, other.box):
            kept = len(line.text) - _repeated(line, other)
            if 0 < kept < len(line.text):
                return _cut(line, kept, other.box[0])
    return line


def _runs_into(left: Box, right: Box) -> bool:
    shared = min(left[3], right[3]) - max(left[1], right[1])
    is_row = shared >= _SAME_ROW * min(left[3] - left[1], right[3] - right[1])
    return is_row and left[0] < right[0] < left[2] < right[2]


def _repeated(line: TextLine, other: TextLine) -> int:
    """How many characters at the end of a line are the first ones of another, read where that stands."""
    for count in range(min(_MOST_LETTERS, len(line.text) - 1), 0, -1):
        stands_there = line.char_x[-count] >= other.box[0]
        if stands_there and other.text.startswith(line.text[-count:].strip()):
            return count
    return 0


def _cut(line: TextLine, kept: int, right_px: float) -> TextLine:
    text = line.text[:kept].rstrip()
    x1, y1, _, y2 = line.box
    corners = line.corners.copy()
    share = (right_px - x1) / max(line.box[2] - x1, 1.0)
    corners[1] = corners[0] + share * (line.corners[1] - line.corners[0])
    corners[2] = corners[3] + share * (line.corners[2] - line.corners[3])
    return replace(
        line,
        text=text,
        char_scores=line.char_scores[: len(text)],
        char_x=line.char_x[: len(text)],
        corners=corners,
        box=(x1, y1, right_px, y2),
    )
