"""What the bytes of a picture are: format, completeness, frames and pixel count, without decoding a pixel.

Gateway, workers and command line ask here, so that they take and refuse the same files. Names and `Content-Type` are
never trusted. Needs Pillow for headers alone; no numpy and no model.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from PIL import Image

from pipeline.limits import FORMATS, MAX_PIXELS, MAX_SCANS, MIN_SIDE_PX


class PictureFault(StrEnum):
    """Why a file is not taken as a picture: stable codes, the fact `cause` of `evidence_undecodable`."""

    EMPTY = "empty"
    NOT_A_PICTURE = "not_a_picture"
    FORMAT_NOT_TAKEN = "format_not_taken"
    ANIMATED = "animated"
    TRUNCATED = "truncated"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_SCANS = "too_many_scans"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_SMALL = "too_small"
    DAMAGED = "damaged"
    FILE_UNREADABLE = "file_unreadable"


_F = PictureFault
_SEND_VI, _SEND_EN = (
    "Vui lòng gửi ảnh JPEG, PNG hoặc WebP.",
    "Please send a JPEG, PNG or WebP picture.",
)
_DAMAGED = ("Tệp ảnh bị hỏng. Vui lòng chụp lại.", "The picture is damaged. Please take it again.")
#: What to tell who sent the file: Vietnamese, English.
FAULT_WORDS: Mapping[PictureFault, tuple[str, str]] = MappingProxyType({
    _F.EMPTY: ("Tệp rỗng. Vui lòng gửi lại ảnh.", "The file is empty. Please send the picture again."),
    _F.NOT_A_PICTURE: (f"Tệp không phải là ảnh. {_SEND_VI}", f"The file is not a picture. {_SEND_EN}"),
    _F.FORMAT_NOT_TAKEN: (f"Định dạng tệp chưa được hỗ trợ. {_SEND_VI}", f"This kind of file is not taken. {_SEND_EN}"),
    _F.ANIMATED: ("Ảnh động không được nhận. Vui lòng gửi ảnh tĩnh.", "The picture moves. Please send a still one."),
    _F.TRUNCATED: ("Tệp ảnh bị cắt cụt. Vui lòng gửi lại.", "The file is cut off. Please send it again."),
    _F.TOO_MANY_PIXELS: ("Ảnh quá lớn (tối đa 40 megapixel).", "The picture is too large (at most 40 megapixels)."),
    _F.TOO_MANY_SCANS: _DAMAGED,
    _F.TOO_MANY_BYTES: ("Tệp quá lớn. Vui lòng gửi ảnh nhỏ hơn.", "The file is too large. Please send a smaller one."),
    _F.TOO_SMALL: ("Ảnh quá nhỏ. Vui lòng gửi ảnh gốc.", "The picture is too small. Please send the original."),
    _F.DAMAGED: _DAMAGED,
    _F.FILE_UNREADABLE: ("Không mở được tệp.", "The file could not be opened."),
})  # fmt: skip

_PNG = b"\x89PNG\r\n\x1a\n"
#: Brands of ISO base media files that hold still pictures (ISO/IEC 23008-12 and AVIF).
_STILL_BRANDS = {
    b"heic": "heic", b"heix": "heic", b"heim": "heic", b"heis": "heic",
    b"mif1": "heif", b"msf1": "heif", b"avif": "avif", b"avis": "avif",
}  # fmt: skip
_OTHERS = (
    (b"%PDF-", "pdf"), (b"GIF8", "gif"), (b"BM", "bmp"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"),
    (b"\0\0\x01\0", "ico"), (b"\0\0\0\x0cjP  ", "jp2"), (b"\xff\x4f\xff\x51", "jp2"),
    (b"\xff\x0a", "jxl"), (b"\0\0\0\x0cJXL ", "jxl"), (b"8BPS", "psd"),
)  # fmt: skip
#: Where text that is an SVG picture says so.
_SVG_HEAD_BYTES = 1024


def sniff_picture(head: bytes) -> str | None:
    """Return the media type of a picture that is taken, told by its first bytes, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(_PNG):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return None


def other_format(head: bytes) -> str | None:
    """Return the short name of a known format that is not taken, or None."""
    if head[4:8] == b"ftyp":
        return _STILL_BRANDS.get(head[8:12], "film")
    if b"<svg" in head[:_SVG_HEAD_BYTES]:
        return "svg"
    return next((name for start, name in _OTHERS if head.startswith(start)), None)


def find_fault(data: bytes) -> PictureFault | None:
    """Say why whole bytes are not taken as a picture.

    Args:
        data: the file.

    Returns:
        None if it is one still JPEG, PNG or WebP, complete by its structure, of an accepted size. Its pixels may still
        turn out to be damaged.
    """
    if not data:
        return PictureFault.EMPTY
    match sniff_picture(data):
        case "image/jpeg":
            fault = _jpeg_fault(data)
        case "image/png":
            fault = _png_fault(data)
        case "image/webp":
            fault = _webp_fault(data)
        case _:
            known = other_format(data)
            return PictureFault.FORMAT_NOT_TAKEN if known else PictureFault.NOT_A_PICTURE
    return fault or _size_fault(data)


def _jpeg_fault(data: bytes) -> PictureFault | None:
    """Walk the segments to the main scan (a thumbnail's end lies inside a segment), then look for the end mark.

    Entropy-coded data cannot contain FFD9 (ITU-T T.81, B.1.1.5), and phones append trailers after it.
    """
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xDA:
            end = data.find(b"\xff\xd9", place)
            if end < 0:
                return PictureFault.TRUNCATED
            scans = data.count(b"\xff\xda", place, end)
            return PictureFault.TOO_MANY_SCANS if scans > MAX_SCANS else None
        if marker == 0xFF:  # fill byte
            place += 1
            continue
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return PictureFault.TRUNCATED


def _png_fault(data: bytes) -> PictureFault | None:
    chunks = set(_png_chunks(data))
    if b"IEND" not in chunks:
        return PictureFault.TRUNCATED
    return PictureFault.ANIMATED if b"acTL" in chunks else None


def _png_chunks(data: bytes) -> Iterator[bytes]:
    place = len(_PNG)
    while place + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, place)
        if place + 12 + size > len(data):
            return
        yield data[place + 4 : place + 8]
        place += 12 + size


def _webp_fault(data: bytes) -> PictureFault | None:
    """The animation flag is bit 1 of the first byte of a VP8X chunk (RFC 9649, 2.7)."""
    if len(data) < 8 + int.from_bytes(data[4:8], "little"):
        return PictureFault.TRUNCATED
    animated = data[12:16] == b"VP8X" and data[20:21] and data[20] & 0x02
    return PictureFault.ANIMATED if animated else None


def _size_fault(data: bytes) -> PictureFault | None:
    try:
        with warnings.catch_warnings():
            # Our own limit follows; Pillow's warning would become an error only above its own.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                width, height = image.size
    except Image.DecompressionBombError:
        return PictureFault.TOO_MANY_PIXELS
    except Exception:  # Pillow raises a dozen unrelated types on hostile headers
        return PictureFault.DAMAGED
    if width * height > MAX_PIXELS:
        return PictureFault.TOO_MANY_PIXELS
    return PictureFault.TOO_SMALL if min(width, height) < MIN_SIDE_PX else None
