"""Text lines as a reader would hand them over, placed in millimetres on a card: no pixels, no model."""

from __future__ import annotations

import numpy as np

from pipeline.card.geometry import Quad, bounding_box
from pipeline.card.text import TextLine

PX_PER_MM = 18.0
CARD_WIDTH_PX = 85.6 * PX_PER_MM


def line(
    text: str,
    x_mm: float,
    y_mm: float,
    height_mm: float = 2.4,
    *,
    lean_deg: float = 0.0,
    score: float = 0.99,
    letter_mm: float | None = None,
) -> TextLine:
    """A line whose top left is at (x, y); letters are 0.42 of the height wide."""
    width = len(text) * (letter_mm or 0.42 * height_mm) * PX_PER_MM
    height = height_mm * PX_PER_MM
    turn = np.radians(lean_deg)
    right = np.array([np.cos(turn), np.sin(turn)]) * width
    down = np.array([-np.sin(turn), np.cos(turn)]) * height
    start = np.array([x_mm, y_mm]) * PX_PER_MM
    corners = Quad(np.array([start, start + right, start + right + down, start + down], np.float32))
    x1, _, x2, _ = bounding_box(corners)
    step = (x2 - x1) / max(len(text), 1)
    return TextLine(
        text=text,
        char_scores=(score,) * len(text),
        char_x=tuple(float(x1 + (i + 0.5) * step) for i in range(len(text))),
        corners=corners,
        box=bounding_box(corners),
    )
