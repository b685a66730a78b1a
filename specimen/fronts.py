"""Drafts of the fronts of all versions."""

from __future__ import annotations

from collections.abc import Callable

from specimen.arrange import BOTTOM_MM, Arrangement, Desk, sex_and_nationality
from specimen.canvas import Box
from specimen.column import Cell, Column, Place, PlacedText, Row, set_column
from specimen.people import CardVersion
from specimen.wording import BILINGUAL, TITLES

_V = CardVersion
_PORTRAIT_MM = (20.0, 30.0)


def arrange_front(desk: Desk) -> Arrangement:
    """Draft a front: emblem and portrait at the left, titles above, fields at the right."""
    regions = _pictures(desk)
    right = regions["qr"][0] - 1.0 if "qr" in regions else 82.5
    left_of_titles = regions["emblem"][0] + regions["emblem"][2] + 0.8
    titles, end = _titles(desk, (left_of_titles, right))
    x, y, width, height = regions["portrait"]
    column = Column(
        left_mm=x + width + 1.6 + abs(desk.slip(1.0)),
        top_mm=end + 0.4,
        bottom_mm=BOTTOM_MM,
        right_at=_right_margin(regions),
    )
    rows = _rows(desk)
    texts = titles + set_column(
        rows, column, desk.measure, jitter_mm=desk.row_jitter_mm, rng=desk.rng
    )
    if desk.version in (_V.CHIP_2021, _V.BARCODE_2016):
        texts += _expiry(desk, (x, y + height + 0.3, width))
    return Arrangement(texts=tuple(texts), regions=regions)


def _pictures(desk: Desk) -> dict[str, Box]:
    style, version = desk.style, desk.version
    size = 12.0 if version in (_V.CHIP_2021, _V.CAN_CUOC_2024) else 13.0
    size += desk.slip(1.0)
    portrait = (3.7 + desk.slip(), 17.2 + desk.slip(0.8), *_PORTRAIT_MM)
    regions: dict[str, Box] = {
        "emblem": (max(2.5, 4.4 + desk.slip()), 16.4 - size + min(0.0, desk.slip()), size, size),
        "portrait": portrait,
    }
    if version is _V.CHIP_2021:
        side = style.qr_side_mm
        regions["qr"] = (82.0 - side + desk.slip(0.8), 4.0 + desk.slip(0.8), side, side)
    if style.chip_on_front and version is _V.CHIP_2021:
        regions["chip_symbol"] = (18.0, 12.6, 3.6, 2.4)
    if style.ghost:
        regions["ghost"] = (66.0 + desk.slip(2.0), 27.0 + desk.slip(2.0), 12.0, 18.0)
    return regions


def _right_margin(regions: dict[str, Box]) -> Callable[[float], float]:
    if "qr" not in regions:
        return lambda _: 82.0
    x, y, _, height = regions["qr"]
    return lambda top: x - 1.2 if top < y + height + 1.0 else 82.0


def _titles(desk: Desk, span: tuple[float, float]) -> tuple[list[PlacedText], float]:
    titles = TITLES[desk.version]
    if desk.style.joined_titles and desk.version in BILINGUAL:
        *others, (vietnamese, em_mm, red), (english, _, _) = titles
        titles = (*others, (vietnamese + desk.style.wording.join + english, 0.8 * em_mm, red))
    lines = [("caption", text, desk.title_type(em, red=red)) for text, em, red in titles]
    return desk.centred(lines, 3.0 + desk.slip(0.6), span)


def _rows(desk: Desk) -> list[Row]:
    origin = (desk.cell("place_of_origin", address=True),)
    residence = (desk.cell("place_of_residence", address=True),)
    birth = (desk.cell("date_of_birth"),)
    start: list[Row] = [(desk.number(),), (desk.name(),), birth]
    if desk.version is _V.CMND_9:
        return [*start, origin, residence]
    if desk.version is _V.CAN_CUOC_2024:
        return [*start, *sex_and_nationality(desk)]
    return [*start, *sex_and_nationality(desk), origin, residence]


def _expiry(desk: Desk, under: tuple[float, float, float]) -> list[PlacedText]:
    """Set the last day under the portrait: beside its label or below, in small type."""
    x, top, width = under
    label = desk.style.wording.label(desk.version, "date_of_expiry")
    one_line = desk.rng.random() < 0.5
    vietnamese, *english = label.split(desk.style.wording.join) if one_line else [label]
    cell = Cell(
        field="date_of_expiry",
        label=vietnamese,
        value=desk.values["date_of_expiry"],
        label_type=desk.label_type(1.45),
        value_type=desk.value_type(1.8),
        place=Place.BESIDE,
    )
    column = Column(
        left_mm=max(2.0, x - 1.0),
        top_mm=top,
        bottom_mm=BOTTOM_MM + 0.8,
        right_at=lambda _: x + width + 1.2,
    )
    texts = set_column([(cell,)], column, desk.measure, jitter_mm=0.0, rng=desk.rng)
    low = max(text.baseline_mm for text in texts)
    if english and low < BOTTOM_MM - 0.6:
        texts.append(_english_line(desk, english[0], (column.left_mm, low)))
    return texts


def _english_line(desk: Desk, text: str, above: tuple[float, float]) -> PlacedText:
    type_ = desk.label_type(1.4)
    return type_.place("caption", text, (above[0], above[1] + 1.25 * type_.em_mm))
