from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import CannotJudge
from pipeline.image import decode_image
from pipeline.reasons import ReasonCode


def encoded(pixels: np.ndarray, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **options)
    return out.getvalue()


def red(height: int = 80, width: int = 120) -> np.ndarray:
    return np.full((height, width, 3), (250, 10, 10), np.uint8)


def bomb(width: int, height: int) -> bytes:
    """A tiny PNG that claims to be huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_pixels_are_rgb() -> None:
    assert decode_image(encoded(red()), evidence="selfie")[0, 0].tolist() == [250, 10, 10]


def test_exif_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode_image(encoded(red(), "JPEG", exif=exif), evidence="selfie").shape == (120, 80, 3)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7 not a picture",
        encoded(red(400, 400), "JPEG")[:600],
        bomb(20_000, 20_000),
        bomb(100_000, 100_000),
        encoded(red(20, 20)),
        encoded(red(), "GIF"),
    ],
    ids=["empty", "pdf", "truncated", "400 MP", "10 GP", "tiny", "gif"],
)
def test_bad_bytes_are_a_reason_that_names_the_evidence(data: bytes) -> None:
    with pytest.raises(CannotJudge) as error:
        decode_image(data, evidence="card_back")
    assert error.value.reason is ReasonCode.EVIDENCE_UNDECODABLE
    assert error.value.facts["evidence"] == "card_back"
