"""DG2: the portrait, out of its CBEFF wrapping and its ISO/IEC 19794-5:2005 record (ICAO 9303-10, 4.7.2)."""

from __future__ import annotations

import struct

from pipeline.chip.document import ChipFile
from pipeline.chip.tags import elements, inner, unwrap

_APPLICATION = 1
#: Tags 7F61 (group of templates), 7F60 (one template), 5F2E and 7F2E (its data): their numbers.
_GROUP, _TEMPLATE, _DATA = 0x61, 0x60, 0x2E
_MAGIC = b"FAC\x00010\x00"
#: Bytes of the record's header, of the part before the feature points, of one point, and of the part after them.
_HEADER, _FACE, _POINT, _IMAGE = 14, 20, 8, 12
_JPEG = b"\xff\xd8\xff"
_JPEG_2000 = (b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51")


def parse_dg2(data: bytes) -> bytes | None:
    """Return the encoded picture of the first face, JPEG or JPEG 2000.

    Args:
        data: the file as read, tag 75.

    Returns:
        The picture's bytes, undecoded; None if the file is whole but its record is of another format.

    Raises:
        CannotJudge: `chip_unreadable`: the file is not whole.
    """
    group = inner(unwrap(data, ChipFile.DG2), _GROUP)
    if group is None:
        return None
    try:
        record = _first(elements(_first(elements(group), _TEMPLATE)), _DATA)
        picture = _picture(record)
    except (ValueError, struct.error):
        return None
    return picture if picture.startswith((_JPEG, *_JPEG_2000)) else None


def _first(found: list[tuple[int, int, bytes, bytes]], tag: int) -> bytes:
    for of_class, number, content, _ in found:
        if (of_class, number) == (_APPLICATION, tag):
            return content
    raise ValueError("no such element")


def _picture(record: bytes) -> bytes:
    if not record.startswith(_MAGIC):
        raise ValueError("not a record of ISO/IEC 19794-5:2005")
    block_bytes, points = struct.unpack_from(">IH", record, _HEADER)
    start = _HEADER + _FACE + points * _POINT + _IMAGE
    stop = _HEADER + block_bytes
    if not start < stop <= len(record):
        raise ValueError("lengths do not fit")
    return record[start:stop]


def wrap_portrait(picture: bytes, *, is_jpeg_2000: bool, size_px: tuple[int, int]) -> bytes:
    """Return the record that holds a picture, without feature points: the inverse of what `parse_dg2` unpacks.

    Args:
        picture: encoded, JPEG or JPEG 2000.
        is_jpeg_2000: which of the two.
        size_px: width and height.
    """
    block = _FACE + _IMAGE + len(picture)
    header = _MAGIC + struct.pack(">IH", _HEADER + block, 1)
    face = struct.pack(">IH", block, 0) + bytes(_FACE - 6)
    image = struct.pack(">BBHHBBHH", 1, int(is_jpeg_2000), *size_px, 1, 2, 0, 0)
    return header + face + image + picture
