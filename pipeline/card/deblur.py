"""Takes a known blur out of a small grey picture, so that fine print comes apart (a Wiener filter)."""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


class Deblurred:
    """One picture whose spectrum is computed once and filtered for several blurs."""

    def __init__(self, grey: Grey) -> None:
        """Keep the picture, H x W, uint8; it is mirrored beyond its edges up to a size that transforms quickly."""
        self._shape = grey.shape
        size = [scipy.fft.next_fast_len(n + n // 16, real=True) for n in grey.shape]
        padded = np.pad(
            grey, [(0, s - n) for s, n in zip(size, grey.shape, strict=True)], "reflect"
        )
        self._size = padded.shape
        self._spectrum = scipy.fft.rfft2(padded.astype(np.float32))
        y = scipy.fft.fftfreq(self._size[0]).astype(np.float32)[:, None]
        x = scipy.fft.rfftfreq(self._size[1]).astype(np.float32)[None]
        self._frequency_2 = x * x + y * y

    def of(self, sigma_px: float, noise: float) -> Grey:
        """Return the picture as it was before a Gaussian blur.

        Args:
            sigma_px: standard deviation of the blur.
            noise: share of noise in the signal's power; the more, the less is sharpened.
        """
        blur = np.exp(-2 * (np.pi * sigma_px) ** 2 * self._frequency_2)
        filtered = self._spectrum * (blur / (blur * blur + noise))
        picture = scipy.fft.irfft2(filtered, s=self._size)
        height, width = self._shape
        return np.asarray(np.clip(picture[:height, :width], 0, 255), np.uint8)
