"""Seams between parts of recordings: a head at rest is suddenly somewhere else, and at rest again.

A cut within one room and one light hardly changes the picture, but nobody sits twice in exactly the same place. How the
head moved from one picture to the next is measured in the pictures themselves (a small affine motion and a change of
light, by least squares on the gradients: Lucas and Kanade 1981), because landmarks jitter by more than a seam moves.
At a seam everything jumps at once, by a little: head, light, background, grain. So the whole picture has to change as
suddenly as the head moves; a head that twitches and stays leaves the rest of the picture as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.liveness.picture import HEIGHT, WIDTH, even_contrast
from pipeline.liveness.signals import Series, Track

Steps = NDArray[np.intp]

#: Steps are compared with so many neighbours before and after them. Two before, because a seam may follow closely on
#: the end of an action, and only the last of them where the picture has to jump too: alone, a head that twitches and
#: stays would look like a seam.
_BEFORE, _LAST_BEFORE, _AFTER = 2, 1, 3
#: All neighbours slower than this many eye distances a second is a head at rest.
_REST = 0.30
#: A step below this share of the eye distance is none, and neighbours move at least so much: noise of the measurement
#: is .0005 to .0015, and where a poor encoder starts anew .007.
_LEAST_STEP, _NOISE = 0.010, 0.0008
#: Pictures change at least so much (mean grey levels at even contrast): a still scene under camera noise .18.
_LEAST_CHANGE = 0.3
#: A head that jumps counts alone where the picture changes so many times as much as around: on less it is a twitch.
_CHANGED = 3.0
#: Frames further apart than this tell nothing.
_GAP_S = 0.2
#: Pictures nearer than this (mean grey levels) are one picture shown twice, as busy encoders do.
_SAME = 0.02
#: The head without the mouth in half widths and heights of the face's box: to either side, above, and below its middle.
_ASIDE, _ABOVE, _BELOW = 1.25, 1.5, 0.35
#: Rounds of fitting with far-off pixels weighing less, so that a blink or a hand is no motion of the head.
_ROUNDS, _FAR_OFF, _LEAST_SCALE = 2, 1.5, 0.3
#: Keeps an even patch, whose motion cannot be seen, from having any.
_RIDGE = 0.01
#: Pairs of pictures that are fitted together: bounds the memory.
_AT_ONCE = 64
#: How many times as much as at its neighbours changes at a seam, see docs/thresholds.md.
SEAM_RATIO = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """The step that looks most like a seam: when (seconds), and what changes at it over what changes at its neighbours.

    `ratio` is the head's change of motion over that of the three neighbours around, as the geometric mean with the
    whole picture's change over its neighbours'; or over more neighbours, alone.
    """

    time_s: float
    ratio: float


def strongest_seam(
    track: Track, times: Series, thumbnails: NDArray[np.float32], size_px: tuple[int, int]
) -> Seam | None:
    """Return the most seam-like step of a clip; None when the head was never at rest, so that none could show.

    Args:
        track: where the face is.
        times: seconds of all frames.
        thumbnails: (n, 3072) from `picture.thumbnail`, of all frames.
        size_px: width and height of the frames.
    """
    fresh = np.r_[True, np.abs(np.diff(thumbnails, axis=0)).mean(1) > _SAME]
    times, shown = times[fresh], thumbnails[fresh]
    if len(track) == 0 or len(times) < _BEFORE + _AFTER + 2:
        return None
    gaps = np.maximum(np.diff(times), 1e-6)
    pictures = shown.reshape(-1, HEIGHT, WIDTH)
    speeds = _motions(pictures, _boxes(track, times), _eyes(track), size_px) / gaps[:, None]
    changes = np.abs(np.diff(even_contrast(shown), axis=0)).mean(1)
    resting = _resting(speeds, gaps)
    if not len(resting):
        return None
    ratios = _likeness(speeds, gaps, changes, resting)
    most = int(np.argmax(ratios))
    return Seam(time_s=float(times[resting[most] + 1]), ratio=float(ratios[most]))


def _around(steps: Steps, before: int) -> Steps:
    """Numbers of the neighbours of steps, (steps, neighbours)."""
    return np.asarray(steps[:, None] + np.r_[-before:0, 1 : 1 + _AFTER], np.intp)


def _resting(speeds: Series, gaps: Series) -> Steps:
    """Steps between two pictures that are near in time, with the head at rest on both sides."""
    steps = np.arange(_BEFORE, len(speeds) - _AFTER)
    still = _length(speeds)[_around(steps, _BEFORE)].max(1) <= _REST
    near: Steps = steps[still & (gaps[steps] <= _GAP_S)]
    return near


def _likeness(speeds: Series, gaps: Series, changes: NDArray[np.float32], steps: Steps) -> Series:
    """How much each step is like a seam, see `Seam`."""
    change = _change(changes, steps)
    both = np.sqrt(_jump(speeds, gaps, steps, _LAST_BEFORE) * change)
    alone = _jump(speeds, gaps, steps, _BEFORE) * np.minimum(change / _CHANGED, 1.0)
    return np.asarray(np.maximum(both, alone))


def _change(changes: NDArray[np.float32], steps: Steps) -> Series:
    """How many times as much as at its neighbours the picture changes at each step."""
    usual = changes[_around(steps, _BEFORE)].max(1)
    return np.asarray(changes[steps] / np.maximum(usual, _LEAST_CHANGE), np.float64)


def _jump(speeds: Series, gaps: Series, steps: Steps, before: int) -> Series:
    """How many times its neighbours' change of motion each step of the head has; 0 when it makes none."""
    around = _around(steps, before)
    usual = np.median(speeds[around], axis=1)
    step = _length(speeds[steps] - usual) * gaps[steps]
    usual_step = (_length(speeds[around] - usual[:, None]) * gaps[around]).max(1)
    return np.asarray(np.where(step < _LEAST_STEP, 0.0, step / np.maximum(usual_step, _NOISE)))


def _length(motion: Series) -> Series:
    """RMS displacement of the head's points by motions (..., 6)."""
    weights = np.array([1.0, 1 / 3, 1 / 3, 1.0, 1 / 3, 1 / 3])
    length: Series = np.sqrt((motion**2 * weights).sum(-1))
    return length


def _boxes(track: Track, times: Series) -> Series:
    """The face's box at every frame."""
    return np.stack([np.interp(times, track.time_s, side) for side in track.box.T], axis=1)


def _eyes(track: Track) -> float:
    return float(np.median(track.eyes_px))


# ---------------------------------------------------------------- motion between two pictures


def _motions(
    pictures: NDArray[np.float32], boxes: Series, eyes_px: float, size_px: tuple[int, int]
) -> Series:
    """Motion from each picture to the next, (n - 1, 6): x, its change along x and y, then y likewise; eye distances."""
    share = WIDTH / size_px[0], HEIGHT / size_px[1]
    rows, columns = _places(boxes[:-1] * [*share, *share])
    moved = [
        _moved(pictures[i : i + _AT_ONCE + 1], rows[i : i + _AT_ONCE], columns[i : i + _AT_ONCE])
        for i in range(0, len(rows), _AT_ONCE)
    ]
    return np.concatenate(moved) / (np.repeat(share, 3) * eyes_px)


def _moved(
    pictures: NDArray[np.float32], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> Series:
    """The motion in pixels of the pictures, see `_motions`."""
    mean = (pictures[:-1] + pictures[1:]) / 2
    pair = np.arange(len(mean))[:, None, None]
    across = (mean[pair, rows, columns + 1] - mean[pair, rows, columns - 1]) / 2
    down = (mean[pair, rows + 1, columns] - mean[pair, rows - 1, columns]) / 2
    x, y = np.meshgrid(*(np.linspace(-1, 1, n, dtype=np.float32) for n in across.shape[:0:-1]))
    light = mean[pair, rows, columns]
    light -= light.mean((1, 2), keepdims=True)
    table = (across, across * x, across * y, down, down * x, down * y, np.ones_like(light), light)
    change = (pictures[:-1] - pictures[1:])[pair, rows, columns]
    return _robust_fit(np.stack([c.reshape(len(c), -1) for c in table], 1), change)[:, :6]


def _places(small: Series) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows (n, h, 1) and columns (n, 1, w) of the head, one size for all pictures and a pixel inside them."""
    middle = (small[:, :2] + small[:, 2:]) / 2
    half_w, half_h = np.median(small[:, 2:] - small[:, :2], axis=0) / 2
    width = int(np.clip(2 * _ASIDE * half_w, 8, WIDTH - 2))
    height = int(np.clip((_ABOVE + _BELOW) * half_h, 8, HEIGHT - 2))
    left = np.clip(middle[:, 0] - width / 2, 1, WIDTH - 1 - width).astype(np.intp)
    top = np.clip(middle[:, 1] - _ABOVE * half_h, 1, HEIGHT - 1 - height).astype(np.intp)
    rows = top[:, None, None] + np.arange(height)[None, :, None]
    return rows, left[:, None, None] + np.arange(width)[None, None, :]


def _robust_fit(table: NDArray[np.float32], change: NDArray[np.float32]) -> Series:
    """Least squares of each (pixels,) change on its (8, pixels) table, far-off pixels weighing less: (n, 8)."""
    wanted = change.reshape(len(change), 1, -1)
    weights = np.ones_like(wanted)
    for _ in range(_ROUNDS):
        weighted = table * weights
        normal = weighted @ table.transpose(0, 2, 1) + _RIDGE * np.eye(table.shape[1])
        fitted = np.linalg.solve(normal, weighted @ wanted.transpose(0, 2, 1))
        off = np.abs(wanted - fitted.transpose(0, 2, 1).astype(np.float32) @ table)
        scale = np.maximum(_FAR_OFF * np.median(off, axis=2, keepdims=True), _LEAST_SCALE)
        weights = 1 / np.maximum(off / scale, 1)
    moved: Series = fitted[:, :, 0].astype(np.float64)
    return moved
