"""Which lines of a side hold no value that is asked for, judged from what was read of it and where that stands.

No template is laid over the side: a line is spared only beyond values that were read, and only on a side that is known
for sure. On a card that is laid out otherwise nothing is spared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.card.geometry import Quad, bounding_box
from pipeline.card.labels import is_mrz
from pipeline.card.phrases import contains, fold
from pipeline.card.text import TextLine
from pipeline.card.version import SURE_WEIGHT, SideKind, recognise_side
from pipeline.findings import CardVersion

_DATE, _NUMBER = re.compile(r"\d{2}/\d{2}/\d{4}"), re.compile(r"(?<!\d)\d{12}(?!\d)")
_ISSUER_ENDS = "HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI"
_DESCRIPTION = "Đặc điểm nhân dạng"
#: Labels that stand below the number of every front, each in two forms.
_BELOW_NUMBER = (("Họ và tên", "chữ đệm và tên"), ("Ngày sinh", "Ngày, tháng, năm sinh"))
#: A title in words: `CĂN CƯỚC` and `CĂN CƯỚC CÔNG DÂN`.
_TITLE = "CĂN CƯỚC"
#: The label of the name that only cards of 2024 print.
_NAME_OF_2024 = "chữ đệm và tên khai sinh"
#: A column of its own begins this far right of all that was read, in heights of its line: the captions of the prints
#: of the fingers stand 2.7 heights right of the issuer, the second part of a broken line half a height.
_COLUMN_GAP = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Spared:
    """Where no value stands: above or below a height, or right of an edge, all in pixels of the side."""

    above_px: float = float("-inf")
    below_px: float = float("inf")
    right_px: float = float("inf")

    def holds(self, quad: Quad) -> bool:
        """Return whether a line stands there."""
        x1, y1, _, y2 = bounding_box(quad)
        middle = (y1 + y2) / 2
        is_aside = x1 >= self.right_px + _COLUMN_GAP * (y2 - y1)
        return middle < self.above_px or middle > self.below_px or is_aside


def names_issuer(kind: SideKind | None, lines: Sequence[TextLine]) -> bool:
    """Return whether this surely is the back of a 2021 card whose issuer, its only value in small print, was read."""
    if kind is None or (kind.version, kind.side) != (CardVersion.CHIP_2021, "back"):
        return False
    return kind.weight >= SURE_WEIGHT and _says(lines, _ISSUER_ENDS)


def is_sure_front(kind: SideKind | None) -> bool:
    """Return whether this surely is a front."""
    return kind is not None and kind.side == "front" and kind.weight >= SURE_WEIGHT


def spared_by(lines: Sequence[TextLine], height_px: int) -> Spared | None:
    """Return where lines that were not read yet hold no value; None while that cannot be told.

    Args:
        lines: what was read of an upright side.
        height_px: of the side.
    """
    return _beyond_back(lines) or _above_number(lines, height_px)


def _beyond_back(lines: Sequence[TextLine]) -> Spared | None:
    """Below and beside the description, the date of issue and the issuer of a 2021 back, once all three were read."""
    dates = [line.box[3] for line in lines if _DATE.search(line.text)]
    if not dates or not (_says(lines, _ISSUER_ENDS) and _says(lines, _DESCRIPTION)):
        return None
    if not names_issuer(recognise_side(lines), lines):
        return None
    right = max(line.box[2] for line in lines if not is_mrz(line.text))
    return Spared(below_px=max(dates), right_px=right)


def _above_number(lines: Sequence[TextLine], height_px: int) -> Spared | None:
    """Above the number of a front, once that, the title or words of one version, and the labels below it were read."""
    tops = [line.box[1] for line in lines if _NUMBER.search(line.text.replace(" ", ""))]
    if not tops or min(tops) > height_px / 2:
        return None
    if not (_says(lines, _TITLE) or _says(lines, _NAME_OF_2024)):
        return None
    below = [line for line in lines if line.box[1] > min(tops)]
    if not all(any(_says(below, form) for form in forms) for forms in _BELOW_NUMBER):
        return None
    return Spared(above_px=min(tops)) if is_sure_front(recognise_side(lines)) else None


def _says(lines: Sequence[TextLine], phrase: str) -> bool:
    return any(contains(fold(line.text), phrase) for line in lines)
