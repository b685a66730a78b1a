"""Seams between parts of recordings: a head at rest is suddenly somewhere else, and at rest again.

A cut within one room and one light hardly changes the picture, but nobody sits twice in exactly the same place. How the
head moved from one picture to the next is measured in the pictures themselves (`motion.py`). At a seam everything
jumps at once, by a little: head, light, background, grain. So the whole picture has to change as suddenly as the head
moves; a head that twitches and stays leaves the rest of the picture as it was.

Where the scene itself changes, all over and not by its light as a whole alone, smaller motions count, and count more:
there the head's motion is measured again with light that may fall unevenly, because a lamp that is switched on moves
nobody, and another light may hide a motion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.liveness.motion import HeadFilm, motions, motions_in_uneven_light, robust_fit
from pipeline.liveness.picture import HEIGHT, WIDTH, even_contrast
from pipeline.liveness.signals import Series, Track

Steps = NDArray[np.intp]

#: Steps are compared with so many neighbours before and after them. Two before, because a seam may follow closely on
#: the end of an action, and only the last of them where the picture has to jump too: alone, a head that twitches and
#: stays would look like a seam.
_BEFORE, _LAST_BEFORE, _AFTER = 2, 1, 3
#: All neighbours slower than this many eye distances a second is a head at rest.
_REST = 0.30
#: A step below this share of the eye distance is none (half of it where the scene changes), and neighbours move at
#: least so much: noise of the measurement is .0005 to .0015, and where a poor encoder starts anew .007.
_LEAST_STEP, _NOISE = 0.010, 0.0008
#: Pictures change at least so much (mean grey levels at even contrast): a still scene under camera noise .18.
_LEAST_CHANGE = 0.3
#: A head that jumps counts alone where the picture changes so many times as much as around: on less it is a twitch.
_CHANGED = 3.0
#: Frames further apart than this tell nothing.
_GAP_S = 0.2
#: Pictures nearer than this (mean grey levels) are one picture shown twice, as busy encoders do.
_SAME = 0.02
#: A scene changes at a step where half of its blocks change so many times as much as around, beyond what light does
#: that changes as a whole; less is nothing. Twice that is all that counts. See docs/thresholds.md.
_SCENE_CHANGED, _MOST_COUNTED = 3.0, 2.0
#: Blocks of a picture are squares of so many pixels.
_BLOCK = 8
#: Grey levels for which light as a whole is fitted as a curve of three terms.
_TONES = 50.0
#: How many times as much as at its neighbours changes at a seam, see docs/thresholds.md.
SEAM_RATIO = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """The step that looks most like a seam: when (seconds), and what changes at it over what changes at its neighbours.

    `ratio` is the head's change of motion over that of the four neighbours around, as the geometric mean with the whole
    picture's change over its neighbours'; or over five neighbours, alone. Where the scene changes it counts up to
    twice.
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
    film = HeadFilm(
        pictures=shown.reshape(-1, HEIGHT, WIDTH),
        boxes=_boxes(track, times),
        eyes_px=float(np.median(track.eyes_px)),
        size_px=size_px,
    )
    pace = _pace(film, times, even_contrast(shown))
    resting = _resting(pace)
    if not len(resting):
        return None
    ratios = _ratios(film, pace, resting)
    most = int(np.argmax(ratios))
    return Seam(time_s=float(times[resting[most] + 1]), ratio=float(ratios[most]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pace:
    """What changes at each step: gaps in seconds, the head's speeds (steps, 6), the picture, the scene in blocks."""

    gaps: Series
    speeds: Series
    changes: NDArray[np.float32]
    scene: Series


def _pace(film: HeadFilm, times: Series, even: NDArray[np.float32]) -> _Pace:
    gaps = np.maximum(np.diff(times), 1e-6)
    return _Pace(
        gaps=gaps,
        speeds=motions(film) / gaps[:, None],
        changes=np.abs(np.diff(even, axis=0)).mean(1),
        scene=_scene(even),
    )


def _scene(even: NDArray[np.float32]) -> Series:
    """How much each block changes at each step, (steps, blocks), beyond a curve of light for the whole picture."""
    rows = even.reshape(-1, HEIGHT // _BLOCK, _BLOCK, WIDTH).mean(2)
    blocks = rows.reshape(len(even), -1, _BLOCK).mean(2)
    tone = (blocks[:-1] - blocks[:-1].mean(1, keepdims=True)) / np.float32(_TONES)
    table = np.stack([np.ones_like(tone), tone, tone**2], 1)
    change = np.diff(blocks, axis=0)
    light = (robust_fit(table, change)[:, None] @ table)[:, 0]
    return np.asarray(np.abs(change - light), np.float64)


def _around(steps: Steps, before: int) -> Steps:
    """Numbers of the neighbours of steps, (steps, neighbours)."""
    return np.asarray(steps[:, None] + np.r_[-before:0, 1 : 1 + _AFTER], np.intp)


def _resting(pace: _Pace) -> Steps:
    """Steps between two pictures that are near in time, with the head at rest on both sides."""
    steps = np.arange(_BEFORE, len(pace.speeds) - _AFTER)
    still = _length(pace.speeds)[_around(steps, _BEFORE)].max(1) <= _REST
    near: Steps = steps[still & (pace.gaps[steps] <= _GAP_S)]
    return near


def _ratios(film: HeadFilm, pace: _Pace, steps: Steps) -> Series:
    """How much each step is like a seam, see `Seam`."""
    ratios = _likeness(pace, steps, pace.speeds[steps], np.ones(len(steps)))
    counted = np.clip(_scene_change(pace, steps) / _SCENE_CHANGED, 1.0, _MOST_COUNTED)
    more = np.flatnonzero(counted > 1)
    again = steps[more]
    speeds = motions_in_uneven_light(film, again) / pace.gaps[again, None]
    ratios[more] = np.maximum(ratios[more], _likeness(pace, again, speeds, counted[more]))
    return ratios


def _likeness(pace: _Pace, steps: Steps, speeds: Series, counted: Series) -> Series:
    """How much each step is like a seam when the head has these speeds and each step counts so many times."""
    change = _change(pace, steps)
    one, two = (_jump(pace, steps, speeds, counted, n) for n in (_LAST_BEFORE, _BEFORE))
    return np.asarray(
        counted * np.maximum(np.sqrt(one * change), two * np.minimum(change / _CHANGED, 1.0))
    )


def _change(pace: _Pace, steps: Steps) -> Series:
    """How many times as much as at its neighbours the picture changes at each step."""
    usual = pace.changes[_around(steps, _BEFORE)].max(1)
    return np.asarray(pace.changes[steps] / np.maximum(usual, _LEAST_CHANGE), np.float64)


def _scene_change(pace: _Pace, steps: Steps) -> Series:
    """How many times as much as at its neighbours half of the blocks change at each step."""
    usual = pace.scene[_around(steps, _BEFORE)].max(1)
    return np.asarray(np.median(pace.scene[steps] / np.maximum(usual, _LEAST_CHANGE), axis=1))


def _jump(pace: _Pace, steps: Steps, speeds: Series, counted: Series, before: int) -> Series:
    """How many times its neighbours' change of motion each step of the head has; 0 when it makes none."""
    around = _around(steps, before)
    usual = np.median(pace.speeds[around], axis=1)
    step = _length(speeds - usual) * pace.gaps[steps]
    usual_step = (_length(pace.speeds[around] - usual[:, None]) * pace.gaps[around]).max(1)
    ratio = step / np.maximum(usual_step, _NOISE)
    return np.asarray(np.where(step * counted < _LEAST_STEP, 0.0, ratio))


def _length(motion: Series) -> Series:
    """RMS displacement of the head's points by motions (..., 6)."""
    weights = np.array([1.0, 1 / 3, 1 / 3, 1.0, 1 / 3, 1 / 3])
    length: Series = np.sqrt((motion**2 * weights).sum(-1))
    return length


def _boxes(track: Track, times: Series) -> Series:
    """The face's box at every frame."""
    return np.stack([np.interp(times, track.time_s, side) for side in track.box.T], axis=1)
