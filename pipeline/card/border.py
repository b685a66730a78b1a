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
#: Where a side is cut, as shares of its length; corners are round.
_ALONG = np.linspace(0.08, 0.92, 60, dtype=np.float32)
#: Where beside a border the gradient is looked at, as shares of the quad's width.
_BESIDE = np.linspace(-0.05, 0.05, 21, dtype=np.float32)
#: Points further from a side than this pull less, and how often that is settled anew.
_HUBER_PX, _REWEIGHTED = 1.345, 5
#: On five drawn photos whose border the plain colour planes missed (pale and grained tables), a gain of 4 with a blur
#: of 1.5 found four, 8 with 2 all five.
_COLOUR_GAIN, _COLOUR_BLUR_PX = 8.0, 2.0
#: A candidate with less of its border on an edge is noise.
LEAST_SUPPORT = 0.55

Plane = NDArray[np.uint8]
Points = NDArray[np.float32]


def border_planes(small: NDArray[np.uint8]) -> tuple[Plane, ...]:
    """Return lightness, and two colour planes of half its size: a border that is faint in one often shows in another.

    A card differs from a pale table or from wood by a few steps of colour, below what edge detectors look at, but grain
    and shadows are grey: colour is smoothed more and then stretched.
    """
    lightness = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)[..., 0]
    half = cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(half.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    colours = (cv2.GaussianBlur(lab[..., i], (0, 0), _COLOUR_BLUR_PX / 2) for i in (1, 2))
    stretched = (_COLOUR_GAIN * (plane - np.median(plane)) + 128 for plane in colours)
    planes = (np.clip(plane, 0, 255).astype(np.uint8) for plane in stretched)
    return cv2.bilateralFilter(lightness, 5, 30, 5), *planes


def one_size(planes: Sequence[Plane]) -> tuple[Plane, ...]:
    """Return all planes in the size of the first."""
    height, width = planes[0].shape
    return tuple(cv2.resize(plane, (width, height)) for plane in planes)


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
        starts, directions = _fit_sides(quad, gradient, max(3.0, _REFINE_REACH * width))
        moved = _corners_between(starts, directions)
        if moved is None or np.abs(moved - quad).max() > 0.12 * width:
            return quad
        quad = moved
    return quad


def better_quad(quad: Quad, refined: Quad, gradient: NDArray[np.float32]) -> tuple[Quad, float]:
    """Return the quad with more of its border on an edge: beside a faint border refining can find print instead."""
    before, after = _border_support(quad, gradient), _border_support(refined, gradient)
    return (refined, after) if after >= before else (quad, before)


def _fit_sides(quad: Quad, gradient: NDArray[np.float32], reach: float) -> tuple[Points, Points]:
    """A point (4 x 2) and a direction (4 x 2) for each side, through the strongest edge on short cuts across it."""
    steps = np.linspace(-reach, reach, int(4 * reach) + 1, dtype=np.float32)
    strength = _sample(gradient, _cuts(quad, steps))
    offset = steps[strength.argmax(axis=2)]
    strongest = strength.max(axis=2)
    is_strong = strongest >= 0.5 * np.median(strongest, axis=1, keepdims=True)
    at_start, slope = _robust_lines(_ALONG, offset, is_strong.astype(np.float32))
    sides, normals = _sides(quad)
    return quad + at_start[:, None] * normals, sides + slope[:, None] * normals


def _robust_lines(x: Points, y: Points, weights: Points) -> tuple[Points, Points]:
    """Value at 0 and slope of a line through each row of y over x; far points count less (Huber, 1964)."""
    trusted = weights
    for _ in range(_REWEIGHTED + 1):
        total = trusted.sum(axis=1, keepdims=True)
        mean_x = (trusted * x).sum(axis=1, keepdims=True) / total
        mean_y = (trusted * y).sum(axis=1, keepdims=True) / total
        away = trusted * (x - mean_x)
        slope = (away * y).sum(axis=1, keepdims=True) / (away * (x - mean_x)).sum(
            axis=1, keepdims=True
        )
        residual = np.abs(y - mean_y - slope * (x - mean_x))
        trusted = weights * np.minimum(1, _HUBER_PX / np.maximum(residual, 1e-6))
    return (mean_y - slope * mean_x)[:, 0], slope[:, 0]


def _corners_between(starts: Points, directions: Points) -> Quad | None:
    """Where each side meets the one before it; None if two of them run the same way."""
    before, before_direction = np.roll(starts, 1, axis=0), np.roll(directions, 1, axis=0)
    unit, before_unit = _units(directions), _units(before_direction)
    cross = before_unit[:, 0] * unit[:, 1] - before_unit[:, 1] * unit[:, 0]
    if np.abs(cross).min() < 0.2:
        return None
    gap = starts - before
    t = (gap[:, 0] * unit[:, 1] - gap[:, 1] * unit[:, 0]) / cross
    return Quad((before + t[:, None] * before_unit).astype(np.float32))


def _units(vectors: Points) -> Points:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-6), np.float32)


def _sides(quad: Quad) -> tuple[Points, Points]:
    """The four sides as vectors, and their unit normals."""
    sides = np.roll(quad, -1, axis=0) - quad
    units = _units(sides)
    return sides, np.stack([-units[:, 1], units[:, 0]], axis=1)


def _cuts(quad: Quad, steps: Points) -> Points:
    """4 x samples x steps x 2 points on short cuts across each side."""
    sides, normals = _sides(quad)
    on_side = quad[:, None] + _ALONG[None, :, None] * sides[:, None]
    cuts = on_side[:, :, None] + steps[None, None, :, None] * normals[:, None, None]
    return np.asarray(cuts, np.float32)


def _sample(plane: NDArray[np.float32], points: Points) -> NDArray[np.float32]:
    """Bilinear values at sides x samples x steps x 2 points; 0 outside."""
    flat = points.reshape(-1, points.shape[2], 2)
    x, y = np.ascontiguousarray(flat[..., 0]), np.ascontiguousarray(flat[..., 1])
    values = cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderValue=0)
    return np.asarray(values, np.float32).reshape(points.shape[:3])


def _border_support(quad: Quad, gradient: NDArray[np.float32]) -> float:
    """Share of the border, weakest side first, where the gradient clearly exceeds what is usual beside it."""
    strength = _sample(gradient, _cuts(quad, _BESIDE * max(quad_size(quad))))
    middle = strength.shape[2] // 2
    usual = np.partition(strength, middle, axis=2)[..., middle]
    on_border = strength[..., middle - 1 : middle + 2].max(axis=2)
    shares = (on_border > np.maximum(1.5, 1.5 * usual)).mean(axis=1)
    return float(0.5 * shares.min() + 0.5 * shares.mean())
