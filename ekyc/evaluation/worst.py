"""The mistakes most worth a look."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from rapidfuzz.distance import Levenshtein

from ekyc.evaluation.comparison import Compared
from ekyc.evaluation.figures import SURE


def worst(rows: Iterable[Compared], count: int) -> list[Compared]:
    """Return what was read wrong: what is surely wrong first, then by share of wrong letters."""
    wrong = [row for row in rows if not row.right]
    return sorted(wrong, key=_badness, reverse=True)[:count]


def _badness(row: Compared) -> tuple[bool, float]:
    sure = row.read is not None and row.read.confidence >= SURE
    return sure, row.edits / max(1, len(row.truth))


def marked(truth: str, read: str) -> tuple[str, str]:
    """Return both texts as HTML with what differs marked."""
    left, right = "", ""
    for step in Levenshtein.opcodes(truth, read):
        one = escape(truth[step.src_start : step.src_end])
        other = escape(read[step.dest_start : step.dest_end])
        same = step.tag == "equal"
        left += one if same or not one else f"<ins>{one}</ins>"
        right += other if same or not other else f"<del>{other}</del>"
    return left, right or "<small>nothing</small>"
