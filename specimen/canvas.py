"""A card's surface in millimetres: text with recorded boxes, pasted pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pipeline.image import RgbImage
from specimen.layout import CARD_MM

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD, OCR_B = "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "OCRB.otf"

Colour = tuple[int, int, int]
#: xyxy, pixels of the card, origin top left.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One printed line: the field it belongs to ("caption" for fixed text), what it says, and where."""

    role: str
    text: str
    box: Box


class GlyphMissing(Exception):
    """A font lacks a character that is to be printed; it would draw a box instead."""


@lru_cache(maxsize=64)
def _characters(name: str) -> frozenset[int]:
    with TTFont(FONTS / name, lazy=True, fontNumber=0) as opened:
        return frozenset(opened.getBestCmap() or ())


def check_glyphs(name: str, text: str) -> None:
    """Make sure that a font can print a text.

    Raises:
        GlyphMissing: it lacks a character.
    """
    missing = {letter for letter in text if ord(letter) not in _characters(name)}
    if missing:
        raise GlyphMissing(f"{name} has no glyph for {''.join(sorted(missing))}")


@lru_cache(maxsize=256)
def font(name: str, size_px: float) -> ImageFont.FreeTypeFont:
    """A font, by its bundled name or full path, at a size in pixels per em."""
    return ImageFont.truetype(str(FONTS / name), size_px, layout_engine=ImageFont.Layout.BASIC)


class Canvas:
    """A card being printed. Lengths go in as millimetres and are kept as pixels."""

    def __init__(self, ground: RgbImage) -> None:
        self._image = Image.fromarray(ground)
        self._draw = ImageDraw.Draw(self._image)
        self.px_per_mm: float = ground.shape[1] / CARD_MM[0]
        self.lines: list[TextLine] = []

    def pixels(self) -> RgbImage:
        """What has been printed so far, H x W x 3, uint8, RGB."""
        return RgbImage(np.asarray(self._image).copy())

    def box(self, region_mm: Box) -> Box:
        """x, y, width, height in millimetres as xyxy pixels."""
        x, y, w, h = (v * self.px_per_mm for v in region_mm)
        return x, y, x + w, y + h

    def width_mm(self, text: str, font_name: str, em_mm: float) -> float:
        """Advance width of a text."""
        return font(font_name, em_mm * self.px_per_mm).getlength(text) / self.px_per_mm

    def text(
        self,
        role: str,
        text: str,
        at_mm: tuple[float, float],
        face: tuple[str, float],
        colour: Colour,
        tracking_em: float = 0.0,
    ) -> None:
        """Print a line with its left end and baseline at `at_mm`, in a font of `face` = (name, em in mm).

        `tracking_em` is extra space after every letter.
        """
        check_glyphs(face[0], text)
        x, y = at_mm[0] * self.px_per_mm, at_mm[1] * self.px_per_mm
        type_ = font(face[0], face[1] * self.px_per_mm)
        pieces = [(x, text)] if not tracking_em else _spaced(type_, text, x, tracking_em)
        for at, piece in pieces:
            self._draw.text((at, y), piece, fill=colour, font=type_, anchor="ls")
        box = union([type_box(type_, piece, (at, y)) for at, piece in pieces])
        self.lines.append(TextLine(role=role, text=text, box=box))

    def monospaced(
        self,
        role: str,
        text: str,
        at_mm: tuple[float, float],
        face: tuple[str, float],
        pitch_mm: float,
    ) -> None:
        """Print characters on a fixed pitch, as an MRZ is."""
        check_glyphs(face[0], text)
        type_ = font(face[0], face[1] * self.px_per_mm)
        pitch, y = pitch_mm * self.px_per_mm, at_mm[1] * self.px_per_mm
        boxes: list[Box] = []
        for i, character in enumerate(text):
            x = at_mm[0] * self.px_per_mm + (i + 0.5) * pitch - type_.getlength(character) / 2
            self._draw.text((x, y), character, fill=(20, 20, 24), font=type_, anchor="ls")
            boxes.append(type_box(type_, character, (x, y)))
        self.lines.append(TextLine(role=role, text=text, box=union(boxes)))

    def picture(self, pixels: NDArray[np.uint8], region_mm: Box) -> Box:
        """Paste an RGB or RGBA picture, stretched to the region; returns where, in pixels."""
        x1, y1, x2, y2 = (round(v) for v in self.box(region_mm))
        patch = Image.fromarray(pixels).resize((x2 - x1, y2 - y1), Image.Resampling.LANCZOS)
        self._image.paste(patch, (x1, y1), patch if patch.mode == "RGBA" else None)
        return float(x1), float(y1), float(x2), float(y2)

    def multiply(self, pixels: NDArray[np.uint8], region_mm: Box) -> Box:
        """Print a grey picture as black ink: white leaves the ground as it is."""
        x1, y1, x2, y2 = (round(v) for v in self.box(region_mm))
        ground = np.asarray(self._image.crop((x1, y1, x2, y2)), np.float32)
        ink = np.asarray(
            Image.fromarray(pixels).resize((x2 - x1, y2 - y1), Image.Resampling.BOX), np.float32
        )
        self._image.paste(
            Image.fromarray((ground * ink[..., None] / 255).astype(np.uint8)), (x1, y1)
        )
        return float(x1), float(y1), float(x2), float(y2)

    def microtext(self, text: str, rows_mm: Sequence[float], em_mm: float, colour: Colour) -> None:
        """Fill rows with a tiny repeated text that is part of the ground, so that no line is recorded."""
        type_ = font(REGULAR, em_mm * self.px_per_mm)
        times = int(self._image.width / type_.getlength(text)) + 1
        for row in rows_mm:
            self._draw.text((0, row * self.px_per_mm), text * times, fill=colour, font=type_)

    def turned(self, pixels: NDArray[np.uint8], width_mm: float, turn_deg: float) -> None:
        """Lay an RGBA picture over the middle of the card, turned counter-clockwise."""
        width = round(width_mm * self.px_per_mm)
        patch = Image.fromarray(pixels)
        patch = patch.resize((width, round(width * patch.height / patch.width)))
        spun = patch.rotate(turn_deg, Image.Resampling.BILINEAR, expand=True)
        at = ((self._image.width - spun.width) // 2, (self._image.height - spun.height) // 2)
        self._image.paste(spun, at, spun)

    def dots(
        self, start_mm: tuple[float, float], right_mm: float, pitch_mm: float, colour: Colour
    ) -> None:
        """A dotted rule from a point to the right margin."""
        k = self.px_per_mm
        for x in np.arange(start_mm[0], right_mm, pitch_mm).tolist():
            radius = 0.09 * k
            box = (
                x * k - radius,
                start_mm[1] * k - radius,
                x * k + radius,
                start_mm[1] * k + radius,
            )
            self._draw.ellipse(box, fill=colour)

    def grain(self, sigma: float, rng: np.random.Generator) -> None:
        """Add the unevenness of a print: soft noise of a standard deviation in grey levels."""
        width, height = self._image.size
        small = rng.normal(0, sigma, (height // 2, width // 2)).astype(np.float32)
        noise = np.asarray(Image.fromarray(small).resize((width, height)), np.float32)
        pixels = np.asarray(self._image, np.float32) + 1.6 * noise[..., None]
        self._image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        self._draw = ImageDraw.Draw(self._image)

    def lighten(self, region_mm: Box, share: float) -> None:
        """Fade a region towards white."""
        x1, y1, x2, y2 = (round(v) for v in self.box(region_mm))
        ground = np.asarray(self._image.crop((x1, y1, x2, y2)), np.float32)
        self._image.paste(
            Image.fromarray((ground + (255 - ground) * share).astype(np.uint8)), (x1, y1)
        )


def _spaced(
    type_: ImageFont.FreeTypeFont, text: str, x: float, tracking_em: float
) -> list[tuple[float, str]]:
    """Where each letter of a spaced text starts, in pixels; kerning is kept."""
    extra = tracking_em * type_.size
    return [
        (x + type_.getlength(text[: i + 1]) - type_.getlength(letter) + i * extra, letter)
        for i, letter in enumerate(text)
        if letter != " "
    ]


def type_box(type_: ImageFont.FreeTypeFont, text: str, origin: tuple[float, float]) -> Box:
    """Box of the ink of a text whose left baseline point is `origin`, in pixels."""
    left, top, right, bottom = type_.getbbox(text, anchor="ls")
    return origin[0] + left, origin[1] + top, origin[0] + right, origin[1] + bottom


def union(boxes: Sequence[Box]) -> Box:
    """Smallest box around all boxes."""
    low, high = np.array(boxes)[:, :2].min(0), np.array(boxes)[:, 2:].max(0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
