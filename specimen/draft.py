"""Prints a side after a designer's draft: any version, in the fonts, sizes, inks and places of a style."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from specimen import ornaments
from specimen.arrange import Arrangement, Desk
from specimen.backs import arrange_back
from specimen.canvas import Canvas
from specimen.fronts import arrange_front
from specimen.ground import card_ground
from specimen.layout import CARD_MM, Side
from specimen.order import CardOrder, PrintedSide, printed_values
from specimen.people import Person
from specimen.regions import print_regions
from specimen.style import MarkPlace, PrintStyle

#: Share of the diagonal SPECIMEN's ink: light enough that everybody reads through it.
_DIAGONAL_SHARE = 0.16
_DOT_PITCH_MM = 0.75
_MICROTEXT_EM_MM = 0.62


def print_draft(order: CardOrder, style: PrintStyle, side: Side) -> PrintedSide:
    """Print one side as a style drafts it."""
    ordered = replace(order, style=style)
    canvas = Canvas(card_ground(order.version, side, order.width_px, style.ground))
    draft = draft_side(ordered, style, side, canvas)
    _print_microtext(canvas, style)
    if style.mark is MarkPlace.DIAGONAL:
        _print_diagonal(canvas, style)
    regions = print_regions(canvas, ordered, draft.regions)
    for text in draft.texts:
        if style.dotted and text.role not in ("caption", "issuing_authority"):
            canvas.dots((text.x_mm, text.baseline_mm + 0.35), 82.0, _DOT_PITCH_MM, style.label_ink)
        canvas.text(
            text.role,
            text.text,
            (text.x_mm, text.baseline_mm),
            (text.font, text.em_mm),
            text.colour,
            text.tracking_em,
        )
    if style.mark is not MarkPlace.DIAGONAL:
        _print_small_mark(canvas, style)
    if style.texture:
        canvas.grain(style.texture, np.random.default_rng([style.seed, 9, side is Side.BACK]))
    return PrintedSide(side=side, image=canvas.pixels(), lines=tuple(canvas.lines), regions=regions)


def draft_side(order: CardOrder, style: PrintStyle, side: Side, canvas: Canvas) -> Arrangement:
    """Place everything of one side, by the style's own dice."""
    desk = Desk(
        version=order.version,
        side=side,
        values={**printed_values(order.person), **_cmnd_values(order.person)},
        style=style,
        measure=canvas.width_mm,
        rng=np.random.default_rng([style.seed, side is Side.BACK]),
    )
    return arrange_front(desk) if side is Side.FRONT else arrange_back(desk)


def _cmnd_values(person: Person) -> dict[str, str]:
    """What only a CMND's back says; the same for everybody, so that it says nothing about anybody."""
    words = f"{person.date_of_issue:Ngày %d tháng %m năm %Y}"
    return {"ethnicity": "Kinh", "religion": "Không", "issued_in_words": words}


def _print_microtext(canvas: Canvas, style: PrintStyle) -> None:
    """Rows of tiny text in a colour between the ground's and the labels'."""
    red, green, blue = (round(0.72 * 214 + 0.28 * ink) for ink in style.label_ink)
    rows = np.random.default_rng([style.seed, 7]).uniform(1, 52, style.microtext_rows)
    canvas.microtext("VIỆT NAM SPECIMEN ", rows.tolist(), _MICROTEXT_EM_MM, (red, green, blue))


def _print_small_mark(canvas: Canvas, style: PrintStyle) -> None:
    """SPECIMEN in red where no field stands: along the right edge, or in a lower corner."""
    patch = ornaments.word("SPECIMEN", style.red_ink)
    vertical = style.mark is MarkPlace.EDGE
    em_mm = 2.2 if vertical else 1.5
    length = em_mm * patch.shape[1] / patch.shape[0]
    if vertical:
        place = (83.9 - em_mm / 2, 32.5 - length / 2, em_mm, length)
        canvas.picture(np.rot90(patch, -1).copy(), place)
    else:
        canvas.picture(patch, (84.2 - length, 0.9, length, em_mm))


def _print_diagonal(canvas: Canvas, style: PrintStyle) -> None:
    """A large faint SPECIMEN across the whole card, under the text."""
    patch = ornaments.word("SPECIMEN", style.red_ink).copy()
    patch[..., 3] = (patch[..., 3] * _DIAGONAL_SHARE).astype(np.uint8)
    canvas.turned(patch, CARD_MM[0] * 0.78, 24.0)
