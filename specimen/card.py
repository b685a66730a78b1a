"""Prints SPECIMEN cards: both sides of both layouts, with the true place of everything on them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage
from specimen import ornaments
from specimen.canvas import BOLD, OCR_B, REGULAR, Box, Canvas, TextLine, union
from specimen.ground import card_ground
from specimen.layout import BLACK, LAYOUTS, RED, Caption, Layout, Mark, Side, Slot
from specimen.mrz import encode_mrz, with_wrong_check_digit
from specimen.people import CardVersion, Person, format_date
from specimen.qr import draw_qr, qr_payload

CARD_WIDTH_PX = 1600
#: OCR-B is printed at ten characters an inch (ISO 1073-2, size 1).
_MRZ_PITCH_MM, _MRZ_EM_MM, _MRZ_LINE_MM = 2.54, 3.55, 4.45
_QUIET_MODULES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOrder:
    """What to print. The optional people contradict the printed one, as forged cards do."""

    person: Person
    version: CardVersion
    #: Any size, RGB; printed as 20 x 30 mm.
    portrait: RgbImage
    qr_person: Person | None = None
    mrz_person: Person | None = None
    wrong_mrz_digit: bool = False
    width_px: int = CARD_WIDTH_PX


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrintedSide:
    """One side and the truth about it; boxes are xyxy in pixels of `image`."""

    side: Side
    #: H x W x 3, uint8, RGB, square corners.
    image: RgbImage
    #: Every printed line; `role` is a field's name or "caption".
    lines: tuple[TextLine, ...]
    #: portrait, qr, chip, mrz, emblem ... as far as the side has them.
    regions: dict[str, Box]

    def field_text(self, field: str) -> str:
        """The value printed for a field, its lines joined by spaces; empty if it is not on this side."""
        return " ".join(line.text for line in self.lines if line.role == field)

    def field_boxes(self) -> dict[str, Box]:
        """Box of each field's value, all its lines together."""
        roles = dict.fromkeys(line.role for line in self.lines if line.role != "caption")
        return {
            role: union([line.box for line in self.lines if line.role == role]) for role in roles
        }


def print_card(order: CardOrder) -> tuple[PrintedSide, PrintedSide]:
    """Print the front and the back of a card."""
    return _print_side(order, Side.FRONT), _print_side(order, Side.BACK)


def printed_values(person: Person) -> dict[str, str]:
    """A person's fields in the form cards print them."""
    return {
        "id_number": person.id_number,
        "full_name": person.full_name.upper(),
        "date_of_birth": format_date(person.date_of_birth),
        "sex": person.sex,
        "nationality": person.nationality,
        "place_of_origin": person.place_of_origin,
        "place_of_birth": person.place_of_birth,
        "place_of_residence": person.place_of_residence,
        "personal_identification": person.personal_identification,
        "date_of_issue": format_date(person.date_of_issue),
        "date_of_expiry": format_date(person.date_of_expiry),
    }


def _print_side(order: CardOrder, side: Side) -> PrintedSide:
    layout = LAYOUTS[order.version, side]
    canvas = Canvas(card_ground(order.version, side, order.width_px))
    regions = _print_regions(canvas, order, layout)
    for caption in layout.captions:
        _print_caption(canvas, caption)
    values = printed_values(order.person)
    for slot in layout.slots:
        _print_value(canvas, slot, values[slot.field])
    for mark in layout.marks:
        _print_mark(canvas, mark)
    return PrintedSide(side=side, image=canvas.pixels(), lines=tuple(canvas.lines), regions=regions)


def _print_regions(canvas: Canvas, order: CardOrder, layout: Layout) -> dict[str, Box]:
    pictures: dict[str, Callable[[], NDArray[np.uint8]]] = {
        "portrait": lambda: order.portrait,
        "emblem": ornaments.emblem,
        "chip": ornaments.chip,
        "chip_symbol": ornaments.chip_symbol,
        "stamp": ornaments.stamp,
        "signature": ornaments.signature,
    }
    boxes: dict[str, Box] = {}
    for name, place in layout.regions.items():
        if name in pictures:
            boxes[name] = canvas.picture(pictures[name](), place)
        elif name.startswith("fingerprint"):
            boxes[name] = canvas.multiply(ornaments.fingerprint(1 + name.endswith("right")), place)
        elif name == "qr":
            boxes[name] = _print_qr(canvas, order, place)
        elif name == "mrz":
            boxes[name] = _print_mrz(canvas, order, place)
    return boxes


def _print_qr(canvas: Canvas, order: CardOrder, place: Box) -> Box:
    payload = qr_payload(order.qr_person or order.person, order.version)
    x, y, side, _ = place
    quiet = _QUIET_MODULES * side / 53
    canvas.lighten((x - quiet, y - quiet, side + 2 * quiet, side + 2 * quiet), 0.75)
    x1, _, x2, _ = canvas.box(place)
    return canvas.multiply(draw_qr(payload, round(x2) - round(x1)), place)


def _print_mrz(canvas: Canvas, order: CardOrder, place: Box) -> Box:
    lines = encode_mrz(order.mrz_person or order.person)
    if order.wrong_mrz_digit:
        lines = with_wrong_check_digit(lines)
    for i, line in enumerate(lines):
        baseline = place[1] + 3.2 + i * _MRZ_LINE_MM
        canvas.monospaced("mrz", line, (place[0], baseline), (OCR_B, _MRZ_EM_MM), _MRZ_PITCH_MM)
    return union([line.box for line in canvas.lines if line.role == "mrz"])


def _print_caption(canvas: Canvas, caption: Caption) -> None:
    face = (BOLD if caption.bold else REGULAR, caption.em_mm)
    shift = canvas.width_mm(caption.text, *face) / 2 if caption.centred else 0.0
    canvas.text(
        "caption", caption.text, (caption.x_mm - shift, caption.baseline_mm), face, caption.colour
    )


def _print_value(canvas: Canvas, slot: Slot, value: str) -> None:
    """Print a value over its slot's lines, in smaller type if it would not fit otherwise."""
    name, em_mm = BOLD if slot.bold else REGULAR, slot.em_mm
    while (parts := _wrap(canvas, value, slot, (name, em_mm))) is None:
        em_mm *= 0.97
    for part, start in zip(parts, slot.lines_mm, strict=False):
        canvas.text(slot.field, part, start, (name, em_mm), BLACK)


def _wrap(canvas: Canvas, value: str, slot: Slot, face: tuple[str, float]) -> list[str] | None:
    """Fill the slot's lines word by word; None if words are left over."""
    words, parts = value.split(), []
    for x, _ in slot.lines_mm:
        count = len(words)
        while count and canvas.width_mm(" ".join(words[:count]), *face) > slot.right_mm - x:
            count -= 1
        parts.append(" ".join(words[:count]))
        words = words[count:]
    return None if words else [part for part in parts if part]


def _print_mark(canvas: Canvas, mark: Mark) -> None:
    """Print SPECIMEN in red where no field stands."""
    patch = ornaments.word("SPECIMEN", RED)
    length = mark.em_mm * patch.shape[1] / patch.shape[0]
    w, h = (mark.em_mm, length) if mark.vertical else (length, mark.em_mm)
    turned = np.rot90(patch, -1).copy() if mark.vertical else patch
    canvas.picture(turned, (mark.x_mm - w / 2, mark.y_mm - h / 2, w, h))
