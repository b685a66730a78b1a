"""Who issued a card: a title without a label, of which there are few forms."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from rapidfuzz import fuzz

from pipeline.card.geometry import join_boxes
from pipeline.card.labels import find_labels
from pipeline.card.phrases import MINISTRY, POLICE_DEPARTMENT, fold
from pipeline.card.printed import PrintedField
from pipeline.card.text import TextLine
from pipeline.card.values import nfc
from pipeline.findings import CardVersion

_TITLES = {
    CardVersion.CHIP_2021: (*POLICE_DEPARTMENT, MINISTRY),
    CardVersion.BARCODE_2016: POLICE_DEPARTMENT,
    CardVersion.CAN_CUOC_2024: (MINISTRY,),
}
#: Beginnings of the titles of provincial police, who issued what the department did not.
_PROVINCIAL = ("GIÁM ĐỐC CÔNG AN", "TRƯỞNG CÔNG AN", "CÔNG AN TỈNH", "CÔNG AN THÀNH PHỐ")
_LEAST_PART, _LEAST_RATIO = 85.0, 80.0


def read_authority(lines: Sequence[TextLine], version: CardVersion) -> PrintedField | None:
    """Return who issued the card, or None if no title is on these lines.

    The printed words only choose among the known titles of the version; a provincial title is kept as read.
    """
    known = (_match_title(lines, title) for title in _TITLES.get(version, ()))
    best = max(
        (found for found in known if found), key=lambda found: found.confidence, default=None
    )
    return best or _provincial_title(lines)


def _match_title(lines: Sequence[TextLine], title: str) -> PrintedField | None:
    """Match a title with the lines that are parts of it; its translation may stand behind a stroke."""
    wanted = fold(title)
    folded = ((line, fold(_without_caption(line.text).partition("/")[0])) for line in lines)
    parts = [
        (line, text)
        for line, text in folded
        if 6 <= len(text) <= len(wanted) + 3 and fuzz.partial_ratio(text, wanted) >= _LEAST_PART
    ]
    parts.sort(key=lambda part: part[0].box[1])
    # Another line may resemble a part: `Giuộc, Long An` is as near to `Bộ Công an`.
    runs = (parts[i:j] for i, j in combinations(range(len(parts) + 1), 2))
    ratios = ((fuzz.ratio("".join(text for _, text in run), wanted), run) for run in runs)
    ratio, run = max(ratios, key=lambda rated: rated[0], default=(0.0, []))
    return _title(title, [line for line, _ in run], ratio / 100) if ratio >= _LEAST_RATIO else None


def _without_caption(text: str) -> str:
    """What stands before a caption on the same line: that of a fingerprint may run into a title."""
    captions = (label for label in find_labels(text) if fold(text[: label.start]))
    return next((text[: label.start] for label in captions), text)


def _provincial_title(lines: Sequence[TextLine]) -> PrintedField | None:
    """A title as read: the line that begins with the office and, if that names no place, the line below it."""
    starts = (
        line
        for line in lines
        if any(fold(line.text).startswith(fold(title)) for title in _PROVINCIAL)
    )
    first = next(starts, None)
    if first is None:
        return None
    parts = [first]
    if any(fold(first.text) == fold(title) for title in _PROVINCIAL):
        parts += _line_below(first, lines)
    scores = [score for line in parts for score in line.char_scores]
    return _title(nfc(" ".join(line.text for line in parts)).upper(), parts, min(scores))


def _line_below(line: TextLine, lines: Sequence[TextLine]) -> list[TextLine]:
    height = line.box[3] - line.box[1]
    under = [
        other
        for other in lines
        if 0.3 * height < other.box[1] - line.box[1] < 2.5 * height
        and min(other.box[2], line.box[2]) > max(other.box[0], line.box[0])
    ]
    return sorted(under, key=lambda other: other.box[1])[:1]


def _title(value: str, parts: Sequence[TextLine], confidence: float) -> PrintedField:
    scores = tuple(score for line in parts for score in line.char_scores)
    return PrintedField(
        value=value,
        confidence=confidence,
        weakest=min(scores),
        box=join_boxes([line.box for line in parts]),
        scores=scores,
    )
