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
#: A quad of which a corner would move farther than this, as a share of its width, stays; so does one of which two
#: neighbouring sides meet at less than this sine.
_FARTHEST_MOVE, _LEAST_CROSSING = 0.12, 0.2
#: Where a side is cut, as shares of its length; corners are round.
_ALONG = np.linspace(0.08, 0.92, 60, dtype=np.float32)
#: Where an edge is looked for on a cut, as shares of its reach: every 0.5 pixels for a card 480 wide, 0.75 for 720.
_ACROSS = np.linspace(-1, 1, 49, dtype=np.float32)
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
    squared = np.zeros(planes[0].shape, np.float32)
    colour = 2.0 / _COLOUR_GAIN
    for plane, weight in zip(planes, (1.0, colour, colour), strict=True):
        soft = cv2.GaussianBlur(plane, (0, 0), 1.0)
        dx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.25 * weight)
        dy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.25 * weight)
        # cv2.magnitude rounds by where its arrays lie in memory: the same photo twice was two results
        np.maximum(squared, dx * dx + dy * dy, out=squared)
    return np.asarray(np.sqrt(squared))


def has_card_shape(quad: Quad) -> bool:
    """Whether a quad has the proportions of a card that leans by 35 degrees at most."""
    width, height = quad_size(quad)
    aspect = max(width, height) / max(min(width, height), 1.0)
    return CARD_ASPECTS[0] <= aspect <= CARD_ASPECTS[1] and bool(cv2.isContourConvex(quad))


def fit_borders(quads: Sequence[Quad], gradient: NDArray[np.float32]) -> list[tuple[Quad, float]]:
    """Move quads onto the borders near them; all at once, because the steps are short and many.

    Args:
        quads: in pixels of `gradient`.
        gradient: H x W, float32, from `strongest_gradient`.

    Returns:
        Per quad the place with more of its border on an edge, where it was or where it was moved to (beside a faint
        border that can be print), and the share of it that is on an edge, 0 to 1.
    """
    if not quads:
        return []
    before = np.stack(quads)
    after = _refined(before, gradient)
    had, has = _border_support(before, gradient), _border_support(after, gradient)
    better = has >= had
    corners = np.where(better[:, None, None], after, before)
    supports = np.where(better, has, had)
    return [(Quad(quad), float(share)) for quad, share in zip(corners, supports, strict=True)]


def _refined(quads: Points, gradient: NDArray[np.float32]) -> Points:
    """Move each side of N x 4 x 2 quads onto the strongest straight edge near it, twice, and intersect them anew."""
    moves = np.ones(len(quads), bool)
    for _ in range(2):
        width = _widths(quads)
        starts, directions = _fit_sides(quads, gradient, np.maximum(3.0, _REFINE_REACH * width))
        moved, crossing = _corners_between(starts, directions)
        away = np.abs(moved - quads).max(axis=(1, 2))
        moves &= crossing & (away <= _FARTHEST_MOVE * width)
        quads = np.where(moves[:, None, None], moved, quads)
    return quads


def _widths(quads: Points) -> Points:
    """The longer of mean width and mean height of each quad."""
    lengths = np.linalg.norm(_sides(quads)[0], axis=2)
    return np.asarray((lengths + np.roll(lengths, 2, axis=1))[:, :2].max(axis=1) / 2, np.float32)


def _fit_sides(
    quads: Points, gradient: NDArray[np.float32], reach: Points
) -> tuple[Points, Points]:
    """A point and a direction (N x 4 x 2) for each side, through the strongest edge on short cuts across it."""
    strength = _along_cuts(gradient, quads, reach[:, None] * _ACROSS)
    offset = reach[:, None, None] * _ACROSS[strength.argmax(axis=3)]
    strongest = strength.max(axis=3)
    is_strong = strongest >= 0.5 * np.median(strongest, axis=2, keepdims=True)
    at_start, slope = _robust_lines(_ALONG, offset, is_strong.astype(np.float32))
    sides, normals = _sides(quads)
    return quads + at_start[..., None] * normals, sides + slope[..., None] * normals


def _robust_lines(x: Points, y: Points, weights: Points) -> tuple[Points, Points]:
    """Value at 0 and slope of a line over x through each last axis of y; far points count less (Huber, 1964)."""
    trusted = weights
    for _ in range(_REWEIGHTED + 1):
        total = trusted.sum(axis=-1, keepdims=True)
        mean_x = (trusted * x).sum(axis=-1, keepdims=True) / total
        mean_y = (trusted * y).sum(axis=-1, keepdims=True) / total
        away = trusted * (x - mean_x)
        spread = (away * (x - mean_x)).sum(axis=-1, keepdims=True)
        slope = (away * y).sum(axis=-1, keepdims=True) / spread
        residual = np.abs(y - mean_y - slope * (x - mean_x))
        trusted = weights * np.minimum(1, _HUBER_PX / np.maximum(residual, 1e-6))
    return (mean_y - slope * mean_x)[..., 0], slope[..., 0]


def _corners_between(starts: Points, directions: Points) -> tuple[Points, NDArray[np.bool_]]:
    """Where each side meets the one before it (N x 4 x 2), and whether no two of them run the same way (N)."""
    before, before_direction = np.roll(starts, 1, axis=1), np.roll(directions, 1, axis=1)
    unit, before_unit = _units(directions), _units(before_direction)
    cross = _cross(before_unit, unit)
    crossing = np.abs(cross).min(axis=1) >= _LEAST_CROSSING
    t = _cross(starts - before, unit) / np.where(crossing[:, None], cross, 1)
    return np.asarray(before + t[..., None] * before_unit, np.float32), crossing


def _cross(a: Points, b: Points) -> Points:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0], np.float32)


def _units(vectors: Points) -> Points:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-6), np.float32)


def _sides(quads: Points) -> tuple[Points, Points]:
    """The four sides of each quad as vectors, and their unit normals: N x 4 x 2."""
    sides = np.roll(quads, -1, axis=1) - quads
    units = _units(sides)
    return sides, np.stack([-units[..., 1], units[..., 0]], axis=-1)


def _along_cuts(plane: NDArray[np.float32], quads: Points, steps: Points) -> NDArray[np.float32]:
    """Bilinear values on short cuts across each side: N x 4 x samples x steps; 0 outside. `steps` is N x steps."""
    sides, normals = _sides(quads)
    on_side = quads[:, :, None] + _ALONG[:, None] * sides[:, :, None]
    # x and y apart, as remap wants them: together they would have to be copied.
    x, y = (
        on_side[..., i, None] + steps[:, None, None, :] * normals[:, :, None, i, None]
        for i in (0, 1)
    )
    rows = (x.shape[0] * x.shape[1], -1)
    values = cv2.remap(plane, x.reshape(rows), y.reshape(rows), cv2.INTER_LINEAR, borderValue=0)
    return np.asarray(values, np.float32).reshape(x.shape)


def _border_support(quads: Points, gradient: NDArray[np.float32]) -> Points:
    """Share of each border, weakest side first, where the gradient clearly exceeds what is usual beside it."""
    strength = _along_cuts(gradient, quads, _widths(quads)[:, None] * _BESIDE)
    middle = strength.shape[-1] // 2
    usual = np.partition(strength, middle, axis=-1)[..., middle]
    on_border = strength[..., middle - 1 : middle + 2].max(axis=-1)
    shares = (on_border > np.maximum(1.5, 1.5 * usual)).mean(axis=-1, dtype=np.float32)
    return np.asarray(0.5 * shares.min(axis=1) + 0.5 * shares.mean(axis=1), np.float32)
