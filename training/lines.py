"""Draws one line of text the way a text detector crops it from a photographed card."""

import functools
import random
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from training.blank import draw_blank
from training.damage import Pixels, damage
from training.fonts import FontShelf
from training.paper import Canvas, draw_paper, light, rule_under, stamp_over
from training.text import Role, TextLine

NET_HEIGHT_PX = 48
# PaddleOCR squeezes lines beyond this; no line of a card is that wide.
MAX_NET_WIDTH_PX = 1600

# Most of the type on a photographed card is small: the sizes lean that way.
_FONT_PX_RANGE, _FONT_PX_MODE = (13, 42), 20
_STAMP_SHARE = 0.12
_WATERMARK_SHARE = 0.07
_LIGHT_SHARE = 0.45
_NEIGHBOUR_SHARE = 0.3
_TRACKING_SHARE = 0.15
_RULE_SHARE = 0.12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """A drawn line: `pixels` is H x W x 3, uint8, RGB."""

    pixels: Pixels
    truth: str

    @property
    def aspect(self) -> float:
        """Width over height."""
        height, width = self.pixels.shape[:2]
        return float(width / height)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Glyphs:
    """A span ready to print; `advance_px` is its width, `tracking_px` the extra space after each letter."""

    text: str
    font: ImageFont.FreeTypeFont
    ink: tuple[float, float, float]
    tracking_px: float
    advance_px: float


def draw_sample(line: TextLine, shelf: FontShelf, rng: random.Random) -> Sample:
    """Print a line on card paper, photograph it and crop it.

    Args:
        line: the text and how its pieces are printed.
        shelf: the fonts that may be used.
        rng: the only source of chance; the same state draws the same sample.
    """
    font_px = round(rng.triangular(*_FONT_PX_RANGE, _FONT_PX_MODE))
    if not line.spans:
        canvas = draw_blank(rng)
    else:
        glyphs = _lay_out(line, font_px, shelf, rng)
        canvas = _print_on_paper(glyphs, font_px, rng)
        if rng.random() < _WATERMARK_SHARE:
            canvas = _watermarked(canvas, shelf, rng)
    if rng.random() < _STAMP_SHARE:
        canvas = stamp_over(canvas, rng)
    if rng.random() < _LIGHT_SHARE:
        canvas = light(canvas, rng)
    pixels = np.clip(canvas, 0, 255).astype(np.uint8)
    return Sample(pixels=damage(pixels, font_px, rng), truth=line.truth)


def net_input(pixels: Pixels) -> NDArray[np.float32]:
    """Scale a line to the recogniser's input, as PaddleOCR's RecResizeImg does.

    Args:
        pixels: H x W x 3, uint8, RGB.

    Returns:
        3 x 48 x W, float32, -1..1, BGR, aspect kept.
    """
    height, width = pixels.shape[:2]
    net_width = max(16, min(MAX_NET_WIDTH_PX, int(np.ceil(width * NET_HEIGHT_PX / height))))
    resized = np.asarray(cv2.resize(pixels, (net_width, NET_HEIGHT_PX)), np.float32)
    return np.ascontiguousarray(resized[..., ::-1].transpose(2, 0, 1)) / np.float32(
        127.5
    ) - np.float32(1)


@functools.cache
def _font(path: Path, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size_px)


def _lay_out(line: TextLine, font_px: int, shelf: FontShelf, rng: random.Random) -> list[_Glyphs]:
    value_font, caption_font = shelf.pick(rng), shelf.pick(rng)
    caption_px = max(12, round(font_px * rng.uniform(0.7, 1.0))) if len(line.spans) > 1 else font_px
    inks = {role: _ink(role, rng) for role in Role}
    glyphs = []
    for span in line.spans:
        is_caption = span.role is Role.CAPTION
        path = (
            shelf.pick_machine(rng)
            if span.role is Role.MACHINE
            else (caption_font if is_caption else value_font)
        )
        font = _font(path, caption_px if is_caption else font_px)
        tracking = rng.uniform(0, 0.14) * font_px if rng.random() < _TRACKING_SHARE else 0.0
        advance = font.getlength(span.text) + tracking * len(span.text)
        glyphs.append(
            _Glyphs(
                text=span.text,
                font=font,
                ink=inks[span.role],
                tracking_px=tracking,
                advance_px=advance,
            )
        )
    return glyphs


def _ink(role: Role, rng: random.Random) -> tuple[float, float, float]:
    """Black data, blue-violet or dark captions, red or dark titles."""
    shade = rng.uniform(0, 85)
    red, green, blue = (min(max(shade + rng.uniform(-18, 18), 0), 255) for _ in range(3))
    pick = rng.random()
    if role is Role.TITLE and pick < 0.4:
        return rng.uniform(140, 215), green * 0.6, blue * 0.6
    if role is Role.CAPTION and pick < 0.4:
        return red, green, min(blue + rng.uniform(40, 110), 190)
    return red, green, blue


def _print_on_paper(glyphs: list[_Glyphs], font_px: int, rng: random.Random) -> Canvas:
    """Print the spans on one baseline, with the loose margins of a detector's box."""
    gaps = [rng.uniform(0.25, 1.6) * font_px for _ in glyphs[1:]]
    left, right = (rng.triangular(-0.04, 0.95, 0.15) * font_px for _ in range(2))
    above, below = (rng.triangular(-0.02, 0.6, 0.12) * font_px for _ in range(2))
    ascent, descent = _ink_extent(glyphs, rng)
    width = int(left + right + sum(glyph.advance_px for glyph in glyphs) + sum(gaps)) + 3
    height = max(10, int(above + ascent + descent + below) + 2)
    baseline, x = above + ascent + 1, left + 1
    canvas = draw_paper(height, width, rng)
    for glyph, gap in zip(glyphs, [*gaps, 0.0], strict=True):
        canvas = _printed(canvas, glyph, (x, baseline), rng)
        x += glyph.advance_px + gap
    if rng.random() < _RULE_SHARE:
        canvas = rule_under(canvas, (left, baseline), font_px, rng)
    if rng.random() < _NEIGHBOUR_SHARE:
        canvas = _with_neighbour(canvas, glyphs[-1], font_px, rng)
    return canvas


def _ink_extent(glyphs: list[_Glyphs], rng: random.Random) -> tuple[float, float]:
    """Height above and below the baseline: of the ink itself, or of the font's whole line."""
    if rng.random() < 0.65:
        boxes = [glyph.font.getbbox(glyph.text, anchor="ls") for glyph in glyphs]
        return -min(box[1] for box in boxes), max(box[3] for box in boxes)
    metrics = [glyph.font.getmetrics() for glyph in glyphs]
    return max(ascent for ascent, _ in metrics) * 0.95, max(descent for _, descent in metrics) * 0.9


def _printed(
    canvas: Canvas, glyphs: _Glyphs, at: tuple[float, float], rng: random.Random
) -> Canvas:
    mask = Image.new("L", (canvas.shape[1], canvas.shape[0]), 0)
    pen = ImageDraw.Draw(mask)
    x, baseline = at
    if glyphs.tracking_px:
        for character in glyphs.text:
            pen.text((x, baseline), character, font=glyphs.font, fill=255, anchor="ls")
            x += glyphs.font.getlength(character) + glyphs.tracking_px
    else:
        pen.text((x, baseline), glyphs.text, font=glyphs.font, fill=255, anchor="ls")
    cover = np.asarray(mask, np.float32)[..., None] / 255 * rng.uniform(0.68, 1)
    return (canvas * (1 - cover) + np.array(glyphs.ink, np.float32) * cover).astype(np.float32)


def _watermarked(canvas: Canvas, shelf: FontShelf, rng: random.Random) -> Canvas:
    """Let a large word run across the line, faint and slanted; only the line itself is to be read."""
    height, width = canvas.shape[:2]
    font = _font(shelf.pick(rng), round(height * rng.uniform(1.6, 4)))
    word = rng.choice(("SPECIMEN", "MẪU", "SPECIMEN", "MẪU / SPECIMEN", "BẢN SAO"))
    mask = Image.new("L", (width, height), 0)
    at = (rng.uniform(-0.3, 1) * width, rng.uniform(-1.2, 0.6) * height)
    ImageDraw.Draw(mask).text(at, word, font=font, fill=255)
    slanted = mask.rotate(rng.uniform(-40, 40), Image.Resampling.BILINEAR, center=at)
    ink = np.array((rng.uniform(120, 225), rng.uniform(40, 150), rng.uniform(40, 150)), np.float32)
    cover = np.asarray(slanted, np.float32)[..., None] / 255 * rng.uniform(0.1, 0.4)
    return (canvas * (1 - cover) + ink * cover).astype(np.float32)


def _with_neighbour(canvas: Canvas, glyphs: _Glyphs, font_px: int, rng: random.Random) -> Canvas:
    """Let the tips of the line above or below reach into the crop; nobody should read them."""
    words = _Glyphs(
        text=rng.choice(("gyp Họ pqj ngày", "Place of", "ghi / y", "xom na")),
        font=glyphs.font,
        ink=glyphs.ink,
        tracking_px=0.0,
        advance_px=0.0,
    )
    x = rng.uniform(0, canvas.shape[1] * 0.8)
    height = canvas.shape[0]
    cut_px = font_px * rng.uniform(0.02, 0.12)
    above = (x, cut_px - font_px * 0.22)
    below = (x, height + font_px * 0.72 - cut_px)
    return _printed(canvas, words, above if rng.random() < 0.5 else below, rng)
