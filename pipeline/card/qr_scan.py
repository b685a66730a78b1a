"""Finds and decodes the QR code of a card in the photo's own resolution; tells a code that does not decode from none.

Cheapest first, measured in docs/reports/codes-2026-11.md: where the code is expected, as it is and with blur taken out;
then anywhere on the card, for cards that are laid out otherwise; then the photo.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from pipeline.card.deblur import Deblurred
from pipeline.card.geometry import (
    CARD_MM,
    Homography,
    Quad,
    homography,
    map_points,
    quad_size,
    rectangle_quad,
    warp_quad,
)
from pipeline.card.qr import QrScan, parse_qr
from pipeline.image import RgbImage

#: Around both places of the code (2021 front 12.5 mm, 2024 back 18 mm): x, y, width, height in mm.
_EXPECTED_MM = (60.0, 0.5, 25.4, 25.4)
_CARD_MM = (0.0, 0.0, *CARD_MM)
#: A module of a dense 12.5 mm code (0.24 mm) becomes 4.3 pixels near its place, and 2.9 on the whole card.
_PX_PER_MM, _CARD_PX_PER_MM = 18.0, 12.0
#: Blurs that are taken out, in mm on the card, with the noise that is reckoned with. Of 50 codes blurred by 0.6
#: modules none to seven decode as they are; 44 do after the first, one to four more after the others.
_BLURS_MM = ((0.18, 0.01), (0.25, 0.003), (0.12, 0.02))
#: Long side of the photo in the last attempt.
_PHOTO_PX = 2400
#: Local contrast (standard deviation in a window of 1.5 mm, grey levels) that a code has over this share of a square
#: of 8 mm. Drawn codes blurred by 0.85 modules have 16 or more, the same places without their code 8 or less.
_CONTRAST, _WINDOW_MM, _SQUARE_MM, _BUSY_SHARE = 13.0, 1.5, 8.0, 0.85

_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
Grey = NDArray[np.uint8]
RegionMm = tuple[float, float, float, float]


def scan_qr(photo: RgbImage, card: Quad) -> QrScan:
    """Look for the QR code of a side.

    Args:
        photo: the whole photo at its own resolution, H x W x 3, uint8, RGB.
        card: corners of the upright card in pixels of `photo`.
    """
    seen, odd_parts = False, None
    for picture in _pictures(photo, card):
        codes = _codes(picture)
        seen = seen or bool(codes)
        for text in filter(None, codes):
            content = parse_qr(text)
            if content is not None:
                return QrScan(content=content, seen=True)
            odd_parts = len(text.split("|"))
    if not seen:
        seen = has_code_texture(_cut(photo, card, _EXPECTED_MM, _PX_PER_MM))
    return QrScan(seen=seen, odd_parts=odd_parts)


def _pictures(photo: RgbImage, card: Quad) -> Iterator[Grey]:
    near = _cut(photo, card, _EXPECTED_MM, _PX_PER_MM)
    yield near
    yield from _sharper(near, _PX_PER_MM, len(_BLURS_MM))
    whole = _cut(photo, card, _CARD_MM, _CARD_PX_PER_MM)
    yield whole
    yield from _sharper(whole, _CARD_PX_PER_MM, 1)
    scale = min(1.0, _PHOTO_PX / max(photo.shape))
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    yield cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _sharper(grey: Grey, px_per_mm: float, count: int) -> Iterator[Grey]:
    blurred = Deblurred(grey)
    for sigma_mm, noise in _BLURS_MM[:count]:
        yield blurred.of(sigma_mm * px_per_mm, noise)


def _codes(grey: Grey) -> list[str | None]:
    """The texts of the codes in a picture; None for one that was found and not decoded."""
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey),
        formats=_FORMATS,
        try_rotate=False,
        try_invert=False,
        try_downscale=False,
        return_errors=True,
    )
    return [_text(code) if code.valid else None for code in found]


def _text(code: zxingcpp.Barcode) -> str:
    """The issuer writes UTF-8 and does not say so, which leaves the decoder to guess."""
    try:
        return bytes(code.bytes).decode("utf-8")
    except UnicodeDecodeError:
        return str(code.text)


def _cut(photo: RgbImage, card: Quad, region_mm: RegionMm, px_per_mm: float) -> Grey:
    """Return a region of the card, grey; a sharper photo is shrunk on the way, against aliasing."""
    x, y, width, height = region_mm
    to_photo = Homography(homography(rectangle_quad(*CARD_MM), card))
    right, bottom = x + width, y + height
    corners = np.array([[x, y], [right, y], [right, bottom], [x, bottom]], np.float32)
    quad = Quad(map_points(to_photo, corners))
    size = round(width * px_per_mm), round(height * px_per_mm)
    finer = max(1, min(3, round(quad_size(quad)[0] / size[0])))
    warped = warp_quad(photo, quad, finer * size[0], finer * size[1])
    grey = cv2.cvtColor(warped, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def has_code_texture(region: Grey) -> bool:
    """Return whether some part of a region looks like a code: black and white close together, all over a square.

    Args:
        region: H x W, uint8, at 18 pixels per mm of the card.
    """
    small = cv2.resize(region, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)
    px_per_mm = _PX_PER_MM / 3
    window = (round(_WINDOW_MM * px_per_mm), round(_WINDOW_MM * px_per_mm))
    values = small.astype(np.float32)
    mean, mean_2 = cv2.blur(values, window), cv2.blur(values * values, window)
    busy = (mean_2 - mean * mean > _CONTRAST**2).astype(np.float32)
    side = round(_SQUARE_MM * px_per_mm)
    share = cv2.blur(busy, (side, side), borderType=cv2.BORDER_CONSTANT)
    return bool(share.max() >= _BUSY_SHARE)
