"""The whole picture over time, small and grey: is it frozen, repeated, or cut?"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage
from pipeline.liveness.signals import Series

WIDTH, HEIGHT = 64, 48
#: Pictures are compared at this contrast (standard deviation in grey levels), so that darkness is no stillness.
_CONTRAST, _LEAST_CONTRAST = 50.0, 5.0
#: A living scene never returns to within this of a picture of half a second ago (mean grey levels; living clips: .41
#: and more; a still under fresh camera noise: .18, a frozen picture: 0).
REPEATED, _EARLIER_S = 0.30, 0.5
#: More pictures than this are compared in every n-th only: the cost grows with the square.
_MOST_COMPARED = 400
#: (grey levels, ratio): a cut changes the picture by at least so much, and so many times as much as its neighbours do.
#: Living clips: a large change is up to 5.3 times its neighbours; where an encoder starts anew, up to 5.2 levels and 17
#: times. Cuts in real and made clips: 8.8 times and more by 11 levels, or 31 times by 6 (two lights on one room).
_CUTS = ((8.0, 7.0), (5.5, 20.0))
_NEIGHBOURS, _LEAST_CHANGE = 8, 0.2


def thumbnail(rgb: RgbImage) -> NDArray[np.float32]:
    """Return the picture as 48 * 64 grey levels."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)  # first: a third of the pixels to shrink
    small = cv2.resize(grey, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32).ravel()


def repeated_share(times: Series, thumbnails: NDArray[np.float32]) -> float:
    """Return the share of pictures that were already there half a second earlier or before that.

    Finds a still photo, a frozen camera, and a sequence that is played again.

    Args:
        times: seconds of each picture.
        thumbnails: (n, 3072) from `thumbnail`.
    """
    every = -(-len(times) // _MOST_COMPARED)
    times, pictures = times[::every], even_contrast(thumbnails[::every])
    later = np.searchsorted(times, times - _EARLIER_S, side="right")
    blocks = _blocks(pictures)
    repeated = [_came_before(pictures, blocks, i, int(n)) for i, n in enumerate(later) if n > 0]
    return float(np.mean(repeated)) if repeated else 0.0


def _came_before(
    pictures: NDArray[np.float32], blocks: NDArray[np.float32], i: int, n: int
) -> bool:
    """Whether one of the first n pictures is this one again; only those whose blocks are alike are compared."""
    alike = np.flatnonzero(np.abs(blocks[:n] - blocks[i]).mean(1) < REPEATED)
    return bool((np.abs(pictures[alike] - pictures[i]).mean(1) < REPEATED).any())


def _blocks(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of 4 x 4 pixels: two pictures differ by no less than these do."""
    tiles = pictures.reshape(-1, HEIGHT // 4, 4, WIDTH // 4, 4)
    return np.asarray(tiles.mean((2, 4)), np.float32).reshape(len(pictures), -1)


def strongest_cut(thumbnails: NDArray[np.float32]) -> float:
    """Return how close the most sudden change comes to a cut: 1 and more is one, see `_CUTS`."""
    change = np.abs(np.diff(even_contrast(thumbnails), axis=0)).mean(1)
    large = np.flatnonzero(change >= min(levels for levels, _ in _CUTS))
    return max((_likeness(change, int(i)) for i in large), default=0.0)


def _likeness(change: Series, i: int) -> float:
    """The ratio of a change over the one that a change of its size needs to be a cut; 0 for small changes."""
    ratio = float(change[i] / max(np.median(_around(change, i)), _LEAST_CHANGE))
    return max((ratio / needed for levels, needed in _CUTS if change[i] >= levels), default=0.0)


def _around(change: Series, i: int) -> Series:
    return change[max(0, i - _NEIGHBOURS) : i + _NEIGHBOURS + 1]


def even_contrast(thumbnails: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a clip's pictures at one contrast, so that changes in a dark clip count as much as in a bright one."""
    contrast = max(float(np.median(thumbnails.std(1))), _LEAST_CONTRAST)
    return thumbnails * np.float32(_CONTRAST / contrast)
