"""A card's border in a photo: the straight edges along its four sides, and how much of a border is an edge at all."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.geometry import Quad, quad_size

#: Mean width over mean height: ID-1 is 1.586; leaning by 35 degrees either way spans this.
CARD_ASPECTS = (1.22, 2.05)
#: How far a side may move when it is refined, as a share of the quad's width.
_REFINE_REACH = 0.025
_SAMPLES = 60
#: On five drawn photos whose border the plain colour planes missed (pale and grained tables), a gain of 4 with a blur
#: of 1.5 found four, 8 with 2 all five.
_COLOUR_GAIN, _COLOUR_BLUR_PX = 8.0, 2.0
#: A candidate with less of its border on an edge is noise.
LEAST_SUPPORT = 0.55

Plane = NDArray[np.uint8]


def border_planes(small: NDArray[np.uint8]) -> tuple[Plane, ...]:
    """Return lightness and two colour planes: a border that is faint in one often shows in another.

    A card differs from a pale table or from wood by a few steps of colour, below what edge detectors look at, but grain
    and shadows are grey: colour is smoothed more and then stretched.
    """
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lightness = np.clip(lab[..., 0] * 2.55, 0, 255).astype(np.uint8)
    colours = (cv2.GaussianBlur(lab[..., i], (0, 0), _COLOUR_BLUR_PX) for i in (1, 2))
    stretched = (_COLOUR_GAIN * (plane - np.median(plane)) + 128 for plane in colours)
    planes = (np.clip(plane, 0, 255).astype(np.uint8) for plane in stretched)
    return cv2.bilateralFilter(lightness, 5, 30, 5), *planes


def strongest_gradient(planes: Sequence[Plane]) -> NDArray[np.float32]:
    """Return the strongest gradient of any plane, per pixel; a step of colour counts twice a step of lightness."""
    strongest = np.zeros(planes[0].shape, np.float32)
    colour = 2.0 / _COLOUR_GAIN
    for plane, weight in zip(planes, (1.0, colour, colour), strict=True):
        soft = cv2.GaussianBlur(plane, (0, 0), 1.0).astype(np.float32)
        dx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.25)
        dy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.25)
        strongest = np.maximum(strongest, weight * np.hypot(dx, dy))
    return strongest


def has_card_shape(quad: Quad) -> bool:
    """Whether a quad has the proportions of a card that leans by 35 degrees at most."""
    width, height = quad_size(quad)
    aspect = max(width, height) / max(min(width, height), 1.0)
    return CARD_ASPECTS[0] <= aspect <= CARD_ASPECTS[1] and bool(cv2.isContourConvex(quad))


def refine(quad: Quad, gradient: NDArray[np.float32]) -> Quad:
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


def better_quad(quad: Quad, refined: Quad, gradient: NDArray[np.float32]) -> tuple[Quad, float]:
    """Return the quad with more of its border on an edge: beside a faint border refining can find print instead."""
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
