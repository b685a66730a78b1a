"""The pictures and machine-readable parts of a card: portrait, emblem, chip, fingerprints, codes, MRZ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from specimen import ornaments
from specimen.canvas import Box, Canvas, union
from specimen.mrz import encode_mrz, with_wrong_check_digit
from specimen.order import CardOrder
from specimen.qr import draw_pdf417, draw_qr, pdf417_text, qr_payload
from specimen.style import PrintStyle

#: OCR-B is printed at ten characters an inch (ISO 1073-2, size 1).
_MRZ_PITCH_MM, _MRZ_EM_MM, _MRZ_LINE_MM = 2.54, 3.55, 4.45
_QUIET_MODULES = 4
_GHOST_SHARE = 0.28


def print_regions(canvas: Canvas, order: CardOrder, places: Mapping[str, Box]) -> dict[str, Box]:
    """Print every region of a side; returns where each lies, xyxy in pixels."""
    pictures: dict[str, Callable[[], NDArray[np.uint8]]] = {
        "portrait": lambda: order.portrait,
        "ghost": lambda: _ghost(order.portrait),
        "emblem": ornaments.emblem,
        "chip": ornaments.chip,
        "chip_symbol": ornaments.chip_symbol,
        "stamp": ornaments.stamp,
        "signature": ornaments.signature,
    }
    boxes: dict[str, Box] = {}
    for name, place in places.items():
        if name in pictures:
            boxes[name] = canvas.picture(pictures[name](), place)
        elif name.startswith("fingerprint"):
            boxes[name] = canvas.multiply(ornaments.fingerprint(1 + name.endswith("right")), place)
        elif name == "qr":
            boxes[name] = _print_qr(canvas, order, place)
        elif name == "pdf417":
            boxes[name] = _print_pdf417(canvas, order, place)
        elif name == "mrz":
            boxes[name] = _print_mrz(canvas, order, place)
    return boxes


def _ghost(portrait: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The portrait again, grey and faint, fading at its rim."""
    grey = cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    x, y = np.linspace(-1, 1, width)[None], np.linspace(-1, 1, height)[:, None]
    alpha = 255 * _GHOST_SHARE * np.clip(1.6 - 1.6 * (x**2 + y**2), 0, 1)
    return np.dstack([grey, grey, grey, alpha.astype(np.uint8)])


def _print_qr(canvas: Canvas, order: CardOrder, place: Box) -> Box:
    style = order.style or PrintStyle()
    holder = order.qr_person or order.person
    if not style.qr_old_number:
        holder = replace(holder, old_id_number=None)
    x, y, side, _ = place
    quiet = _QUIET_MODULES * side / 53
    canvas.lighten((x - quiet, y - quiet, side + 2 * quiet, side + 2 * quiet), 0.75)
    x1, _, x2, _ = canvas.box(place)
    code = draw_qr(qr_payload(holder, order.version), round(x2) - round(x1), style.qr_level)
    return canvas.multiply(code, place)


def _print_pdf417(canvas: Canvas, order: CardOrder, place: Box) -> Box:
    x, y, width, height = place
    canvas.lighten((x - 1.0, y - 1.0, width + 2.0, height + 2.0), 0.75)
    code = draw_pdf417(pdf417_text(order.qr_person or order.person))
    # Enlarged by a whole number first: every module then has the same size to within a fraction of a pixel.
    return canvas.multiply(np.kron(code, np.ones((12, 12), np.uint8)), place)


def _print_mrz(canvas: Canvas, order: CardOrder, place: Box) -> Box:
    style = order.style or PrintStyle()
    lines = encode_mrz(order.mrz_person or order.person)
    if order.wrong_mrz_digit:
        lines = with_wrong_check_digit(lines)
    em_mm = _MRZ_EM_MM * style.mrz_pitch_mm / _MRZ_PITCH_MM
    for i, line in enumerate(lines):
        baseline = place[1] + 3.2 + i * _MRZ_LINE_MM
        face = (style.faces.machine, em_mm)
        canvas.monospaced("mrz", line, (place[0], baseline), face, style.mrz_pitch_mm)
    return union([line.box for line in canvas.lines if line.role == "mrz"])
