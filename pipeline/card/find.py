"""Where the card lies in a photo: quadrilaterals with the card's shape and a real border, best first.

Contours of several gradient and colour maps give candidates; each is refined by fitting a line to the strongest edge
along every side, so that the card's round corners do not matter, and scored by how much of its border is an edge and
by how well its shape fits ID-1. Whether there really is a card inside is for its text to say (reader.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.geometry import CARD_ASPECT, Quad, area, order_corners, quad_size, rectangle_quad
from pipeline.card.lines import line_quads
from pipeline.image import RgbImage

#: Long side of the picture in which borders are looked for.
_WORK_PX = 720
#: A card smaller than this share of the frame is not looked for (25 % of the width at 16:9 is 7 % of the area).
_LEAST_AREA = 0.03
#: Mean width over mean height: ID-1 is 1.586; leaning by 35 degrees either way spans this.
_ASPECTS = (1.22, 2.05)
#: How far a side may move when it is refined, as a share of the quad's width.
_REFINE_REACH = 0.025
_SAMPLES = 60
#: On five drawn photos whose border the plain colour planes missed (pale and grained tables), a gain of 4 with a blur
#: of 1.5 found four, 8 with 2 all five.
_COLOUR_GAIN, _COLOUR_BLUR_PX = 8.0, 2.0
#: A candidate with less of its border on an edge is noise.
_LEAST_SUPPORT = 0.55
#: Quads out of lines that are refined.
_LINE_QUADS = 24
#: Quads whose corners all lie this near to each other are one: less than half of the reach of refining.
_SAME_QUAD_PX = 8
#: Two candidates that share this much of their area are the same card.
_SAME_CARD = 0.6
#: A picture with this shape may itself be a card that was cut out: within 9 % of ID-1, lying or standing.
_CUT_OUT_TOLERANCE = 0.09

Plane = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A place where a card may lie.

    `corners` are in pixels of the photo, clockwise, the first one nearest to the photo's top left. `support` is the
    share of the border that lies on an edge (0 for a whole picture), `score` orders the candidates.
    """

    corners: Quad
    support: float
    score: float


def find_candidates(photo: RgbImage, *, limit: int = 4) -> list[Candidate]:
    """Return places where a card may lie, best first.

    Args:
        photo: H x W x 3, uint8, RGB.
        limit: how many at most; the whole picture comes on top if it has a card's shape.
    """
    scale = min(1.0, _WORK_PX / max(photo.shape[:2]))
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    planes = _planes(small)
    gradient = _gradient(planes)
    kept: list[Candidate] = []
    quads = line_quads(planes, aspects=_ASPECTS, least_area=_LEAST_AREA, limit=_LINE_QUADS)
    for quad in _distinct(chain(quads, _raw_quads(planes, gradient))):
        refined, support = _better(quad, _refine(quad, gradient), gradient)
        if support >= _LEAST_SUPPORT and _has_card_shape(refined):
            score = _score(refined, support, small.shape[:2])
            corners = Quad((refined + 0.5) / scale - 0.5)
            kept.append(Candidate(corners=corners, support=support, score=score))
    kept.sort(key=lambda candidate: candidate.score, reverse=True)
    return [*_drop_doubles(kept)[:limit], *_whole_picture(photo)]


def _planes(small: NDArray[np.uint8]) -> tuple[Plane, ...]:
    """Lightness and two colour planes: a border that is faint in one often shows in another.

    A card differs from a pale table or from wood by a few steps of colour, below what edge detectors look at, but grain
    and shadows are grey: colour is smoothed more and then stretched.
    """
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lightness = np.clip(lab[..., 0] * 2.55, 0, 255).astype(np.uint8)
    colours = (cv2.GaussianBlur(lab[..., i], (0, 0), _COLOUR_BLUR_PX) for i in (1, 2))
    stretched = (_COLOUR_GAIN * (plane - np.median(plane)) + 128 for plane in colours)
    planes = (np.clip(plane, 0, 255).astype(np.uint8) for plane in stretched)
    return cv2.bilateralFilter(lightness, 5, 30, 5), *planes


def _gradient(planes: Sequence[Plane]) -> NDArray[np.float32]:
    """Strongest gradient of any plane, per pixel; a step of colour counts twice a step of lightness."""
    strongest = np.zeros(planes[0].shape, np.float32)
    colour = 2.0 / _COLOUR_GAIN
    for plane, weight in zip(planes, (1.0, colour, colour), strict=True):
        soft = cv2.GaussianBlur(plane, (0, 0), 1.0).astype(np.float32)
        dx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.25)
        dy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.25)
        strongest = np.maximum(strongest, weight * np.hypot(dx, dy))
    return strongest


# ---------------------------------------------------------------- raw quads


def _raw_quads(planes: Sequence[Plane], gradient: NDArray[np.float32]) -> Iterator[Quad]:
    least = _LEAST_AREA * gradient.size
    for mask in _masks(planes, gradient):
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            hull = cv2.convexHull(contour)
            if cv2.contourArea(hull) >= least:
                quad = _four_corners(hull)
                if quad is not None:
                    yield quad


def _masks(planes: Sequence[Plane], gradient: NDArray[np.float32]) -> Iterator[Plane]:
    """Edge maps at three thresholds, and regions that differ from their surroundings."""
    kernel = np.ones((3, 3), np.uint8)
    for share in (97.0, 94.0, 90.0):
        least = max(2.0, float(np.percentile(gradient, share)))
        edges = np.where(gradient > least, 255, 0).astype(np.uint8)
        yield cv2.morphologyEx(edges, cv2.MORPH_CLOSE, kernel, iterations=2)
    for plane in planes:
        _, region = cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        for side in (region, 255 - region):
            opened = cv2.morphologyEx(side, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
            yield cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))


def _four_corners(hull: NDArray[np.int32]) -> Quad | None:
    """The quad of a convex contour, if four corners explain it: at least 88 % of the quad is inside the contour."""
    length = cv2.arcLength(hull, closed=True)
    for tolerance in (0.02, 0.03, 0.045, 0.06, 0.08):
        outline = cv2.approxPolyDP(hull, tolerance * length, closed=True)
        if len(outline) == 4:
            quad = order_corners(outline.reshape(4, 2).astype(np.float32))
            return quad if _explains(quad, hull) else None
    quad = order_corners(cv2.boxPoints(cv2.minAreaRect(hull)))
    return quad if _explains(quad, hull) else None


def _explains(quad: Quad, hull: NDArray[np.int32]) -> bool:
    ratio = cv2.contourArea(hull) / max(area(quad), 1.0)
    return 0.88 <= ratio <= 1.15 and _has_card_shape(quad)


def _has_card_shape(quad: Quad) -> bool:
    width, height = quad_size(quad)
    aspect = max(width, height) / max(min(width, height), 1.0)
    return _ASPECTS[0] <= aspect <= _ASPECTS[1] and bool(cv2.isContourConvex(quad))


def _distinct(quads: Iterator[Quad]) -> list[Quad]:
    """Drop quads that refining would move to the same place as an earlier one."""
    kept: list[Quad] = []
    for quad in quads:
        if all(np.abs(quad - other).max() > _SAME_QUAD_PX for other in kept):
            kept.append(quad)
    return kept


# ---------------------------------------------------------------- refining and scoring


def _refine(quad: Quad, gradient: NDArray[np.float32]) -> Quad:
    """Move each side onto the strongest straight edge near it, twice, and intersect the sides anew."""
    for _ in range(2):
        width = max(quad_size(quad))
        sides = [
            _fit_side(quad[i], quad[(i + 1) % 4], gradient, max(3.0, _REFINE_REACH * width))
            for i in range(4)
        ]
        corners = [_intersect(sides[i - 1], sides[i]) for i in range(4)]
        if any(corner is None for corner in corners):
            return quad
        moved = np.asarray(corners, np.float32)
        if np.abs(moved - quad).max() > 0.12 * width:
            return quad
        quad = Quad(moved)
    return quad


def _better(quad: Quad, refined: Quad, gradient: NDArray[np.float32]) -> tuple[Quad, float]:
    """The quad with more of its border on an edge: beside a faint border refining can find print instead."""
    before, after = _border_support(quad, gradient), _border_support(refined, gradient)
    return (refined, after) if after >= before else (quad, before)


def _fit_side(
    a: NDArray[np.float32], b: NDArray[np.float32], gradient: NDArray[np.float32], reach: float
) -> tuple[float, float, float, float]:
    """A line (direction, point) through the strongest edge points on short cuts across a side."""
    normal = np.array([-(b - a)[1], (b - a)[0]], np.float32) / max(
        float(np.linalg.norm(b - a)), 1.0
    )
    along = np.linspace(0.08, 0.92, _SAMPLES, dtype=np.float32)[:, None]
    steps = np.linspace(-reach, reach, int(4 * reach) + 1, dtype=np.float32)
    points = (a + along * (b - a))[:, None, :] + steps[None, :, None] * normal
    strength = _sample(gradient, points)
    best = strength.argmax(axis=1)
    rows = np.arange(_SAMPLES)
    strong = strength[rows, best] >= np.median(strength[rows, best]) * 0.5
    chosen = points[rows, best][strong]
    vx, vy, x, y = cv2.fitLine(chosen, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
    return float(vx), float(vy), float(x), float(y)


def _sample(plane: NDArray[np.float32], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bilinear values at N x M x 2 points; 0 outside."""
    x, y = np.ascontiguousarray(points[..., 0]), np.ascontiguousarray(points[..., 1])
    return np.asarray(cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderValue=0), np.float32)


def _intersect(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> tuple[float, float] | None:
    vx, vy, x, y = one
    wx, wy, u, v = other
    cross = vx * wy - vy * wx
    if abs(cross) < 0.2:
        return None
    t = ((u - x) * wy - (v - y) * wx) / cross
    return x + t * vx, y + t * vy


def _border_support(quad: Quad, gradient: NDArray[np.float32]) -> float:
    """Share of the border, weakest side first, where the gradient clearly exceeds what is usual beside it."""
    width = max(quad_size(quad))
    offsets = np.linspace(-0.05, 0.05, 21, dtype=np.float32) * width
    shares = []
    for i in range(4):
        a, b = quad[i], quad[(i + 1) % 4]
        normal = np.array([-(b - a)[1], (b - a)[0]], np.float32) / max(
            float(np.linalg.norm(b - a)), 1.0
        )
        along = np.linspace(0.08, 0.92, _SAMPLES, dtype=np.float32)[:, None]
        points = (a + along * (b - a))[:, None, :] + offsets[None, :, None] * normal
        strength = _sample(gradient, points)
        on_border = strength[:, 9:12].max(axis=1)
        shares.append(
            float((on_border > np.maximum(1.5, 1.5 * np.median(strength, axis=1))).mean())
        )
    return 0.5 * min(shares) + 0.5 * float(np.mean(shares))


def _score(quad: Quad, support: float, frame: tuple[int, int]) -> float:
    """Support first; then shape and size, since a card fills more of its photo than a thing printed on it."""
    width, height = quad_size(quad)
    aspect = max(width, height) / min(width, height)
    shape = float(np.exp(-0.5 * (np.log(aspect / CARD_ASPECT) / 0.12) ** 2))
    size = min(1.0, (area(quad) / (frame[0] * frame[1])) / 0.35)
    return support * (0.4 + 0.6 * shape) * (0.5 + 0.5 * size)


def _drop_doubles(candidates: Sequence[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    for candidate in candidates:
        if all(overlap(candidate.corners, other.corners) < 0.85 for other in kept):
            kept.append(candidate)
    return kept


def overlap(a: Quad, b: Quad) -> float:
    """Return the area two convex quads share, as a share of the larger one's."""
    shared, _ = cv2.intersectConvexConvex(a, b)
    return float(shared) / max(area(a), area(b), 1.0)


def are_apart(a: Quad, b: Quad) -> bool:
    """Return whether two quads lie beside each other, so that they can be two cards."""
    shared, _ = cv2.intersectConvexConvex(a, b)
    return float(shared) < 0.1 * min(area(a), area(b))


def _whole_picture(photo: RgbImage) -> list[Candidate]:
    """The picture itself, if it has the shape of a card that was cut out."""
    height, width = photo.shape[:2]
    aspect = max(width, height) / min(width, height)
    if abs(aspect / CARD_ASPECT - 1) > _CUT_OUT_TOLERANCE:
        return []
    return [Candidate(corners=rectangle_quad(width - 1, height - 1), support=0.0, score=0.0)]
