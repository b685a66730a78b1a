"""A picture of each side with what was read from it, for a person to check at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ekyc.card_files import OVERLAY_SUFFIX
from ekyc.card_screen import sure_text
from ekyc.refusal import customer_words
from pipeline.card.reader import CardReading
from pipeline.findings import CardFinding, CardVersion, Check, FieldReading
from pipeline.image import RgbImage
from pipeline.policy import POLICY_V1
from pipeline.reasons import REASONS

#: Has every Vietnamese letter (Liberation Sans 2, SIL Open Font License 1.1).
FONT = Path(__file__).parent / "fonts" / "LiberationSans-Regular.ttf"
_CARD_WIDTH_PX, _PANEL_WIDTH_PX, _MARGIN_PX = 1080, 660, 16
_SURE = 0.98
_GREEN, _AMBER, _RED = (0, 122, 61), (178, 98, 0), (190, 20, 30)
_INK, _GREY, _PAPER = (25, 28, 33), (105, 110, 118), (255, 255, 255)
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """One paragraph of the panel."""

    text: str
    size: int
    colour: Colour = _INK
    indent: int = 0
    gap: int = 4


def write_overlays(
    reading: CardReading, photos: Mapping[str, RgbImage], folder: Path, name: str
) -> tuple[Path, ...]:
    """Write a picture per side that was read; of a card that was not, its photos with the reason.

    Args:
        reading: of the card.
        photos: by "front" and "back", what could be decoded.
        folder: is made if it is not there.
        name: of the card.

    Returns:
        The files, `<folder>/<name>.<side>.overlay.jpg`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {side: read.card.image for side, read in reading.sides.items()} or photos
    written = []
    for side, picture in pictures.items():
        path = folder / f"{name}.{side}{OVERLAY_SUFFIX}"
        draw_overlay(picture, side, reading.finding).save(path, quality=90)
        written.append(path)
    return tuple(written)


def draw_overlay(picture: RgbImage, side: str, finding: CardFinding) -> Image.Image:
    """Draw boxes and numbers onto a side, and beside it values, confidences, sources and what is wrong.

    Args:
        picture: the rectified side, or the photo of a card that was not found; H x W x 3, uint8, RGB.
        side: "front" or "back".
        finding: the card's.
    """
    fields = _of_side(finding, side)
    card = Image.fromarray(np.asarray(picture))
    scale = min(_CARD_WIDTH_PX / card.width, 1.4 * _CARD_WIDTH_PX / card.height)
    card = card.resize((max(1, round(card.width * scale)), max(1, round(card.height * scale))))
    draw = ImageDraw.Draw(card)
    for number, reading in enumerate(fields.values(), 1):
        if reading.box is not None:
            _draw_box(draw, [v * scale for v in reading.box], number, _colour(reading.confidence))
    return _beside(card, _panel(fields, side, finding))


def _of_side(finding: CardFinding, side: str) -> dict[str, FieldReading]:
    """The fields of a side from top to bottom, then what was not seen in print."""
    rows = [(str(name), field) for name, field in finding.fields.items() if field.side == side]
    return dict(sorted(rows, key=lambda row: row[1].box[1] if row[1].box else float("inf")))


def _colour(confidence: float) -> Colour:
    if confidence >= _SURE:
        return _GREEN
    return _AMBER if confidence >= POLICY_V1.min_field_confidence else _RED


def _draw_box(draw: ImageDraw.ImageDraw, box: Sequence[float], number: int, ink: Colour) -> None:
    x1, y1, x2, y2 = box
    draw.rectangle((x1 - 3, y1 - 2, x2 + 3, y2 + 2), outline=ink, width=2)
    font, label = _font(17), str(number)
    width = draw.textlength(label, font) + 8
    draw.rectangle((x1 - 3 - width, y1 - 2, x1 - 3, y1 + 19), fill=ink)
    draw.text((x1 - 3 - width / 2, y1 + 8), label, font=font, fill=_PAPER, anchor="mm")


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)


# ---------------------------------------------------------------- panel


def _panel(fields: Mapping[str, FieldReading], side: str, finding: CardFinding) -> list[_Text]:
    known = finding.version is not CardVersion.UNKNOWN
    rows = [_Text(text=f"{finding.version} · {side}" if known else side, size=24)]
    if finding.rejected is not None:
        vi, en = customer_words(finding.rejected.code, finding.rejected.facts)
        rows.append(_Text(text=f"refused: {finding.rejected.code}", size=22, colour=_RED))
        rows += [_Text(text=words, size=20, colour=_RED) for words in (vi, en)]
        facts = ", ".join(f"{name}: {fact}" for name, fact in finding.rejected.facts.items())
        return [*rows, _Text(text=facts, size=16, colour=_GREY)] if facts else rows
    rows.append(_Text(text=f"assurance: {finding.assurance}", size=16, colour=_GREY, gap=10))
    for number, (name, reading) in enumerate(fields.items(), 1):
        rows += _field_rows(number, name, reading)
    failed = [check for check in finding.checks if check.passed is False]
    rows.append(_Text(text="checks: all passed or not judged", size=16, colour=_GREY, gap=6))
    if failed:
        rows[-1] = _Text(text="failed checks", size=18, colour=_RED, gap=2)
    return [*rows, *(_Text(text=_check_words(check), size=16, colour=_RED) for check in failed)]


def _field_rows(number: int, name: str, reading: FieldReading) -> list[_Text]:
    ink = _colour(reading.confidence)
    marks = f" · {', '.join(reading.checks)}" if reading.checks else ""
    place = "" if reading.box else " · not seen in print"
    note = f"{number}  {name} · {sure_text(reading.confidence)} · {reading.source}{place}{marks}"
    others = [
        _Text(text=f"{source} says: {said}", size=17, colour=_AMBER, indent=26)
        for source, said in reading.readings.items()
        if said != reading.value and f"{source}_same" not in reading.checks
    ]
    value = _Text(text=reading.value, size=23, colour=ink, indent=26, gap=2 if others else 10)
    return [_Text(text=note, size=15, colour=_GREY, gap=0), value, *others]


def _check_words(check: Check) -> str:
    about = f" ({', '.join(check.fields)})" if check.fields else ""
    return f"{check.code}{about}: {REASONS[check.code].staff_en}"


def _beside(card: Image.Image, rows: Sequence[_Text]) -> Image.Image:
    """Put the panel right of the card."""
    lines = [(row, part) for row in rows for part in _wrap(row)]
    height = sum(row.size + 5 for row, _ in lines) + sum(row.gap for row in rows)
    sheet = Image.new(
        "RGB",
        (card.width + _PANEL_WIDTH_PX, max(card.height, height) + 2 * _MARGIN_PX),
        _PAPER,
    )
    sheet.paste(card, (_MARGIN_PX, _MARGIN_PX))
    draw, y = ImageDraw.Draw(sheet), float(_MARGIN_PX)
    left = card.width + 2 * _MARGIN_PX
    for row in rows:
        for part in _wrap(row):
            draw.text((left + row.indent, y), part, font=_font(row.size), fill=row.colour)
            y += row.size + 5
        y += row.gap
    return sheet


def _wrap(row: _Text) -> list[str]:
    """Break at spaces where the panel ends."""
    font, room = _font(row.size), _PANEL_WIDTH_PX - 3 * _MARGIN_PX - row.indent
    lines = [""]
    for word in row.text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
