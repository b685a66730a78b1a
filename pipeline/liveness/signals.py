"""What is measured in each frame, the same for every landmark backend, and the series of a whole clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signals:
    """One face in one frame. Lengths without a unit are over the eye distance.

    Attributes:
        time_s: seconds from the first frame.
        open_right: lid gap over eye width, the subject's right eye; can fall below 0; nan where it was not measured
            because the eye looked as before (a track fills it in).
        open_left: the same of the left eye.
        mouth: mouth width over face width.
        yaw_deg: turn of the head, positive to the subject's own left.
        tall: nose length over eye distance: falls when a photo is squashed, rises when one is turned.
        eyes_px: distance of the outer eye corners.
        rigid: (n, 2) points in pixels that hardly move with expressions, at different depths.
        box: x1, y1, x2, y2 in pixels.
        mesh: (468, 3) landmarks in pixels, by which an embedder can cut the face; None where the backend has no such.
    """

    time_s: float
    open_right: float
    open_left: float
    mouth: float
    yaw_deg: float
    tall: float
    eyes_px: float
    rigid: Series
    box: Series
    mesh: Series | None = None


_SCALARS = tuple(f.name for f in fields(Signals) if f.name not in ("rigid", "box", "mesh"))


class Track:
    """The series of a clip: one row per frame in which the face was seen."""

    def __init__(self, rows: Sequence[Signals]) -> None:
        table = np.array([[getattr(row, name) for name in _SCALARS] for row in rows], float)
        columns = dict(zip(_SCALARS, table.reshape(-1, len(_SCALARS)).T, strict=True))
        self.time_s: Series = columns["time_s"]
        self.open_right: Series = _filled(self.time_s, columns["open_right"])
        self.open_left: Series = _filled(self.time_s, columns["open_left"])
        self.mouth: Series = columns["mouth"]
        self.yaw_deg: Series = columns["yaw_deg"]
        self.tall: Series = columns["tall"]
        self.eyes_px: Series = columns["eyes_px"]
        self.rigid: Series = np.array([row.rigid for row in rows], float)
        self.box: Series = np.array([row.box for row in rows], float).reshape(-1, 4)

    def __len__(self) -> int:
        return len(self.time_s)

    @cached_property
    def yaw_smooth_deg(self) -> Series:
        """Yaw without single-frame jumps (median of three)."""
        return median3(self.yaw_deg)

    @cached_property
    def opening(self) -> Series:
        """Both lid gaps, each over its own open state, averaged: 1 is open, 0 shut."""
        right = _relative(self.time_s, self.open_right)
        return (right + _relative(self.time_s, self.open_left)) / 2


def _filled(times: Series, values: Series) -> Series:
    """Straight lines over what was not measured."""
    known = ~np.isnan(values)
    if known.all() or not known.any():
        return values
    filled: Series = np.interp(times, times[known], values[known])
    return filled


#: The open state of an eye is its 75th percentile within this many seconds, and at least this (a lid gap that small
#: is a shut eye; dividing by it would make noise look like blinks).
_REACH_S, _LEAST_OPEN = 1.2, 0.08


def _relative(times: Series, gap: Series) -> Series:
    first = np.searchsorted(times, times - _REACH_S, side="left")
    last = np.searchsorted(times, times + _REACH_S, side="right")
    base = np.array([_quartile(gap[a:b]) for a, b in zip(first, last, strict=True)])
    relative: Series = gap / np.maximum(base, _LEAST_OPEN)
    return relative


def _quartile(values: Series) -> float:
    """The 75th percentile as NumPy has it; its own function takes twenty-five times as long."""
    ordered, place = np.sort(values), 0.75 * (len(values) - 1)
    low = int(place)
    above = ordered[min(low + 1, len(ordered) - 1)]
    return float(ordered[low] + (place - low) * (above - ordered[low]))


def median3(values: Series) -> Series:
    """Return the running median of three, ends kept."""
    if len(values) < 3:
        return values
    inner = np.median(np.stack([values[:-2], values[1:-1], values[2:]]), axis=0)
    return np.concatenate([values[:1], inner, values[-1:]])


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (first, last) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
