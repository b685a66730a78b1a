"""Is a screen before the camera? Its pixels beat against the camera's, and its rim is an even frame around the picture.

A grid of pixels leaves sharp peaks in the spectrum. Advisory: a fine or blurred screen that fills the picture shows
neither grid nor rim, and a striped wall may show a grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage

#: The middle square of the picture that is looked at, and the window of its spectrum that a peak is compared with.
_SIDE_PX, _AROUND = 256, 15
#: Cycles a pixel: below are things and faces, beyond the last along either axis is nothing but the codec, whose blocks
#: lie on the axes. The diagonals reach further: the grid of a fine screen lies there.
_LOWEST, _HIGHEST, _AXIS = 0.12, 0.49, 0.01
#: Mean of this many highest peaks: a moire pattern leaves four.
_PEAKS = 4
#: Natural logarithm of amplitude over its surroundings, of single looks (the median) and of the mean of all pictures,
#: in which a grid that stands still is left and noise is not; see docs/thresholds.md.
SCREEN_PEAK = 1.65
#: Every so many looks the spectrum is taken.
_EVERY_LOOK = 2
#: A rim is at most this share of a side, this even (standard deviation, grey levels), and so alike on all four sides.
_RIM_SHARE, _RIM_EVEN, _RIM_ALIKE = 0.12, 4.0, 8.0
#: Grey levels between a rim and what it frames, at the least on all four sides; see docs/thresholds.md.
SCREEN_RIM = 6.0

Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenSigns:
    """What a clip shows of a screen; `peak` is None when its pictures are too small."""

    peak: float | None
    rim: float


class ScreenWatch:
    """Gathers a clip's signs of a screen, a frame at a time."""

    def __init__(self) -> None:
        self._looks: list[float] = []
        self._middle: Grey | None = None
        self._whole: Grey | None = None
        self._frames = self._whole_frames = 0

    def see(self, rgb: RgbImage) -> None:
        """Add a frame: H x W x 3, uint8, RGB, at the size it was recorded, or shrunk to 640 pixels."""
        middle = _middle_of(rgb)
        if middle is None or (self._middle is not None and self._middle.shape != middle.shape):
            return
        self._middle = _added(self._middle, middle)
        self._frames += 1

    def look(self, rgb: RgbImage) -> None:
        """Look at a frame more closely, some times a second."""
        peak = screen_peak(rgb) if self._whole_frames % _EVERY_LOOK == 0 else None
        if peak is not None:
            self._looks.append(peak)
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        if self._whole is None or self._whole.shape == grey.shape:
            self._whole = _added(self._whole, grey)
            self._whole_frames += 1

    def signs(self) -> ScreenSigns:
        """What was seen."""
        peaks = [float(np.median(self._looks))] if self._looks else []
        if self._middle is not None:
            peaks.append(_peak(self._middle / np.float32(self._frames)))
        rim = 0.0 if self._whole is None else rim_step(self._whole / np.float32(self._whole_frames))
        return ScreenSigns(peak=max(peaks, default=None), rim=rim)


def screen_peak(rgb: RgbImage) -> float | None:
    """Return how far the strongest regular pattern of a picture stands out of its spectrum.

    Args:
        rgb: H x W x 3, uint8, RGB, at the size it was recorded, or shrunk to 640 pixels.

    Returns:
        A logarithm of amplitudes, see `SCREEN_PEAK`; None when the picture is smaller than 256 x 256.
    """
    middle = _middle_of(rgb)
    return None if middle is None else _peak(middle.astype(np.float32))


def rim_step(grey: Grey) -> float:
    """Return the step in grey levels from an even rim on all four sides to what it frames; 0 without one.

    Args:
        grey: H x W, float32, 0 to 255: the mean of a clip's pictures.
    """
    sides = [_side_rim(turned) for turned in (grey, grey[::-1], grey.T, grey.T[::-1])]
    greys = [level for level, _ in sides]
    return min(step for _, step in sides) if max(greys) - min(greys) <= _RIM_ALIKE else 0.0


def _side_rim(grey: Grey) -> tuple[float, float]:
    """Grey of the even band at the top, and the largest step from such a band to what lies below it."""
    best = (float(grey[0].mean()), 0.0)
    for width in range(1, max(int(_RIM_SHARE * len(grey)), 1) + 1):
        # The corners belong to the other sides; the codec softens the border.
        band, below = grey[:width, width:-width], grey[width + 2, width + 2 : -width - 2]
        if not below.size or band[: max(width - 1, 1)].std() > _RIM_EVEN:
            break
        level = float(band[0].mean())
        best = max(best, (level, float(np.median(np.abs(below - level)))), key=lambda rim: rim[1])
    return best


def _middle_of(rgb: RgbImage) -> NDArray[np.uint8] | None:
    height, width = rgb.shape[:2]
    top, left = (height - _SIDE_PX) // 2, (width - _SIDE_PX) // 2
    if min(top, left) < 0:
        return None
    middle = rgb[top : top + _SIDE_PX, left : left + _SIDE_PX]
    return np.asarray(cv2.cvtColor(middle, cv2.COLOR_RGB2GRAY), np.uint8)


def _added(total: Grey | None, grey: NDArray[np.uint8]) -> Grey:
    if total is None:
        return grey.astype(np.float32)
    cv2.accumulate(grey, total)
    return total


def _peak(grey: Grey) -> float:
    window, looked_at = _masks()
    spectrum = np.fft.fftshift(np.fft.fft2((grey - grey.mean()) * window))
    level = np.log(np.abs(spectrum) + 1).astype(np.float32)
    above = (level - cv2.blur(level, (_AROUND, _AROUND)))[looked_at]
    return float(np.partition(above, -_PEAKS)[-_PEAKS:].mean())


@lru_cache(1)
def _masks() -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """A Hann window, and the part of the spectrum that is looked at: no axes, the codec's blocks lie there."""
    hann = np.hanning(_SIDE_PX)
    y, x = np.mgrid[-_SIDE_PX // 2 : _SIDE_PX // 2, -_SIDE_PX // 2 : _SIDE_PX // 2] / _SIDE_PX
    across, down = np.abs(x), np.abs(y)
    ring = (np.hypot(x, y) > _LOWEST) & (np.maximum(across, down) < _HIGHEST)
    ring &= np.minimum(across, down) > _AXIS
    return np.outer(hann, hann).astype(np.float32), ring
