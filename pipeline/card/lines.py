"""Quadrilaterals out of straight lines: a card's border survives things that touch it, where its contour does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.geometry import Quad, order_corners

#: As shares of the picture's long side: shortest segment looked at, least total length of a line.
_LEAST_SEGMENT, _LEAST_LINE = 0.03, 0.10
#: Lines that quads are made of, and segments that lines are grown from, both longest first.
_MOST_LINES, _MOST_SEEDS = 28, 112
#: Segments belong to one line within this angle and this distance of their ends.
_SAME_ANGLE_DEG, _SAME_LINE_PX = 2.5, 2.5
#: Opposite sides of a tilted card converge by less than this; neighbouring sides meet nearly upright.
_PARALLEL_DEG, _UPRIGHT_DEG = 24.0, 32.0
#: A corner may lie this far outside the picture, as a share of its long side.
_OUTSIDE = 0.02
_BIN_PX = 2.0
#: Scales at which the detector looks at a plane of full size and at a smaller one. On 30 validation photos 0.5 instead
#: of 0.8 (the detector's own) for all halved the time; corners moved by 0.03 % of the width (median), 2 % at most.
_FULL_SCALE, _SCALE = 0.5, 0.8

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Line:
    """A straight line and how far its segments reach: `filled[i]` is their length up to bin i."""

    point: Points
    direction: Points
    filled: NDArray[np.float32]
    length: float


def line_quads(
    planes: Sequence[NDArray[np.uint8]],
    *,
    aspects: tuple[float, float],
    least_area: float,
    limit: int,
) -> list[Quad]:
    """Return quads whose sides lie on detected lines, best covered first.

    Args:
        planes: uint8, grey pictures of the same scene; the first, H x W, is what quads are in pixels of, the others may
            be smaller.
        aspects: least and greatest mean width over mean height.
        least_area: share of the picture.
        limit: how many at most.
    """
    height, width = planes[0].shape
    lines = _lines(
        np.concatenate([_segments(plane, width) for plane in planes]),
        float(np.hypot(height, width)),
    )
    combos = _combinations(lines)
    if not len(combos):
        return []
    corners = _corner_points(lines, combos)
    keep = _plausible(corners, (width, height), aspects, least_area)
    combos, corners = combos[keep], corners[keep]
    score = _coverage(lines, combos, corners)
    score = score * np.sqrt(_areas(corners) / (width * height)).clip(0, 0.6)
    return [order_corners(corners[i]) for i in np.argsort(-score)[:limit]]


def _segments(plane: NDArray[np.uint8], width: int) -> Points:
    """N x 4 segments (x1, y1, x2, y2) long enough to be part of a border, in pixels of a picture of that width."""
    scale = width / plane.shape[1]
    finder = cv2.createLineSegmentDetector(
        cv2.LSD_REFINE_NONE, _FULL_SCALE if scale == 1 else _SCALE
    )
    found = finder.detect(plane)[0]
    if found is None:
        return np.zeros((0, 4), np.float32)
    segments = np.asarray(found, np.float32).reshape(-1, 4)
    length = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    long_enough = length >= _LEAST_SEGMENT * max(plane.shape)
    return np.asarray((segments[long_enough] + 0.5) * scale - 0.5, np.float32)


def _lines(segments: Points, diagonal: float) -> list[_Line]:
    """Join segments that lie on one line, starting from the longest."""
    ends = segments.reshape(-1, 2, 2)
    delta = ends[:, 1] - ends[:, 0]
    lengths = np.linalg.norm(delta, axis=1)
    directions = delta / np.maximum(lengths, 1e-6)[:, None]
    least = _LEAST_LINE * diagonal / 1.25
    same_angle = np.cos(np.radians(_SAME_ANGLE_DEG))
    free = np.argsort(-lengths)
    lines: list[_Line] = []
    for _ in range(_MOST_SEEDS):
        if not len(free):
            break
        point, direction = ends[free[0], 0], directions[free[0]]
        normal = np.array([-direction[1], direction[0]], np.float32)
        members = np.abs(directions[free] @ direction) >= same_angle
        alike = free[members]
        members[members] = np.abs((ends[alike] - point) @ normal).max(axis=1) <= _SAME_LINE_PX
        members[0] = True
        own, free = free[members], free[~members]
        if (lengths[own] + 2 * _BIN_PX).sum() >= least:  # most are far too short
            lines.append(_line(ends[own], point, direction, diagonal))
    lines = [line for line in lines if line.length >= least]
    return sorted(lines, key=lambda line: -line.length)[:_MOST_LINES]


def _line(ends: Points, point: Points, direction: Points, diagonal: float) -> _Line:
    """`filled` runs from -diagonal to +diagonal along the direction, in bins."""
    bins = np.zeros(int(2 * diagonal / _BIN_PX) + 2, np.float32)
    for low, high in np.sort((ends - point) @ direction, axis=1):
        bins[int((low + diagonal) / _BIN_PX) : int((high + diagonal) / _BIN_PX) + 1] = _BIN_PX
    return _Line(point=point, direction=direction, filled=np.cumsum(bins), length=float(bins.sum()))


def _combinations(lines: Sequence[_Line]) -> NDArray[np.intp]:
    """N x 4 indices (a, b, c, d): a and c nearly parallel, b and d nearly parallel, a and b nearly upright."""
    if len(lines) < 4:
        return np.zeros((0, 4), np.intp)
    directions = np.array([line.direction for line in lines])
    cosine = np.abs(directions @ directions.T)
    i, j = np.triu_indices(len(lines), 1)
    pairs = np.stack([i, j], 1)[cosine[i, j] >= np.cos(np.radians(_PARALLEL_DEG))]
    one, other = np.triu_indices(len(pairs), 1)
    a, c, b, d = pairs[one, 0], pairs[one, 1], pairs[other, 0], pairs[other, 1]
    upright = np.sin(np.radians(_UPRIGHT_DEG))
    ok = np.all([cosine[x, y] <= upright for x, y in ((a, b), (a, d), (c, b), (c, d))], axis=0)
    return np.stack([a, b, c, d], 1)[ok]


def _corner_points(lines: Sequence[_Line], combos: NDArray[np.intp]) -> Points:
    """N x 4 x 2: where a meets b, b meets c, c meets d, d meets a."""
    points = np.array([line.point for line in lines])
    directions = np.array([line.direction for line in lines])
    after = np.roll(combos, -1, axis=1)
    p, q = points[combos], points[after]
    u, v = directions[combos], directions[after]
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    gap = q - p
    t = (gap[..., 0] * v[..., 1] - gap[..., 1] * v[..., 0]) / np.where(
        np.abs(cross) < 1e-6, 1e-6, cross
    )
    return np.asarray(p + t[..., None] * u, np.float32)


def _areas(corners: Points) -> NDArray[np.float32]:
    x, y = corners[..., 0], corners[..., 1]
    after_x, after_y = np.roll(x, -1, axis=1), np.roll(y, -1, axis=1)
    return np.asarray(np.abs((x * after_y - y * after_x).sum(axis=1)) / 2, np.float32)


def _plausible(
    corners: Points, frame: tuple[int, int], aspects: tuple[float, float], least_area: float
) -> NDArray[np.bool_]:
    size = np.array(frame, np.float32)
    slack = _OUTSIDE * size.max()
    inside = ((corners >= -slack) & (corners <= size + slack)).all(axis=(1, 2))
    sides = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    one, other = sides[:, 0] + sides[:, 2], sides[:, 1] + sides[:, 3]
    aspect = np.maximum(one, other) / np.maximum(np.minimum(one, other), 1)
    shaped = (aspect >= aspects[0]) & (aspect <= aspects[1])
    return np.asarray(inside & shaped & (_areas(corners) >= least_area * size.prod()))


def _coverage(
    lines: Sequence[_Line], combos: NDArray[np.intp], corners: Points
) -> NDArray[np.float32]:
    """How much of the border lies on segments, the barest side counting as much as all together."""
    filled = np.stack([line.filled for line in lines])
    points = np.array([line.point for line in lines])
    directions = np.array([line.direction for line in lines])
    ends = np.stack(
        [np.roll(corners, 1, axis=1), corners], axis=2
    )  # side k runs from corner k-1 to corner k
    t = ((ends - points[combos][:, :, None]) * directions[combos][:, :, None]).sum(axis=3)
    origin = filled.shape[1] / 2
    bins = np.clip(np.round(t / _BIN_PX + origin), 0, filled.shape[1] - 1).astype(np.intp)
    reached = filled[combos[:, :, None], bins]
    length = np.maximum(np.abs(t[..., 1] - t[..., 0]), 1)
    share = np.clip(np.abs(reached[..., 1] - reached[..., 0]) / length, 0, 1)
    return np.asarray(0.5 * share.min(axis=1) + 0.5 * share.mean(axis=1), np.float32)
