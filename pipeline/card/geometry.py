"""Quadrilaterals and cards: the plane geometry that finding, rectifying and reading share.

A `Quad` is 4 x 2, float32, (x, y) in pixels: top left, top right, bottom right, bottom left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NewType

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.findings import Box
from pipeline.image import RgbImage

Quad = NewType("Quad", NDArray[np.float32])
Homography = NewType("Homography", NDArray[np.float64])

#: ISO/IEC 7810 ID-1, the size of every card version read here.
CARD_MM = (85.6, 53.98)
CARD_ASPECT = CARD_MM[0] / CARD_MM[1]


def order_corners(points: NDArray[np.float32]) -> Quad:
    """Return four corners clockwise, starting with the one nearest to the top left.

    Args:
        points: 4 x 2, (x, y) in pixels, any order.
    """
    corners = points.tolist()  # four numbers are sooner ordered than numpy is called
    x, y = sum(c[0] for c in corners) / 4, sum(c[1] for c in corners) / 4
    clockwise = sorted(corners, key=lambda corner: math.atan2(corner[1] - y, corner[0] - x))
    first = min(range(4), key=lambda i: clockwise[i][0] + clockwise[i][1])
    return Quad(np.array(clockwise[first:] + clockwise[:first], np.float32))


def rectangle_quad(width: float, height: float) -> Quad:
    """Return the quad of an upright rectangle whose top left corner is the origin."""
    return Quad(np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32))


def side_lengths(quad: Quad) -> tuple[float, float, float, float]:
    """Return the lengths of the top, right, bottom and left side, in pixels."""
    a, b, c, d = quad.tolist()  # thousands are asked for a photo: calling numpy for each cost 19 ms
    return math.dist(a, b), math.dist(b, c), math.dist(c, d), math.dist(d, a)


def quad_size(quad: Quad) -> tuple[float, float]:
    """Return mean width and mean height of a quad, in pixels."""
    top, right, bottom, left = side_lengths(quad)
    return (top + bottom) / 2, (right + left) / 2


def area(quad: Quad) -> float:
    """Return the area of a quad, in square pixels."""
    return abs(float(cv2.contourArea(quad)))


def share_inside(quad: Quad, other: Quad) -> float:
    """Return which share of a convex quad's area lies inside another one, 0-1."""
    shared, _ = cv2.intersectConvexConvex(quad, other)
    return float(shared) / max(area(quad), 1.0)


def mostly_standing(quads: Sequence[Quad]) -> bool:
    """Return whether most lines run from top to bottom."""
    standing = [abs(quad[1][1] - quad[0][1]) > abs(quad[1][0] - quad[0][0]) for quad in quads]
    return bool(sum(standing) > len(standing) / 2)


def turn_corners(quad: Quad, quarter_turns: int) -> Quad:
    """Return the same quad with its first corner moved on clockwise, so that warping turns the picture back."""
    return Quad(np.roll(quad, -quarter_turns, axis=0))


def homography(source: Quad, target: Quad) -> Homography:
    """Return the 3 x 3 projective map that takes the source's corners to the target's."""
    return Homography(cv2.getPerspectiveTransform(source, target))


def map_points(matrix: Homography, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Map N x 2 points through a projective map."""
    mapped = cv2.perspectiveTransform(points.reshape(-1, 1, 2).astype(np.float32), matrix)
    return np.asarray(mapped, np.float32).reshape(-1, 2)


def warp_quad(
    image: RgbImage, quad: Quad, width: int, height: int, *, method: int = cv2.INTER_CUBIC
) -> RgbImage:
    """Return what lies inside a quad as an upright picture of the given size, edges repeated.

    Args:
        image: H x W x 3, uint8, RGB.
        quad: corners in pixels of `image`.
        width: of the result, pixels.
        height: of the result, pixels.
        method: of interpolation, one of OpenCV's constants.
    """
    matrix = homography(quad, rectangle_quad(width, height))
    return RgbImage(
        cv2.warpPerspective(
            image, matrix, (width, height), flags=method, borderMode=cv2.BORDER_REPLICATE
        )
    )


def bounding_box(points: NDArray[np.float32]) -> Box:
    """Return the upright box around N x 2 points: x1, y1, x2, y2."""
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def join_boxes(boxes: list[Box]) -> Box:
    """Return the smallest box around all boxes."""
    table = np.asarray(boxes, np.float64)
    low, high = table[:, :2].min(axis=0), table[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
