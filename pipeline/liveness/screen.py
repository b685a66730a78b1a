"""Is a screen before the camera? Its grid of pixels beats against the camera's and leaves sharp peaks in the spectrum.

Advisory: a fine or blurred screen shows no peak, and a striped wall may show one.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage

#: The middle square of the picture that is looked at, and the window of its spectrum that a peak is compared with.
_SIDE_PX, _AROUND = 256, 15
#: Cycles a pixel: below are things and faces, above is nothing but the codec.
_LOWEST, _HIGHEST, _AXIS = 0.12, 0.49, 0.01
#: Mean of this many highest peaks: a moire pattern leaves four.
_PEAKS = 4
#: Natural logarithm of amplitude over its surroundings. Public clips and made living clips: 1.3 to 1.5; filmed
#: screens whose pixels are 3.5 or more of the camera's apart: 2.9 to 3.6 (development clips, 30 Nov 2026).
SCREEN_PEAK = 2.0


def screen_peak(rgb: RgbImage) -> float | None:
    """Return how far the strongest regular pattern of a picture stands out of its spectrum.

    Args:
        rgb: H x W x 3, uint8, RGB, at the size it was recorded, or shrunk to 640 pixels.

    Returns:
        A logarithm of amplitudes, see `SCREEN_PEAK`; None when the picture is smaller than 256 x 256.
    """
    height, width = rgb.shape[:2]
    top, left = (height - _SIDE_PX) // 2, (width - _SIDE_PX) // 2
    if min(top, left) < 0:
        return None
    middle = rgb[top : top + _SIDE_PX, left : left + _SIDE_PX]
    grey = cv2.cvtColor(middle, cv2.COLOR_RGB2GRAY).astype(np.float32)
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
    radius = np.hypot(x, y)
    ring = (radius > _LOWEST) & (radius < _HIGHEST) & (np.abs(x) > _AXIS) & (np.abs(y) > _AXIS)
    return np.outer(hann, hann).astype(np.float32), ring
