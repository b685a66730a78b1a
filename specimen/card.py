"""Prints SPECIMEN cards: both sides of all versions, with the true place of everything on them."""

from __future__ import annotations

import numpy as np

from specimen import ornaments
from specimen.canvas import BOLD, REGULAR, Canvas
from specimen.draft import print_draft
from specimen.ground import card_ground
from specimen.layout import BLACK, LAYOUTS, RED, Caption, Layout, Mark, Side, Slot
from specimen.order import CARD_WIDTH_PX, CardOrder, PrintedSide, printed_values
from specimen.regions import print_regions
from specimen.style import PrintStyle

__all__ = ["CARD_WIDTH_PX", "CardOrder", "PrintedSide", "print_card", "printed_values"]


def print_card(order: CardOrder) -> tuple[PrintedSide, PrintedSide]:
    """Print the front and the back of a card."""
    return _print_side(order, Side.FRONT), _print_side(order, Side.BACK)


def _print_side(order: CardOrder, side: Side) -> PrintedSide:
    if order.style is None and (order.version, side) in LAYOUTS:
        return _print_standard(order, LAYOUTS[order.version, side], side)
    return print_draft(order, order.style or PrintStyle(), side)


def _print_standard(order: CardOrder, layout: Layout, side: Side) -> PrintedSide:
    canvas = Canvas(card_ground(order.version, side, order.width_px))
    regions = print_regions(canvas, order, layout.regions)
    for caption in layout.captions:
        _print_caption(canvas, caption)
    values = printed_values(order.person)
    for slot in layout.slots:
        _print_value(canvas, slot, values[slot.field])
    for mark in layout.marks:
        _print_mark(canvas, mark)
    return PrintedSide(side=side, image=canvas.pixels(), lines=tuple(canvas.lines), regions=regions)


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
