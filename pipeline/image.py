"""The one door for pictures: bytes become RGB pixels here, bounded and upright, and nowhere else."""

from __future__ import annotations

import io
import warnings
from typing import NewType

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from pipeline.errors import CannotJudge
from pipeline.limits import FORMATS, MAX_PIXELS, MIN_SIDE_PX
from pipeline.reasons import ReasonCode

#: H x W x 3, uint8, RGB, origin top-left.
RgbImage = NewType("RgbImage", NDArray[np.uint8])


def decode_image(data: bytes, *, evidence: str) -> RgbImage:
    """Decode a picture, turned upright by its EXIF orientation.

    Args:
        data: an encoded JPEG, PNG or WebP.
        evidence: the kind of evidence, named in the reason when it cannot be decoded.

    Returns:
        H x W x 3, uint8, RGB.

    Raises:
        CannotJudge: `evidence_undecodable`: not a picture, truncated, too large or too small.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise CannotJudge(
                        ReasonCode.EVIDENCE_UNDECODABLE, evidence=evidence, cause="too_many_pixels"
                    )
                upright = ImageOps.exif_transpose(image).convert("RGB")
                pixels = np.asarray(upright, dtype=np.uint8)
    except CannotJudge:
        raise
    except Exception as error:  # Pillow raises a dozen unrelated types on hostile bytes
        raise CannotJudge(
            ReasonCode.EVIDENCE_UNDECODABLE, evidence=evidence, cause=type(error).__name__
        ) from error
    if min(pixels.shape[:2]) < MIN_SIDE_PX:
        raise CannotJudge(ReasonCode.EVIDENCE_UNDECODABLE, evidence=evidence, cause="too_small")
    return RgbImage(np.ascontiguousarray(pixels))
