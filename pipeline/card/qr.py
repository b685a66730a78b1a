"""The QR code of a card: found at the photo's own resolution, parsed by shape.

Payload (7 fields in 2021, 11 in 2024, separated by bars): number, old number, name, birth, sex, residence, issue. It
carries no signature: it checks the reading, not the card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from pipeline.card.geometry import (
    CARD_MM,
    Homography,
    Quad,
    homography,
    map_points,
    rectangle_quad,
    warp_quad,
)
from pipeline.card.values import make_date, nfc
from pipeline.findings import FieldName
from pipeline.image import RgbImage

#: Generous region around both places of the code (2021 front 12.5 mm, 2024 back 18 mm): x, y, width, height in mm.
_REGION_MM = (60.0, 0.5, 25.4, 25.4)
#: Pixels per mm of the enlarged region: a module of a dense 12.5 mm code (0.22 mm) becomes 6 pixels.
_PX_PER_MM = 27.0
_ID, _OLD_ID, _DATE = re.compile(r"\d{12}"), re.compile(r"(\d{9})?"), re.compile(r"\d{8}")
_FIELD_COUNTS = (7, 11)

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class QrContent:
    """The fields a code holds, normalised as printed ones are."""

    fields: dict[FieldName, str]
    field_count: int


def read_qr(photo: RgbImage, card: Quad) -> QrContent | None:
    """Return what the card's QR code says, or None if no code was read or its text has another shape.

    Args:
        photo: the whole photo at its own resolution, H x W x 3, uint8, RGB.
        card: corners of the upright card in pixels of `photo`.
    """
    for text in _texts(photo, card):
        content = parse_qr(text)
        if content is not None:
            return content
    return None


def _texts(photo: RgbImage, card: Quad) -> Iterator[str]:
    """Decode the region in several renderings, cheapest first, then the whole photo."""
    region = cv2.cvtColor(_cut_region(photo, card), cv2.COLOR_RGB2GRAY)
    for rendering in _renderings(region):
        yield from _decode(rendering)
    yield from _decode(np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8))


def _cut_region(photo: RgbImage, card: Quad) -> RgbImage:
    x, y, w, h = _REGION_MM
    to_photo = Homography(homography(rectangle_quad(*CARD_MM), card))
    corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)
    side_px = round(w * _PX_PER_MM)
    return warp_quad(photo, Quad(map_points(to_photo, corners)), side_px, side_px)


def _renderings(region: Grey) -> Iterator[Grey]:
    yield region
    soft = cv2.GaussianBlur(region, (0, 0), 4.0)
    sharp = np.clip(2.5 * region.astype(np.float32) - 1.5 * soft, 0, 255).astype(np.uint8)
    yield sharp
    yield cv2.resize(sharp, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    yield cv2.createCLAHE(clipLimit=3.0, tileGridSize=(4, 4)).apply(region)
    for share in (0.25, 0.5):
        window = round(region.shape[0] * share / 4) * 2 + 1
        yield cv2.adaptiveThreshold(
            sharp, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, window, 4
        )


def _decode(grey: Grey) -> Iterator[str]:
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey),
        formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]),
        try_downscale=True,
    )
    yield from (code.text for code in found if code.valid)


def parse_qr(text: str) -> QrContent | None:
    """Return the fields of a payload, or None if it does not have the shape of a citizen card's.

    The four trailing fields of a 2024 code are counted but not kept: parents' names are none of our business.
    """
    parts = [nfc(part) for part in text.strip("\r\n").split("|")]
    if len(parts) not in _FIELD_COUNTS:
        return None
    number, old_number, name, birth, sex, residence, issue = parts[:7]
    born, issued = _parse_day(birth), _parse_day(issue)
    if not (_ID.fullmatch(number) and _OLD_ID.fullmatch(old_number) and name and born and issued):
        return None
    fields = {
        FieldName.ID_NUMBER: number,
        FieldName.OLD_ID_NUMBER: old_number,
        FieldName.FULL_NAME: name.upper(),
        FieldName.DATE_OF_BIRTH: born,
        FieldName.SEX: sex,
        FieldName.PLACE_OF_RESIDENCE: residence,
        FieldName.DATE_OF_ISSUE: issued,
    }
    return QrContent(
        fields={name: value for name, value in fields.items() if value}, field_count=len(parts)
    )


def _parse_day(text: str) -> str | None:
    if not _DATE.fullmatch(text):
        return None
    day = make_date(int(text[4:]), int(text[2:4]), int(text[:2]))
    return day.isoformat() if day else None
