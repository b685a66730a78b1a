"""Small grey pictures of the face, one a frame, at one size whatever the camera: what cues look at after the pass."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage
from pipeline.liveness.signals import Series

#: Side of a patch, and height of the face's box in it.
SIDE_PX, _FACE_PX = 112, 80


def face_patch(rgb: RgbImage, box: Series) -> NDArray[np.uint8]:
    """Return the grey levels around a face, 112 x 112; beyond the picture's edge its last pixels go on.

    Args:
        rgb: H x W x 3, uint8, RGB.
        box: x1, y1, x2, y2 of the face in pixels.
    """
    left, top, side = _square(box)
    (y, above, below), (x, before, after) = (
        _inside(start, side, size) for start, size in zip((top, left), rgb.shape[:2], strict=True)
    )
    grey = cv2.cvtColor(rgb[y, x], cv2.COLOR_RGB2GRAY)
    whole = cv2.copyMakeBorder(grey, above, below, before, after, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(whole, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA), np.uint8)


def _inside(start: int, side: int, size: int) -> tuple[slice, int, int]:
    """The part of a side that lies in the picture, at least one pixel, and how much is missing before and after it."""
    first = min(max(start, 0), size - 1)
    last = min(max(start + side - 1, 0), size - 1)
    missing = side - (last - first + 1)
    before = min(max(-start, 0), missing)
    return slice(first, last + 1), before, missing - before


def to_patch(points: Series, box: Series) -> Series:
    """Return where points (n, 2) of a frame lie in the patch of its face."""
    left, top, side = _square(box)
    moved: Series = (points - [left, top]) * (SIDE_PX / side)
    return moved


def _square(box: Series) -> tuple[int, int, int]:
    """Left, top and side in pixels of the frame."""
    side = max(round(float(box[3] - box[1]) * SIDE_PX / _FACE_PX), 8)
    middle = (box[:2] + box[2:]) / 2
    return round(float(middle[0]) - side / 2), round(float(middle[1]) - side / 2), side
