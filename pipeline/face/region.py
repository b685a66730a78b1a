"""Regions of a picture: rotated squares that a model looks at, and the way back to pixels of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage

Points = NDArray[np.float64]

#: A picture whose 99th percentile is below this is lifted, until that percentile is at `_LIFTED`
#: (at a quarter of the light 17 of 18 blinks are found instead of 15; knowledge of 22 Nov 2026).
_DARK, _LIFTED = 140.0, 235.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A rotated square in pixels of the picture: centre, side, angle in radians (clockwise on the screen)."""

    x: float
    y: float
    side: float
    angle: float

    def to_picture(self, size: int, *, mirrored: bool = False) -> Points:
        """Return the 2 x 3 matrix from pixels of the crop (`size` x `size`) to pixels of the picture."""
        scale = self.side / size
        cos, sin, half = scale * np.cos(self.angle), scale * np.sin(self.angle), size / 2
        matrix = np.array(
            [
                [cos, -sin, self.x - cos * half + sin * half],
                [sin, cos, self.y - sin * half - cos * half],
            ]
        )
        if mirrored:  # crop x -> size - x
            matrix[:, 2] += matrix[:, 0] * size
            matrix[:, 0] = -matrix[:, 0]
        return matrix


def region_around(
    low: Points, high: Points, right: Points, left: Points, *, scale: float
) -> Region:
    """Return the square around a box, upright along the line between two points.

    Args:
        low: the box's top left corner (x, y).
        high: its bottom right corner.
        right: the subject's right eye (on the left of the picture).
        left: the subject's left eye.
        scale: the side over the longer side of the box.
    """
    centre, extent = (low + high) / 2, high - low
    angle = float(np.arctan2(left[1] - right[1], left[0] - right[0]))
    return Region(
        x=float(centre[0]), y=float(centre[1]), side=float(extent.max()) * scale, angle=angle
    )


def crop(rgb: RgbImage, matrix: Points, size: int) -> NDArray[np.float32]:
    """Cut the square that `matrix` describes: `size` x `size` x 3, float32 in 0..1, edges repeated."""
    patch = cv2.warpAffine(
        rgb, matrix, (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    scaled: NDArray[np.float32] = patch * np.float32(1 / 255)
    return scaled


#: Unsharp mask of an enlarged crop: its radius (sigma, in pixels of the crop), how much is added at most, and the
#: enlargement from which that is. Small eyes lack the edges that the eye model learnt: at 80 px faces a slight blink of
#: narrow eyes reads .55 to .61 of open instead of .65 to .69, while a half closure stays at .63 (30 Nov 2026).
_SIGMA_PX, _SHARPENED, _FULLY_AT = 1.5, 1.0, 4 / 3


def crop_sharpened(rgb: RgbImage, matrix: Points, size: int) -> NDArray[np.float32]:
    """Cut a square as `crop` does, but give back to what is enlarged some of the edges that enlarging takes."""
    enlarged = 1 / float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if enlarged <= 1:
        return crop(rgb, matrix, size)
    patch = cv2.warpAffine(
        rgb, matrix, (size, size),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)  # fmt: skip
    amount = _SHARPENED * min((enlarged - 1) / (_FULLY_AT - 1), 1.0)
    blurred = cv2.GaussianBlur(patch, (0, 0), _SIGMA_PX)
    sharp = np.clip(patch + np.float32(amount) * (patch - blurred), 0, 255)
    return np.asarray(sharp * np.float32(1 / 255), np.float32)


def project(points: NDArray[np.float32], matrix: Points) -> Points:
    """Take (n, 3) points from pixels of the crop to pixels of the picture; z in the same scale."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    return np.column_stack([points[:, :2] @ matrix[:, :2].T + matrix[:, 2], points[:, 2] * scale])


def overlap(box: Points, boxes: Points) -> Points:
    """Return the intersection over union of one box with each of (n, 4) boxes (x1, y1, x2, y2)."""
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:4], boxes[:, 2:4])
    both = np.clip(high - low, 0, None).prod(1)
    total = _area(box) + _area(boxes) - both
    shared: Points = both / np.maximum(total, 1e-12)
    return shared


def _area(boxes: Points) -> Points:
    area: Points = np.clip(boxes[..., 2:4] - boxes[..., :2], 0, None).prod(-1)
    return area


def lift_dark(rgb: RgbImage) -> RgbImage:
    """Return a dark picture brightened, any other one as it is."""
    bright = _bright(rgb)
    if bright >= _DARK:
        return rgb
    return RgbImage(cv2.convertScaleAbs(rgb, alpha=_LIFTED / max(bright, 10.0)))


def _bright(rgb: RgbImage) -> float:
    """The 99th percentile, from a histogram: this runs on every frame of a clip."""
    counts = np.bincount(rgb[::8, ::8].ravel(), minlength=256).cumsum()
    return float(np.searchsorted(counts, 0.99 * counts[-1]))
