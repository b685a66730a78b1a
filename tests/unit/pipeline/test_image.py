from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image, features

from pipeline.errors import CannotJudge
from pipeline.image import RgbImage, decode_image, encode_jpeg
from pipeline.picture_bytes import FAULT_WORDS, PictureFault
from pipeline.reasons import ReasonCode

_RED = (250, 10, 10)


def encoded(pixels: np.ndarray | Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(out, form, **options)
    return out.getvalue()


def red(height: int = 80, width: int = 120) -> np.ndarray:
    return np.full((height, width, 3), _RED, np.uint8)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width: int, height: int) -> bytes:
    """A tiny PNG that claims to be huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)


def many_scans() -> bytes:
    """A progressive JPEG whose first scan is repeated."""
    data = encoded(red(), "JPEG", progressive=True)
    start = data.index(b"\xff\xda")
    stop = data.index(b"\xff", start + 2 + int.from_bytes(data[start + 2 : start + 4], "big"))
    return data[:start] + data[start:stop] * 200 + data[start:]


def frames(form: str) -> bytes:
    more = [Image.fromarray(noise(80, 120))]
    return encoded(red(), form, save_all=True, append_images=more, duration=100)


def test_pixels_are_rgb() -> None:
    assert decode_image(encoded(red()), evidence="selfie")[0, 0].tolist() == [250, 10, 10]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_put_upright(orientation: int) -> None:
    upright = np.zeros((80, 120, 3), np.uint8)
    upright[:40, :60] = _RED  # red at the top left
    # how a camera that was held so stores the scene: the inverse of what a viewer does
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: np.rot90(upright, 2).transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = decode_image(encoded(np.ascontiguousarray(stored), "PNG", exif=exif), evidence="selfie")
    assert np.array_equal(image, upright)


def test_a_picture_with_broken_metadata_is_still_a_picture() -> None:
    data = encoded(red(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert decode_image(data, evidence="selfie").shape == (80, 120, 3)


@pytest.mark.parametrize(
    ("data", "colour", "slack"),
    [
        (encoded(Image.new("L", (120, 80), 90)), (90, 90, 90), 0),
        (encoded(Image.new("LA", (120, 80), (90, 0))), (255, 255, 255), 0),
        (encoded(np.full((80, 120), 90 * 256, np.uint16)), (90, 90, 90), 0),
        (encoded(Image.new("1", (120, 80), 1)), (255, 255, 255), 0),
        (encoded(Image.fromarray(red()).convert("P", palette=Image.Palette.ADAPTIVE)), _RED, 0),
        (encoded(Image.new("RGBA", (120, 80), (0, 0, 0, 0))), (255, 255, 255), 0),
        (encoded(Image.new("RGBA", (120, 80), (*_RED, 255))), _RED, 0),
        (encoded(Image.new("RGBA", (120, 80), (*_RED, 255)), "WEBP", lossless=True), _RED, 0),
        (encoded(Image.new("CMYK", (120, 80), (0, 255, 255, 0)), "JPEG"), (255, 0, 0), 3),
    ],
    ids=["grey", "grey and alpha", "16 bit", "1 bit", "palette", "clear", "opaque", "webp", "cmyk"],
)
def test_every_kind_of_pixel_becomes_rgb(
    data: bytes, colour: tuple[int, int, int], slack: int
) -> None:
    image = decode_image(data, evidence="selfie")
    assert image.shape == (80, 120, 3)
    assert np.abs(image.astype(int) - colour).max() <= slack


def test_a_phone_picture_with_a_second_one_behind_it_is_no_animation() -> None:
    data = encoded(red(), "MPO", save_all=True, append_images=[Image.fromarray(red())])
    assert decode_image(data, evidence="selfie").shape == (80, 120, 3)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", PictureFault.EMPTY),
        (b"a note that was called .jpg", PictureFault.NOT_A_PICTURE),
        (b"%PDF-1.7 not a picture", PictureFault.FORMAT_NOT_TAKEN),
        (b"<?xml version='1.0'?><svg xmlns='x'/>", PictureFault.FORMAT_NOT_TAKEN),
        (encoded(red(), "GIF"), PictureFault.FORMAT_NOT_TAKEN),
        (encoded(red(), "BMP"), PictureFault.FORMAT_NOT_TAKEN),
        (encoded(red(), "TIFF"), PictureFault.FORMAT_NOT_TAKEN),
        (b"\0\0\0\x18ftypheic" + bytes(900), PictureFault.FORMAT_NOT_TAKEN),
        (b"\0\0\0\x18ftypavif" + bytes(900), PictureFault.FORMAT_NOT_TAKEN),
        (b"\0\0\0\x18ftypisom" + bytes(900), PictureFault.FORMAT_NOT_TAKEN),
        (frames("WEBP"), PictureFault.ANIMATED),
        (frames("PNG"), PictureFault.ANIMATED),
        (encoded(noise(400, 400), "JPEG")[:600], PictureFault.TRUNCATED),
        (encoded(noise(400, 400), "JPEG")[:-2], PictureFault.TRUNCATED),
        (encoded(noise(80, 120))[:-20], PictureFault.TRUNCATED),
        (encoded(noise(80, 120)).replace(b"IDAT", b"IDXT"), PictureFault.DAMAGED),
        (bomb(20_000, 20_000), PictureFault.TOO_MANY_PIXELS),
        (bomb(100_000, 100_000), PictureFault.TOO_MANY_PIXELS),
        (bomb(4_000, 4_000), PictureFault.DAMAGED),
        (many_scans(), PictureFault.TOO_MANY_SCANS),
        (encoded(red(20, 20)), PictureFault.TOO_SMALL),
        (encoded(red(1, 1)), PictureFault.TOO_SMALL),
        (encoded(red(63, 900)), PictureFault.TOO_SMALL),
    ],
)
def test_bad_bytes_are_a_reason_that_names_cause_and_evidence(
    data: bytes, cause: PictureFault
) -> None:
    with pytest.raises(CannotJudge) as error:
        decode_image(data, evidence="card_back")
    assert error.value.reason is ReasonCode.EVIDENCE_UNDECODABLE
    assert error.value.facts["evidence"] == "card_back"
    assert error.value.facts["cause"] == cause


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"%PDF-1.7", "pdf"), (b"GIF89a", "gif"), (b"\0\0\0\x18ftypheic", "heic"), (b"<svg>", "svg")],
)
def test_a_format_that_is_not_taken_is_named(data: bytes, name: str) -> None:
    with pytest.raises(CannotJudge) as error:
        decode_image(data, evidence="card_front")
    assert error.value.facts["format"] == name


def test_every_fault_has_words_in_two_languages() -> None:
    assert set(FAULT_WORDS) == set(PictureFault)
    assert all(vi and en and vi != en for vi, en in FAULT_WORDS.values())


@pytest.mark.skipif(not features.check("jpg"), reason="Pillow without JPEG")
def test_forty_megapixels_take_bounded_time_and_memory() -> None:
    data = encoded(Image.new("RGB", (7_300, 5_470), (120, 130, 140)), "JPEG")
    tracemalloc.start()
    start_s = time.process_time()
    image = decode_image(data, evidence="card_front")
    spent_s, (_, peak_bytes) = time.process_time() - start_s, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert image.shape == (5_470, 7_300, 3)
    assert spent_s < 10
    assert peak_bytes < 5 * image.nbytes


@pytest.mark.parametrize("size", [(100_000, 100_000), (20_000, 20_000), (8_000, 5_000)])
def test_a_bomb_costs_no_more_than_its_bytes(size: tuple[int, int]) -> None:
    data = bomb(*size)
    start_s = time.process_time()
    with pytest.raises(CannotJudge):
        decode_image(data, evidence="card_front")
    assert time.process_time() - start_s < 2


def test_pixels_go_out_as_a_plain_jpeg_no_larger_than_asked() -> None:
    rgb = RgbImage(np.full((300, 600, 3), (200, 40, 90), np.uint8))
    jpeg = encode_jpeg(rgb, longest_px=200, quality=82)
    with Image.open(io.BytesIO(jpeg)) as image:
        assert (image.format, image.size) == ("JPEG", (200, 100))
        assert np.abs(np.asarray(image, int)[50, 50] - (200, 40, 90)).max() < 6
    assert b"Exif" not in jpeg
