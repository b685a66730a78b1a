"""A frame of a camera, and the still that is made of one."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.image import RgbImage

#: The quality gates read JPEG as well as the frame itself from here on (a 720p still has about 0.4 MB).
_JPEG_QUALITY = 95


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One picture as the camera gave it, never mirrored.

    `rgb` is H x W x 3, uint8, RGB; `time_s` counts from when the camera was opened; `number` counts frames.
    """

    rgb: RgbImage
    time_s: float
    number: int


def encode_still(rgb: RgbImage) -> bytes:
    """Return a picture as JPEG.

    Args:
        rgb: H x W x 3, uint8, RGB.

    Raises:
        ValueError: it cannot be encoded.
    """
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise ValueError("the picture cannot be encoded")
    return np.asarray(data, np.uint8).tobytes()
