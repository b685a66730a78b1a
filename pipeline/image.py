"""The one door for pictures: bytes become RGB pixels here, bounded and upright, and JPEG again, and nowhere else."""

from __future__ import annotations

import io
import warnings
from typing import NewType

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.errors import CannotJudge
from pipeline.limits import FORMATS, MAX_PORTRAIT_PIXELS
from pipeline.picture_bytes import PictureFault, find_fault, other_format
from pipeline.reasons import ReasonCode

#: H x W x 3, uint8, RGB, origin top-left.
RgbImage = NewType("RgbImage", NDArray[np.uint8])

_ORIENTATION = 0x0112
#: EXIF orientation -> how to put the picture upright (Exif 2.3, tag 274).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode_image(data: bytes, *, evidence: str) -> RgbImage:
    """Decode a picture, turned upright by its EXIF orientation.

    Args:
        data: an encoded JPEG, PNG or WebP: grey, palette, CMYK or 16 bits a channel become 8-bit RGB, and what is
            transparent becomes white.
        evidence: the kind of evidence, named in the reason when it cannot be decoded.

    Returns:
        H x W x 3, uint8, RGB.

    Raises:
        CannotJudge: `evidence_undecodable`, with a `PictureFault` as the fact `cause`.
    """
    fault = find_fault(data)
    if fault is not None:
        raise refuse_picture(fault, evidence=evidence, known_as=other_format(data))
    try:
        with warnings.catch_warnings():
            # The pixel count was checked; Pillow warns of many chunks and of odd metadata, too.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                pixels = _rgb(image)
    except Exception as error:  # Pillow raises a dozen unrelated types on hostile bytes
        raise refuse_picture(PictureFault.DAMAGED, evidence=evidence) from error
    return RgbImage(np.ascontiguousarray(pixels))


def decode_portrait(data: bytes) -> RgbImage:
    """Decode the portrait of a chip, JPEG or JPEG 2000.

    Args:
        data: the picture as it lies in DG2.

    Returns:
        H x W x 3, uint8, RGB.

    Raises:
        CannotJudge: `evidence_undecodable`, with a `PictureFault` as the fact `cause`.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "JPEG2000")) as image:
            if image.width * image.height > MAX_PORTRAIT_PIXELS:
                raise refuse_picture(PictureFault.TOO_MANY_PIXELS, evidence="chip")
            pixels = _rgb(image)
    except CannotJudge:
        raise
    except Exception as error:  # Pillow raises a dozen unrelated types on hostile bytes
        raise refuse_picture(PictureFault.DAMAGED, evidence="chip") from error
    return RgbImage(np.ascontiguousarray(pixels))


def refuse_picture(
    fault: PictureFault, *, evidence: str, known_as: str | None = None
) -> CannotJudge:
    """Return the reason why a file is not taken; `known_as` names a format that was recognised all the same."""
    named = {"format": known_as} if known_as and fault is PictureFault.FORMAT_NOT_TAKEN else {}
    return CannotJudge(
        ReasonCode.EVIDENCE_UNDECODABLE, evidence=evidence, cause=str(fault), **named
    )


def encode_jpeg(rgb: RgbImage, *, longest_px: int, quality: int) -> bytes:
    """Encode pixels for people to look at.

    Args:
        rgb: H x W x 3, uint8, RGB.
        longest_px: a longer side is shrunk to this.
        quality: of the JPEG, 1 to 95.

    Returns:
        The JPEG, without metadata.
    """
    image = Image.fromarray(rgb)
    image.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    image.load()
    if (turn := _UPRIGHT.get(_orientation(image))) is not None:
        image = image.transpose(turn)
    if image.mode.startswith(
        "I"
    ):  # Pillow would clip 16 bits to 255, which makes the picture white
        grey = (np.asarray(image) >> 8).clip(0, 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        paper = Image.new("RGB", seen.size, "white")
        paper.paste(seen, mask=seen.getchannel("A"))
        image = paper
    return np.asarray(image.convert("RGB"), dtype=np.uint8)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation; 1 (upright) where the metadata cannot be parsed: the pixels are whole all the same."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # hostile metadata raises a dozen unrelated types
        return 1
