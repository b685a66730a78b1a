"""Drafts of the backs of all versions."""

from __future__ import annotations

from specimen.arrange import Arrangement, Desk
from specimen.canvas import Box
from specimen.column import Column, PlacedText, Row, Type, set_column
from specimen.layout import CARD_MM
from specimen.people import CardVersion
from specimen.wording import AUTHORITIES_ENGLISH

_V = CardVersion
_SIGNER = "Nguyễn Văn Mẫu"
_MRZ_TOP_MM = 37.6
#: Between the two languages of a title.
_BETWEEN_MM = 0.8


def arrange_back(desk: Desk) -> Arrangement:
    """Draft a back."""
    draw = {
        _V.CHIP_2021: _back_2021,
        _V.CAN_CUOC_2024: _back_2024,
        _V.BARCODE_2016: _back_2016,
        _V.CMND_9: _back_cmnd,
    }[desk.version]
    return draw(desk)


def _back_2021(desk: Desk) -> Arrangement:
    prints = 63.5 + desk.slip(0.8)
    regions: dict[str, Box] = {
        "chip": (6.0 + desk.slip(), 19.6 + desk.slip(), 13.0, 12.0),
        "fingerprint_left": (prints, 5.0 + desk.slip(0.4), 15.5, 12.8),
        "fingerprint_right": (prints, 21.4 + desk.slip(0.4), 15.5, 12.8),
        "mrz": _mrz_place(desk),
    }
    rows: list[Row] = [
        (desk.cell("personal_identification", address=True),),
        (desk.cell("date_of_issue"),),
    ]
    texts, end = _block(desk, rows, (4.6, 3.0, prints - 1.5, 17.4))
    signed, pictures = _signature(desk, (max(end, 14.0), 36.6), (21.0, prints - 2.0))
    labels = _finger_labels(desk, regions, above=True)
    return Arrangement(texts=(*texts, *signed, *labels), regions={**regions, **pictures})


def _back_2024(desk: Desk) -> Arrangement:
    side = min(desk.style.qr_side_mm + 2.0, 18.0)
    code_left = 82.4 - side + desk.slip(0.4)
    regions: dict[str, Box] = {
        "chip": (5.6 + desk.slip(), 22.6 + desk.slip(), 13.0, 12.0),
        "qr": (code_left, 4.0 + desk.slip(0.8), side, side),
        "mrz": _mrz_place(desk),
    }
    places: list[Row] = [
        (desk.cell("place_of_residence", address=True),),
        (desk.cell("place_of_birth", address=True),),
    ]
    texts, end = _block(desk, places, (4.6, 2.6, code_left - 1.4, 21.6))
    dates: list[Row] = [(desk.cell("date_of_issue"),), (desk.cell("date_of_expiry"),)]
    top = max(end + 0.4, 20.0)
    right = 82.0 if top > regions["qr"][1] + side + 1.5 else code_left - 1.4
    more, end = _block(desk, dates, (regions["chip"][0] + 15.3, top, right, 32.4))
    signed, _ = _signature(desk, (end, 36.8), (30.0, 70.0), hand=False)
    return Arrangement(texts=(*texts, *more, *signed), regions=regions)


def _back_2016(desk: Desk) -> Arrangement:
    regions = _print_boxes_left(desk, 17.5)
    regions["pdf417"] = (16.0 + desk.slip(), 3.2 + desk.slip(0.5), 56.0, 11.0)
    rows: list[Row] = [
        (desk.cell("personal_identification", address=True),),
        (desk.cell("date_of_issue"),),
    ]
    texts, end = _block(desk, rows, (25.0, 15.8, 82.0, 31.0))
    signed, pictures = _signature(desk, (end, 52.0), (30.0, 80.0))
    labels = _finger_labels(desk, regions, above=True)
    return Arrangement(texts=(*texts, *signed, *labels), regions={**regions, **pictures})


def _back_cmnd(desk: Desk) -> Arrangement:
    regions = _print_boxes_left(desk, 12.0)
    rows: list[Row] = [
        (desk.cell("ethnicity"), desk.cell("religion")),
        (desk.cell("personal_identification", address=True),),
    ]
    texts, end = _block(desk, rows, (25.0, 3.0, 82.0, 22.0))
    signed, pictures = _signature(desk, (end + 0.4, 52.0), (28.0, 80.0), dated=True)
    labels = _finger_labels(desk, regions, above=True)
    return Arrangement(texts=(*texts, *signed, *labels), regions={**regions, **pictures})


def _block(
    desk: Desk, rows: list[Row], area: tuple[float, float, float, float]
) -> tuple[list[PlacedText], float]:
    """Set rows into (left, top, right, bottom); returns the texts and where they end."""
    left, top, right, bottom = area
    column = Column(
        left_mm=left + desk.slip(0.8),
        top_mm=top + desk.slip(0.5),
        bottom_mm=bottom,
        right_at=lambda _: right,
    )
    texts = set_column(rows, column, desk.measure, jitter_mm=desk.row_jitter_mm, rng=desk.rng)
    return texts, max(text.baseline_mm + 0.3 * text.em_mm for text in texts)


def _signature(
    desk: Desk,
    heights: tuple[float, float],
    span: tuple[float, float],
    *,
    hand: bool = True,
    dated: bool = False,
) -> tuple[list[PlacedText], dict[str, Box]]:
    """The issuer's title, and where a person signed: signature, stamp and name under it."""
    top, bottom = heights
    titles = [
        ("issuing_authority", line, desk.title_type(1.5 if hand else 2.1, red=False))
        for line in desk.style.wording.authority(desk.version)
    ]
    english = [
        ("caption", line, desk.title_type(1.15 if hand else 1.5, red=False))
        for line in AUTHORITIES_ENGLISH[desk.version]
    ]
    day = [("date_of_issue", desk.values["issued_in_words"], desk.label_type(2.0))] if dated else []
    if not hand and desk.style.joined_titles:
        return _one_line(desk, titles[0], english[0], top), {}
    texts, end = desk.centred([*day, *titles, *english], top, span)
    if not hand:
        return texts, {}
    name = desk.title_type(1.8, red=False)
    room = bottom - end - 1.3 * name.em_mm
    height = max(4.0, min(9.0, room))
    middle = sum(span) / 2
    pictures: dict[str, Box] = {
        "signature": (middle - 8 + desk.slip(), end, height * 20 / 9, height),
        "stamp": (
            middle - 17 + desk.slip(),
            end - 1.0,
            min(12.6, height + 4),
            min(12.6, height + 4),
        ),
    }
    signer, _ = desk.centred([("caption", _SIGNER, name)], bottom - 1.3 * name.em_mm, span)
    return [*texts, *signer], pictures


def _one_line(
    desk: Desk, title: tuple[str, str, Type], english: tuple[str, str, Type], top: float
) -> list[PlacedText]:
    """Set the issuer's title and its English side by side, centred on the card."""
    type_ = title[2].scaled(0.8)
    parts = [title[:2], (english[0], f"/ {english[1]}")]
    widths = [type_.width_mm(text, desk.measure) for _, text in parts]
    left, placed = (CARD_MM[0] - sum(widths) - _BETWEEN_MM) / 2, []
    for (role, text), width in zip(parts, widths, strict=True):
        at = left, top + 1.02 * type_.em_mm
        placed.append(type_.place(role, text, at))
        left += width + _BETWEEN_MM
    return placed


def _print_boxes_left(desk: Desk, top: float) -> dict[str, Box]:
    left = 4.4 + desk.slip(0.8)
    height = (52.0 - top - 3.0) / 2
    return {
        "fingerprint_left": (left, top, 17.0, height),
        "fingerprint_right": (left, top + height + 2.6, 17.0, height),
    }


def _finger_labels(desk: Desk, regions: dict[str, Box], *, above: bool) -> list[PlacedText]:
    texts: list[PlacedText] = []
    for hand in ("left", "right"):
        x, y, width, height = regions[f"fingerprint_{hand}"]
        wording = desk.style.wording.label(desk.version, f"finger_{hand}").rstrip(" :")
        type_ = desk.label_type(1.25)
        line = [("caption", wording, type_)]
        at = y - 1.35 * type_.em_mm if above else y + height
        texts += desk.centred(line, at, (x - 3.0, x + width + 3.0))[0]
    return texts


def _mrz_place(desk: Desk) -> Box:
    width = 30 * desk.style.mrz_pitch_mm
    left = (85.6 - width) / 2 + desk.slip(1.0)
    return (left, _MRZ_TOP_MM + desk.slip(0.4), width, 13.6)
