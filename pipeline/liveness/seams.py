"""Seams between parts of recordings: a head at rest is suddenly somewhere else, and at rest again.

A cut within one room and one light hardly changes the picture, but nobody sits twice in exactly the same place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.liveness.signals import Series, Track

#: Mean motion of the face's rigid points in eye distances a second: slower than this on both sides of a step is rest;
#: jitter of the landmarks is about _JITTER. Steps are compared with three neighbours on either side.
_REST, _JITTER, _NEIGHBOURS = 0.30, 0.08, 3
#: A step below this share of the eye distance is jitter, whatever it is compared with.
_LEAST_STEP = 0.018
#: Frames further apart than this tell nothing.
_GAP_S = 0.2
#: How many times its neighbours' speed a step has at a seam. Made living clips: up to 1.6; public clips of people who
#: speak and act: up to 1.7; splices and cuts of one person in one room: 2.1 to 9 (development clips, 30 Nov 2026).
SEAM_RATIO = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """The step that looks most like a seam: when (seconds), and how many times its neighbours' speed."""

    time_s: float
    ratio: float


def strongest_seam(track: Track) -> Seam | None:
    """Return the most seam-like step of a clip; None when the head was never at rest, so that none could show."""
    if len(track) < 2 * _NEIGHBOURS + 2:
        return None
    gaps = np.diff(track.time_s)
    steps = _steps(track)
    speeds = steps / np.maximum(gaps, 1e-6)
    resting = [
        (i, around)
        for i in range(_NEIGHBOURS, len(speeds) - _NEIGHBOURS)
        if (around := _speed_around(speeds, i)) <= _REST and gaps[i] <= _GAP_S
    ]
    if not resting:
        return None
    i, around = max(resting, key=lambda at: _ratio(steps[at[0]], speeds[at[0]], at[1]))
    return Seam(time_s=float(track.time_s[i + 1]), ratio=_ratio(steps[i], speeds[i], around))


def _steps(track: Track) -> Series:
    """Mean motion of the rigid points from frame to frame, in eye distances."""
    moved = np.linalg.norm(np.diff(track.rigid, axis=0), axis=2).mean(1)
    steps: Series = moved / float(np.median(track.eyes_px))
    return steps


def _speed_around(speeds: Series, i: int) -> float:
    before, after = speeds[i - _NEIGHBOURS : i], speeds[i + 1 : i + 1 + _NEIGHBOURS]
    return float(max(before.max(), after.max()))


def _ratio(step: float, speed: float, around: float) -> float:
    return 0.0 if step < _LEAST_STEP else float(speed / max(around, _JITTER))
