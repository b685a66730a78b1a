"""Where a card's border should be, from where its text stands: for a card that blends into the table."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.geometry import CARD_ASPECT, Quad, order_corners

#: Text covers this share of a card's width and height.
_TEXT_SPAN = (0.80, 0.84)


def border_around_text(quads: Sequence[Quad]) -> Quad:
    """Return the turned rectangle around a photo's text, widened to where the card's border should be.

    Args:
        quads: at least one line, in pixels of the photo.
    """
    rectangle = cv2.minAreaRect(np.concatenate(_without_outliers(quads)))
    (x, y), (w, h), angle = rectangle
    if w < h:
        w, h, angle = h, w, angle - 90
    width = max(w / _TEXT_SPAN[0], h / _TEXT_SPAN[1] * CARD_ASPECT)
    corners = cv2.boxPoints(((x, y), (width, width / CARD_ASPECT), angle))
    return order_corners(np.asarray(corners, np.float32))


def _without_outliers(quads: Sequence[Quad]) -> list[NDArray[np.float32]]:
    """Leave out lines far from the others: a poster behind the card."""
    middles = np.array([quad.mean(axis=0) for quad in quads])
    away = np.linalg.norm(middles - np.median(middles, axis=0), axis=1)
    return [
        np.asarray(quad) for quad, d in zip(quads, away, strict=True) if d <= 3 * np.median(away)
    ]
