"""How a head moves from one small picture to the next.

A small affine motion and a change of light are fitted by least squares on the gradients (Lucas and Kanade 1981),
because landmarks jitter by more than a patient head moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.liveness.picture import HEIGHT, WIDTH
from pipeline.liveness.signals import Series

Places = NDArray[np.intp]
Pictures = NDArray[np.float32]

#: The head without the mouth in half widths and heights of the face's box: to either side, above, and below its middle.
_ASIDE, _ABOVE, _BELOW = 1.25, 1.5, 0.35
#: Rounds of fitting with far-off pixels weighing less, so that a blink or a hand is no motion of the head.
_ROUNDS, _FAR_OFF, _LEAST_SCALE = 2, 1.5, 0.3
#: Keeps an even patch, whose motion cannot be seen, from having any.
_RIDGE = 0.01
#: Pairs of pictures that are fitted together: bounds the memory.
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeadFilm:
    """A head over time.

    Attributes:
        pictures: (n, 48, 64) small grey pictures.
        boxes: (n, 4) the face's box in pixels of the frames: left, top, right, bottom.
        eyes_px: the usual eye distance.
        size_px: width and height of the frames.
    """

    pictures: Pictures
    boxes: Series
    eyes_px: float
    size_px: tuple[int, int]

    @property
    def share(self) -> tuple[float, float]:
        """Pixels of the small pictures for one of the frames, across and down."""
        return WIDTH / self.size_px[0], HEIGHT / self.size_px[1]


def motions(film: HeadFilm) -> Series:
    """Motion from each picture to the next, (n - 1, 6): x, its change along x and y, then y likewise; eye distances.

    The light may change as a whole: where it changes on one side alone, the head seems to move.
    """
    last = len(film.pictures) - 1
    some = [slice(i, min(i + _AT_ONCE, last)) for i in range(0, last, _AT_ONCE)]
    return _motions(film, some, uneven=False)


def motions_in_uneven_light(film: HeadFilm, steps: Places) -> Series:
    """Motion from the pictures of these numbers to the next, (steps, 6), as `motions`; the light may change unevenly.

    On eleven living clips relit by 5 to 30 % from left to right within a step the head seems to move by up to .023 in
    `motions`, and by .005 here.
    """
    some = [steps[i : i + _AT_ONCE] for i in range(0, len(steps), _AT_ONCE)]
    return _motions(film, some, uneven=True)


def robust_fit(table: Pictures, change: Pictures) -> Series:
    """Fit changes by columns of a table, with far-off pixels weighing less.

    Args:
        table: (n, columns, pixels).
        change: (n, pixels), grey levels.

    Returns:
        (n, columns): how much of each column.
    """
    wanted = change.reshape(len(change), 1, -1)
    weights = np.ones_like(wanted)
    for _ in range(_ROUNDS):
        weighted = table * weights
        normal = weighted @ table.transpose(0, 2, 1) + _RIDGE * np.eye(table.shape[1])
        fitted = np.linalg.solve(normal, weighted @ wanted.transpose(0, 2, 1))
        off = np.abs(wanted - fitted.transpose(0, 2, 1).astype(np.float32) @ table)
        scale = np.maximum(_FAR_OFF * np.median(off, axis=2, keepdims=True), _LEAST_SCALE)
        weights = 1 / np.maximum(off / scale, 1)
    found: Series = fitted[:, :, 0].astype(np.float64)
    return found


def _motions(film: HeadFilm, parts: Sequence[slice | Places], *, uneven: bool) -> Series:
    rows, columns = _places(film.boxes[:-1] * [*film.share, *film.share])
    moved = [np.empty((0, 6))]
    for some in parts:
        pair = film.pictures[:-1][some], film.pictures[1:][some]
        moved.append(_moved(pair, rows[some], columns[some], uneven=uneven))
    return np.concatenate(moved) / (np.repeat(film.share, 3) * film.eyes_px)


def _moved(
    pair: tuple[Pictures, Pictures], rows: Places, columns: Places, *, uneven: bool
) -> Series:
    """The motion in pixels of the pictures, see `motions`."""
    mean = (pair[0] + pair[1]) / 2
    which = np.arange(len(mean))[:, None, None]
    across = (mean[which, rows, columns + 1] - mean[which, rows, columns - 1]) / 2
    down = (mean[which, rows + 1, columns] - mean[which, rows - 1, columns]) / 2
    x, y = np.meshgrid(*(np.linspace(-1, 1, n, dtype=np.float32) for n in across.shape[:0:-1]))
    light = mean[which, rows, columns]
    aslant = (light * x, light * y) if uneven else ()
    light -= light.mean((1, 2), keepdims=True)
    moving = (across, across * x, across * y, down, down * x, down * y)
    table = (*moving, np.ones_like(light), light, *aslant)
    change = (pair[0] - pair[1])[which, rows, columns]
    flat = np.stack([c.reshape(len(c), -1) for c in table], 1)
    return robust_fit(flat, change.reshape(len(change), -1))[:, :6]


def _places(small: Series) -> tuple[Places, Places]:
    """Rows (n, h, 1) and columns (n, 1, w) of the head, one size for all pictures and a pixel inside them."""
    middle = (small[:, :2] + small[:, 2:]) / 2
    half_w, half_h = np.median(small[:, 2:] - small[:, :2], axis=0) / 2
    width = int(np.clip(2 * _ASIDE * half_w, 8, WIDTH - 2))
    height = int(np.clip((_ABOVE + _BELOW) * half_h, 8, HEIGHT - 2))
    left = np.clip(middle[:, 0] - width / 2, 1, WIDTH - 1 - width).astype(np.intp)
    top = np.clip(middle[:, 1] - _ABOVE * half_h, 1, HEIGHT - 1 - height).astype(np.intp)
    rows = top[:, None, None] + np.arange(height)[None, :, None]
    return rows, left[:, None, None] + np.arange(width)[None, None, :]
