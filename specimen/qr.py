"""The QR code of a specimen card: payload of each version, and its picture."""

import cv2
import numpy as np
import segno
import zxingcpp
from numpy.typing import NDArray

from specimen.people import CardVersion, Person

#: Empty fields that follow the seven known ones: the 2024 card has eleven.
_TRAILING_FIELDS = {CardVersion.CHIP_2021: 0, CardVersion.CAN_CUOC_2024: 4}


def qr_payload(person: Person, version: CardVersion) -> str:
    """Text of the code: number, old number, name, birth, sex, residence, issue, joined by bars."""
    fields = (
        person.id_number,
        person.old_id_number or "",
        person.full_name,
        f"{person.date_of_birth:%d%m%Y}",
        person.sex,
        person.place_of_residence,
        f"{person.date_of_issue:%d%m%Y}",
        *[""] * _TRAILING_FIELDS[version],
    )
    return "|".join(fields)


def draw_qr(payload: str, side_px: int, level: str = "m") -> NDArray[np.uint8]:
    """Draw the code without quiet zone, side_px x side_px, uint8, 0 = module, 255 = paper.

    `level` is that of error correction: "l", "m", "q" or "h".
    """
    code = segno.make(payload.encode(), error=level, boost_error=False, micro=False, mode="byte")
    modules = np.array([list(row) for row in code.matrix], np.uint8)
    paper = np.where(modules > 0, 0, 255).astype(np.uint8)
    # Whole-numbered enlargement first: every module then has the same size to within a quarter of a pixel.
    k = -(-4 * side_px // len(paper))
    big = np.kron(paper, np.ones((k, k), np.uint8))
    return np.asarray(cv2.resize(big, (side_px, side_px), interpolation=cv2.INTER_AREA), np.uint8)


def draw_pdf417(text: str) -> NDArray[np.uint8]:
    """Draw the 2-D barcode of the 2016 card, uint8, 0 = module, 255 = paper, one pixel a module, no quiet zone."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.PDF417)
    return np.asarray(code.to_image(add_quiet_zones=False), np.uint8)


def pdf417_text(person: Person) -> str:
    """Text of the 2016 barcode: no public rule says what it holds, so number and name only."""
    return f"{person.id_number}|{person.full_name}"
