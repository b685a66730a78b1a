"""What a card looks like after it went through a copier, a printer or a screen.

Each function takes pixels and returns pixels; specimen.conditions photographs the result.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage
from specimen.layout import CARD_MM

Floats = NDArray[np.float32]

#: Angles of cyan, magenta, yellow and black in offset and laser printing: any printing handbook.
_SCREEN_ANGLES_DEG = (15.0, 75.0, 0.0, 45.0)
#: Toner and office paper are never quite black or white.
_INK_BLACK, _PAPER = 34.0, (246.0, 245.0, 240.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printer:
    """How finely a printer works. `lines_per_mm` is None for ink jets, whose dots are too fine to show."""

    lines_per_mm: float | None
    #: Share of the paper that is inked beyond what was asked for, at half coverage.
    dot_gain: float = 0.12


def photocopy(card: RgbImage, *, lines_per_mm: float | None, contrast: float) -> RgbImage:
    """Copy a card in black toner.

    Args:
        card: H x W x 3, uint8, RGB.
        lines_per_mm: of the halftone; None prints black and white only, as cheap copiers do with text.
        contrast: of the copy, 1 = as seen; copiers raise it.
    """
    grey = cv2.cvtColor(card, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    ink = np.clip(0.5 - contrast * (grey - 0.55), 0, 1)
    if lines_per_mm is None:
        local = cv2.GaussianBlur(grey, (0, 0), card.shape[1] / 60)
        toner = np.clip(0.5 + (local - 0.09 - grey) / 0.05, 0, 1).astype(np.float32)
    else:
        toner = _halftone(ink.astype(np.float32), lines_per_mm, 45.0)
    light = _PAPER[1] + (_INK_BLACK - _PAPER[1]) * toner
    return RgbImage(np.repeat(light[..., None], 3, axis=2).astype(np.uint8))


def print_photo(picture: RgbImage, printer: Printer) -> RgbImage:
    """Print a colour picture of a card on paper: four inks, smaller gamut, dots.

    Args:
        picture: H x W x 3, uint8, RGB, the card filling it.
        printer: decides the dots.
    """
    colour = picture.astype(np.float32) / 255
    black = 0.8 * (1 - colour.max(axis=2))
    inks = [1 - colour[..., i] - black for i in range(3)]
    coverages = [_gained(np.clip(ink, 0, 1), printer.dot_gain) for ink in (*inks, black)]
    if printer.lines_per_mm is not None:
        coverages = [
            _halftone(coverage, printer.lines_per_mm, angle)
            for coverage, angle in zip(coverages, _SCREEN_ANGLES_DEG, strict=True)
        ]
    # Real inks absorb a little of the other colours, too: the gamut shrinks.
    absorbed = np.array(
        [[0.88, 0.28, 0.10], [0.16, 0.84, 0.26], [0.03, 0.10, 0.82], [0.86, 0.86, 0.84]], np.float32
    )
    light = np.ones_like(colour)
    for coverage, colours in zip(coverages, absorbed, strict=True):
        light *= 1 - coverage[..., None] * colours
    return RgbImage(np.clip(light * np.array(_PAPER, np.float32), 0, 255).astype(np.uint8))


def _gained(coverage: Floats, gain: float) -> Floats:
    return np.asarray(np.clip(coverage + 4 * gain * coverage * (1 - coverage), 0, 1), np.float32)


def _halftone(coverage: Floats, lines_per_mm: float, angle_deg: float) -> Floats:
    """Round dots on a turned grid whose area is the wanted coverage, drawn at double size and averaged."""
    height, width = coverage.shape
    k = 2 * np.pi * lines_per_mm * CARD_MM[0] / (2 * width)
    turn = np.radians(angle_deg)
    x = np.arange(2 * width, dtype=np.float32)[None] * np.float32(k)
    y = np.arange(2 * height, dtype=np.float32)[:, None] * np.float32(k)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    spot = 0.5 + 0.25 * (np.cos(u) + np.cos(v))
    fine = cv2.resize(coverage, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    # The spot function's values are not spread evenly; the curve makes area follow coverage within a few per cent.
    threshold = 0.5 + np.sign(0.5 - fine) * 0.5 * np.abs(1 - 2 * fine) ** 1.25
    dots = np.clip(0.5 + (spot - threshold) / 0.10, 0, 1).astype(np.float32)
    return np.asarray(cv2.resize(dots, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def paper_sheet(print_: RgbImage, margin: float, rng: np.random.Generator) -> RgbImage:
    """Lay a print on white paper of the card's shape, with the fibres of paper over both.

    Args:
        print_: H x W x 3, uint8, RGB.
        margin: size of the sheet over the size of the print; 1 cuts the print out exactly.
        rng: draws the fibres.
    """
    height, width = print_.shape[:2]
    top, left = (round((margin - 1) / 2 * n) for n in (height, width))
    sheet = cv2.copyMakeBorder(
        print_, top, top, left, left, cv2.BORDER_CONSTANT, value=tuple(_PAPER)
    )
    fibres = cv2.GaussianBlur(rng.standard_normal(sheet.shape[:2], dtype=np.float32), (0, 0), 1.2)
    return RgbImage(np.asarray(cv2.add(sheet, cv2.merge([8 * fibres] * 3), dtype=cv2.CV_8U)))


# ---------------------------------------------------------------- screens


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """A screen. `card_px` is how many of its pixels the shown card is wide."""

    card_px: int
    gamma: float = 1.1
    #: Light of the backlight in black parts, grey levels.
    glow: float = 14.0
    tint: tuple[float, float, float] = (0.95, 0.99, 1.06)
    #: How dark the gaps between the pixels are: 0 = no gaps seen, 1 = as dark as they can be.
    gaps: float = 0.8


def shown(picture: RgbImage, display: Display) -> RgbImage:
    """Return a picture in the colours of a display, without its pixel grid."""
    curve = 255 * (np.arange(256) / 255) ** display.gamma
    lit = display.glow + curve * (255 - display.glow) / 255
    tables = [np.clip(lit * share, 0, 255).astype(np.uint8) for share in display.tint]
    return RgbImage(np.dstack([cv2.LUT(picture[..., i], table) for i, table in enumerate(tables)]))


def through_grid(
    seen: RgbImage, places: NDArray[np.float32], display: Display, lens_blur_px: float
) -> RgbImage:
    """Lay the display's pixel grid over what a camera sees; moiré follows from the camera's own grid.

    Every display pixel is three upright stripes, red, green, blue, with gaps around. The stripes are written as their
    first two harmonics, weakened by the lens and by the area of a camera pixel, and sampled once per camera pixel.

    Args:
        seen: H x W x 3, uint8, RGB, the shown picture in the camera's frame.
        places: H x W x 2, float32, the display pixel (x, y) at each camera pixel.
        display: its gaps.
        lens_blur_px: standard deviation of the lens' blur, camera pixels.
    """
    step_x = float(np.median(np.linalg.norm(np.diff(places, axis=1)[::32, ::32], axis=2)))
    weak = [_transfer(n * step_x, lens_blur_px) for n in (1, 2)]
    rows = 1 + display.gaps * (
        0.35 * weak[0] * np.cos(2 * np.pi * places[..., 1])
        + 0.12 * weak[1] * np.cos(4 * np.pi * places[..., 1])
    )
    out = np.empty(seen.shape, np.float32)
    for channel in range(3):
        x = 2 * np.pi * (places[..., 0] - channel / 3)
        columns = 1 + display.gaps * (1.3 * weak[0] * np.cos(x) + 0.5 * weak[1] * np.cos(2 * x))
        out[..., channel] = seen[..., channel] * columns * rows
    return RgbImage(np.clip(out, 0, 255).astype(np.uint8))


def _transfer(cycles_per_px: float, blur_px: float) -> float:
    """How much of a wave is left after lens and pixel area."""
    lens = float(np.exp(-2 * (np.pi * blur_px * cycles_per_px) ** 2))
    return lens * abs(float(np.sinc(cycles_per_px)))


def through_bayer(image: RgbImage) -> RgbImage:
    """Sample red, green and blue on a sensor's mosaic and fill the gaps again, as every phone does."""
    mosaic = image[..., 1].copy()
    mosaic[0::2, 0::2] = image[0::2, 0::2, 0]
    mosaic[1::2, 1::2] = image[1::2, 1::2, 2]
    return RgbImage(np.asarray(cv2.cvtColor(mosaic, cv2.COLOR_BayerBG2RGB), np.uint8))
