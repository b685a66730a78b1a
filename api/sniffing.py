"""What uploaded bytes are, told by the bytes alone: type, completeness and pixel count. No pixel is decoded here.

Names and `Content-Type` are never trusted. Decoding is the business of the workers, which may die of it.
"""

from __future__ import annotations

import struct

from api.problems import ApiError
from pipeline.chip.document import parse_document
from pipeline.errors import CannotJudge
from pipeline.limits import MAX_PIXELS, MIN_SIDE_PX
from pipeline.picture_bytes import PictureFault, find_fault, other_format, sniff_picture
from pipeline.stages import EvidenceKind

IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp")
CHIP_TYPES = ("application/json",)
CLIP_TYPES = ("video/mp4", "video/quicktime", "video/webm", "video/x-matroska")

_EBML = b"\x1a\x45\xdf\xa3"


def types_of(kind: EvidenceKind) -> tuple[str, ...]:
    """Return the media types that a kind of evidence takes."""
    return {EvidenceKind.CLIP: CLIP_TYPES, EvidenceKind.CHIP: CHIP_TYPES}.get(kind, IMAGE_TYPES)


def sniff_type(head: bytes) -> str | None:
    """Return the media type that the first bytes show, or None."""
    if (picture := sniff_picture(head)) is not None:
        return picture
    if head[4:8] == b"ftyp":
        return _film_of_brand(head)
    if head.startswith(_EBML):
        return "video/webm" if b"webm" in head[:64] else _matroska(head)
    return None


def _film_of_brand(head: bytes) -> str | None:
    if other_format(head) != "film":
        return None
    return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"


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
    if kind is not EvidenceKind.CLIP:
        _refuse_picture(find_fault(data))
    elif not _clip_is_whole(found, data):
        raise ApiError("evidence_truncated")
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


def _refuse_picture(fault: PictureFault | None) -> None:
    match fault:
        case None:
            return
        case PictureFault.ANIMATED:
            raise ApiError("evidence_type_refused", accepted=list(IMAGE_TYPES), cause=str(fault))
        case PictureFault.TOO_MANY_PIXELS:
            raise ApiError("image_too_many_pixels", max_pixels=MAX_PIXELS)
        case PictureFault.TOO_SMALL:
            raise ApiError("image_too_small", min_side_px=MIN_SIDE_PX)
        case _:
            raise ApiError("evidence_truncated")


def _clip_is_whole(media_type: str, data: bytes) -> bool:
    """A live Matroska has no sizes; the worker counts its frames."""
    return media_type not in ("video/mp4", "video/quicktime") or _film_is_whole(data)


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
