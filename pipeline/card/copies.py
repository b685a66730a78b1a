"""Signs that a photo does not show a card but a copy of one: no colour, or the dots and rows of a printer or a screen.

Neither sign proves a copy and neither is proof against a good one: a fine ink jet and a fine screen seen softly leave
no grid (docs/reports/card-gates-2026-12-01.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.gate_profile import GATES_2026_12, GateProfile
from pipeline.card.geometry import Quad, homography, map_points, rectangle_quad
from pipeline.image import RgbImage

#: Colour is looked at this coarsely, so that halftone dots and noise average out.
_COLOUR_WIDTH_PX, _COLOUR_HEIGHT_PX = 214, 135
#: The red title alone is 2 % of the palest side.
_COLOURED_PERCENTILE = 98
_TILE_PX = 128
#: Tiles a side, spread over it: columns and rows.
_TILES = (6, 4)
#: With fewer tiles the average spectrum is too noisy.
_LEAST_TILES = 10
#: Waves longer than this belong to text and guilloche.
_LONGEST_WAVE_PX = 12.0
#: Beyond this a sensor's mosaic leaves traces of its own, cycles per pixel.
_HIGHEST_FREQUENCY = 0.47
#: Size of the surroundings that a peak is compared with, bins.
_AROUND_BINS = 13

Plane = NDArray[np.float32]


# ---------------------------------------------------------------- colour


def colour_spread(picture: RgbImage, profile: GateProfile = GATES_2026_12) -> float | None:
    """Return how far the most coloured parts of a side stray from its common tint, whatever the colour of the light.

    The 98th percentile of the distance of (log(R/G), log(B/G)) from its median. Titles, the emblem, the portrait and
    the chip are coloured on the palest card; a copy in black toner has one colour throughout, whatever the lamp's.

    Args:
        picture: a rectified side, RGB, any size.
        profile: the thresholds.

    Returns:
        Natural logarithms; None if the side is too dark or too burnt out to show colours.
    """
    size = (_COLOUR_WIDTH_PX, _COLOUR_HEIGHT_PX)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    soft = cv2.GaussianBlur(small, (0, 0), 1.0)
    green = soft[..., 1]
    bright = float(np.percentile(green, 90))
    if bright < profile.dark_lightness / 2:
        return None
    # Red ink has little green: only what is nearly black has no colour to speak of.
    seen = (soft.max(axis=2) < 250) & (green > 0.15 * bright)
    # Paper is white: only where light has burnt out most of the side is nothing known of its colours.
    burnt = float((soft.min(axis=2) >= 250).mean())
    if burnt > profile.burnt_share or not seen.any():
        return None
    red, blue = (np.log((soft[..., i] + 12) / (green + 12))[seen] for i in (0, 2))
    strays = np.hypot(red - np.median(red), blue - np.median(blue))
    return float(np.percentile(strays, _COLOURED_PERCENTILE))


# ---------------------------------------------------------------- grids


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The strongest regular structure of a side.

    `peak` is the natural logarithm of its power over its surroundings' power, `contrast` its amplitude as a share of
    the lightness around it, `off_axis_deg` (0 to 45) how far its direction lies from the card's own axes, `wave_px` its
    period in pixels of the photo.
    """

    peak: float
    contrast: float
    off_axis_deg: float
    wave_px: float


def find_grid(photo: RgbImage, card: Quad) -> Grid | None:
    """Return the strongest regular fine structure of a card in its photo.

    The power spectra of tiles at the photo's own resolution are averaged: text and guilloche differ from tile to tile
    and spread out, a printer's dots and a screen's rows stay.

    Args:
        photo: H x W x 3, uint8, RGB.
        card: corners in pixels of the photo.

    Returns:
        None if the card is too small in the photo.
    """
    tiles = _tiles(photo, card)
    if len(tiles) < _LEAST_TILES:
        return None
    rise = _above_surroundings(_mean_spectrum(tiles))
    row, column = np.unravel_index(int(rise.argmax()), rise.shape)
    fx, fy = float(_FX[0, column]), float(_FY[row, 0])
    top = card[1] - card[0]
    turn = np.degrees(np.arctan2(fy, fx) - np.arctan2(top[1], top[0])) % 90
    return Grid(
        peak=float(rise[row, column]),
        contrast=_contrast(tiles, fx, fy),
        off_axis_deg=float(min(turn, 90 - turn)),
        wave_px=1 / float(np.hypot(fx, fy)),
    )


def _tiles(photo: RgbImage, card: Quad) -> list[Plane]:
    x, y = np.meshgrid(np.linspace(0.1, 0.9, _TILES[0]), np.linspace(0.14, 0.86, _TILES[1]))
    places = np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32)
    middles = map_points(homography(rectangle_quad(1, 1), card), places)
    height, width = photo.shape[:2]
    kept = []
    half = _TILE_PX // 2
    low, high = card.min(axis=0), card.max(axis=0)
    if min(high - low) < 4 * _TILE_PX:  # tiles of a smaller card would overlap and show the table
        return []
    for u, v in np.round(middles).astype(int):
        if half <= u < width - half and half <= v < height - half:
            tile = photo[v - half : v + half, u - half : u + half, 1]
            kept.append(tile.astype(np.float32))
    return kept


def _mean_spectrum(tiles: Sequence[Plane]) -> Plane:
    """Mean over the tiles of each one's power without its shades, as a share of the tile's whole."""
    flat = np.stack([tile - cv2.GaussianBlur(tile, (0, 0), 6.0) for tile in tiles]) * _WINDOW
    waves = np.fft.rfft2(flat)
    power = waves.real**2 + waves.imag**2
    shares = power / (power.mean(axis=(1, 2), keepdims=True) + 1e-3)
    return np.asarray(shares.mean(axis=0), np.float32)


def _contrast(tiles: Sequence[Plane], fx: float, fy: float) -> float:
    """Amplitude of a wave (cycles per pixel) over the lightness of a tile, in the tile that is in the middle of all.

    Fine lines printed on a card are as regular in a scan as a grid, but faint, and the portrait has none.
    """
    y, x = np.mgrid[:_TILE_PX, :_TILE_PX]
    wave = np.exp(-2j * np.pi * (fx * x + fy * y)) * (2 * _WINDOW / _WINDOW.sum())
    shares = [abs((wave * (tile - tile.mean())).sum()) / (tile.mean() + 1) for tile in tiles]
    return float(np.median(shares))


def _above_surroundings(power: Plane) -> Plane:
    """Logarithm of each bin's power over the mean logarithm around it; very low where no peak is looked for."""
    log = np.fft.fftshift(np.log(power + 1e-6), axes=0)
    around = cv2.blur(log, (_AROUND_BINS, _AROUND_BINS), borderType=cv2.BORDER_REFLECT)
    rise = np.fft.ifftshift(log - around, axes=0)
    rise[_IGNORED] = -9.0
    return np.asarray(rise, np.float32)


def _ignored_bins() -> NDArray[np.bool_]:
    """Slow waves, the sensor's mosaic, and the 8 and 16 pixel blocks of JPEG."""
    near = 1.6 / _TILE_PX
    fast = np.maximum(np.abs(_FX), np.abs(_FY)) > _HIGHEST_FREQUENCY
    ignored = fast | (np.hypot(_FX, _FY) < 1 / _LONGEST_WAVE_PX)
    for k in range(1, 9):
        for along, across in ((_FX, _FY), (_FY, _FX)):
            ignored |= (np.abs(np.abs(along) - k / 16) < near) & (np.abs(across) < near)
    return np.asarray(ignored)


_FX = np.fft.rfftfreq(_TILE_PX)[None]
_FY = np.fft.fftfreq(_TILE_PX)[:, None]
_WINDOW = np.outer(np.hanning(_TILE_PX), np.hanning(_TILE_PX)).astype(np.float32)
_IGNORED = _ignored_bins()
