"""What uploaded bytes are, told by the bytes alone: type, completeness and pixel count. No pixel is decoded here.

Names and `Content-Type` are never trusted. Decoding is the business of the workers, which may die of it.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator

from PIL import Image

from api.problems import ApiError
from pipeline.chip.document import parse_document
from pipeline.errors import CannotJudge
from pipeline.limits import FORMATS, MAX_PIXELS, MIN_SIDE_PX
from pipeline.stages import EvidenceKind

IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp")
CHIP_TYPES = ("application/json",)
CLIP_TYPES = ("video/mp4", "video/quicktime", "video/webm", "video/x-matroska")

_PNG = b"\x89PNG\r\n\x1a\n"
_EBML = b"\x1a\x45\xdf\xa3"
#: ISO base media files that hold still pictures, not a film (ISO/IEC 23008-12 and AVIF brands).
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


def types_of(kind: EvidenceKind) -> tuple[str, ...]:
    """Return the media types that a kind of evidence takes."""
    return {EvidenceKind.CLIP: CLIP_TYPES, EvidenceKind.CHIP: CHIP_TYPES}.get(kind, IMAGE_TYPES)


def sniff_type(head: bytes) -> str | None:
    """Return the media type that the first bytes show, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(_PNG):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _film_of_brand(head[8:12])
    if head.startswith(_EBML):
        return "video/webm" if b"webm" in head[:64] else _matroska(head)
    return None


def _film_of_brand(brand: bytes) -> str | None:
    if brand in _STILL_BRANDS:
        return None
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _matroska(head: bytes) -> str | None:
    return "video/x-matroska" if b"matroska" in head[:64] else None


def require_type(kind: EvidenceKind, head: bytes) -> str:
    """Return the media type of evidence, told by its first bytes.

    Raises:
        ApiError: `evidence_type_refused`, `evidence_empty`.
    """
    if not head:
        raise ApiError("evidence_empty")
    found = sniff_type(head)
    if found is None or found not in types_of(kind):
        raise ApiError("evidence_type_refused", accepted=list(types_of(kind)))
    return found


def inspect_evidence(kind: EvidenceKind, data: bytes) -> str:
    """Return the media type of whole evidence after looking at its structure.

    Raises:
        ApiError: `evidence_empty`, `evidence_type_refused`, `evidence_truncated`, `image_too_many_pixels`,
            `image_too_small`, `chip_document_invalid`.
    """
    if kind is EvidenceKind.CHIP:
        return _inspect_chip(data)
    found = require_type(kind, data)
    if not _is_whole(found, data):
        raise ApiError("evidence_truncated")
    if kind is not EvidenceKind.CLIP:
        _check_pixels(data)
    return found


def _inspect_chip(data: bytes) -> str:
    """Chip data has no magic bytes: it is told by being the JSON document that it has to be."""
    if not data:
        raise ApiError("evidence_empty")
    try:
        parse_document(data)
    except CannotJudge as problem:
        raise ApiError("chip_document_invalid", cause=str(problem.facts["cause"])) from None
    return CHIP_TYPES[0]


def _is_whole(media_type: str, data: bytes) -> bool:
    match media_type:
        case "image/jpeg":
            return _jpeg_is_whole(data)
        case "image/png":
            return any(name == b"IEND" for name in _png_chunks(data))
        case "image/webp":
            return len(data) >= 8 + int.from_bytes(data[4:8], "little")
        case "video/mp4" | "video/quicktime":
            return _film_is_whole(data)
        case _:
            return True  # a live Matroska has no sizes; the worker counts its frames


def _jpeg_is_whole(data: bytes) -> bool:
    """Walk the segments to the main scan (a thumbnail's end lies inside a segment), then look for the end mark.

    Entropy-coded data cannot contain FFD9 (ITU-T T.81, B.1.1.5), and phones append trailers after it.
    """
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xDA:
            return data.find(b"\xff\xd9", place) >= 0
        if marker == 0xFF:  # fill byte
            place += 1
            continue
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return False


def _png_chunks(data: bytes) -> Iterator[bytes]:
    place = len(_PNG)
    while place + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, place)
        if place + 12 + size > len(data):
            return
        yield data[place + 4 : place + 8]
        place += 12 + size


def _film_is_whole(data: bytes) -> bool:
    """A film needs its index (`moov`), and no box may reach beyond the end."""
    place, names = 0, set()
    while place + 8 <= len(data):
        (size,) = struct.unpack_from(">I", data, place)
        if size == 1 and place + 16 <= len(data):
            (size,) = struct.unpack_from(">Q", data, place + 8)
        elif size == 0:  # to the end of the file
            size = len(data) - place
        if size < 8 or place + size > len(data):
            return False
        names.add(data[place + 4 : place + 8])
        place += size
    return b"moov" in names


def _check_pixels(data: bytes) -> None:
    width, height = _size_px(data)
    if width * height > MAX_PIXELS:
        raise ApiError("image_too_many_pixels", max_pixels=MAX_PIXELS)
    if min(width, height) < MIN_SIDE_PX:
        raise ApiError("image_too_small", min_side_px=MIN_SIDE_PX)


def _size_px(data: bytes) -> tuple[int, int]:
    try:
        with warnings.catch_warnings():
            # Our own limit follows; Pillow's warning would become an error only above its own.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return image.size
    except Image.DecompressionBombError:
        raise ApiError("image_too_many_pixels", max_pixels=MAX_PIXELS) from None
    except Exception:  # Pillow raises a dozen unrelated types on hostile headers
        raise ApiError("evidence_truncated") from None
