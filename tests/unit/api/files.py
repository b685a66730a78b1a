"""Small true files and hostile ones, made from bytes."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def picture(form: str = "JPEG", size: tuple[int, int] = (120, 80), colour: int = 90) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (colour, 120, 200)).save(out, form)
    return out.getvalue()


def animated(form: str) -> bytes:
    out = io.BytesIO()
    first, second = (Image.new("RGB", (120, 80), colour) for colour in ("red", "blue"))
    first.save(out, form, save_all=True, append_images=[second], duration=100)
    return out.getvalue()


def with_thumbnail(form_size: tuple[int, int] = (640, 400)) -> bytes:
    """A JPEG whose EXIF segment holds a whole small JPEG, with its own end mark."""
    thumbnail = picture(size=(32, 20))
    exif = b"Exif\x00\x00" + thumbnail
    main = picture(size=form_size)
    return main[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + main[2:]


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of_claimed_size(width: int, height: int, *, rows: int = 1) -> bytes:
    """A PNG of a few bytes that claims to be huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * rows * (width * 3 + 1), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", body)
        + png_chunk(b"IEND", b"")
    )


def png_with_text_bomb() -> bytes:
    """A small picture with a compressed text of 64 MB."""
    plain = picture("PNG")
    text = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 64_000_000, 9))
    return plain[:33] + text + plain[33:]


def jpeg_of_claimed_size(width: int, height: int) -> bytes:
    data = bytearray(picture())
    place = data.index(b"\xff\xc0")
    data[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def box(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def film(brand: bytes = b"isom", *, payload: bytes = b"\x07" * 4000) -> bytes:
    """The boxes of an MP4 without a playable picture: the gateway looks no deeper."""
    return (
        box(b"ftyp", brand + b"\0\0\2\0" + brand)
        + box(b"mdat", payload)
        + box(b"moov", b"\0" * 100)
    )


def matroska(doctype: bytes = b"webm") -> bytes:
    return b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84" + doctype + b"\x18\x53\x80\x67" + b"\1" * 500
