"""What stays alike when a clip is encoded again: a difference hash of one frame a second."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from pipeline.image import RgbImage
from pipeline.liveness.clip import ClipFrame


class ClipHash:
    """Takes the frames of one clip as they come; a new one for each."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def see(self, frame: ClipFrame) -> None:
        """Take the next frame in order of time."""
        if frame.time_s >= len(self._parts):
            self._parts.append(_difference_hash(frame.rgb))

    def text(self) -> str:
        """Return 64 bits a second, hex, joined by "-".

        Two clips are alike when most parts differ in few bits; equal files give equal strings.
        """
        return "-".join(self._parts)


def perceptual_hash(frames: Iterable[ClipFrame]) -> str:
    """Return the hash of a clip's frames, see `ClipHash.text`."""
    hashed = ClipHash()
    for frame in frames:
        hashed.see(frame)
    return hashed.text()


def _difference_hash(rgb: RgbImage) -> str:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = (small[:, 1:] > small[:, :-1]).ravel()
    return np.packbits(bits).tobytes().hex()
