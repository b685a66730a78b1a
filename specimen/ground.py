"""Backgrounds of specimen cards: colour wash, guilloche lines, drum, map and lotus. Decoration, no security print."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage
from specimen.layout import CARD_MM, Side
from specimen.people import CardVersion

#: Colours from left to right.
_WASH = {
    CardVersion.CHIP_2021: (
        (190, 223, 224),
        (228, 236, 208),
        (250, 240, 208),
        (238, 224, 214),
        (206, 222, 226),
    ),
    CardVersion.CAN_CUOC_2024: (
        (168, 206, 234),
        (214, 230, 226),
        (252, 243, 204),
        (216, 230, 228),
        (168, 206, 234),
    ),
    CardVersion.BARCODE_2016: (
        (196, 222, 236),
        (214, 232, 238),
        (232, 240, 236),
        (220, 234, 232),
        (200, 224, 234),
    ),
    CardVersion.CMND_9: (
        (204, 226, 226),
        (222, 236, 234),
        (232, 240, 238),
        (222, 236, 234),
        (206, 226, 228),
    ),
}
_LINE_COLOURS = {
    CardVersion.CHIP_2021: ((96, 158, 164), (204, 150, 110), (120, 160, 120)),
    CardVersion.CAN_CUOC_2024: ((84, 136, 196), (214, 170, 84), (110, 150, 190)),
    CardVersion.BARCODE_2016: ((110, 164, 196), (150, 186, 170), (120, 160, 190)),
    CardVersion.CMND_9: ((120, 176, 180), (150, 196, 190), (140, 180, 190)),
}
#: Rough outline of the mainland, (longitude, latitude).
_OUTLINE = (
    *(
        (102.2, 22.4),
        (103.0, 22.5),
        (103.9, 22.6),
        (105.3, 23.3),
        (106.6, 22.9),
        (106.7, 22.0),
        (108.0, 21.5),
    ),
    *(
        (106.8, 20.7),
        (106.5, 20.0),
        (105.9, 19.3),
        (105.7, 18.6),
        (106.5, 17.8),
        (107.3, 16.9),
        (108.2, 16.1),
    ),
    *(
        (108.9, 15.2),
        (109.3, 13.4),
        (109.3, 12.5),
        (109.0, 11.4),
        (107.9, 10.7),
        (106.8, 10.4),
        (106.5, 9.5),
    ),
    *(
        (105.3, 8.7),
        (104.8, 8.7),
        (104.9, 10.1),
        (104.5, 10.4),
        (105.8, 11.0),
        (105.9, 11.7),
        (107.4, 12.3),
    ),
    *(
        (107.5, 13.5),
        (107.6, 14.9),
        (107.2, 15.9),
        (106.6, 16.6),
        (105.7, 17.6),
        (105.1, 18.4),
        (104.0, 19.3),
    ),
    *((104.6, 20.1), (103.9, 20.8), (102.9, 21.3), (102.2, 22.4)),
)

#: Lean and length in mm of the lotus' petals.
_PETALS = ((0, 17), (26, 16), (-26, 16), (52, 14), (-52, 14), (76, 12), (-76, 12))

Field = NDArray[np.float32]
Layer = tuple[NDArray[np.uint8], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundLook:
    """How a designer changes the usual ground."""

    #: Which of a few geometries the guilloche has.
    geometry: int = 0
    mirrored: bool = False
    #: Added to red, green and blue.
    tint: tuple[float, float, float] = (0.0, 0.0, 0.0)
    #: Of the wash; 1 = as usual, 0 = grey.
    saturation: float = 1.0
    #: Of the lines, and of drum, map and lotus.
    strength: float = 1.0
    motif: float = 1.0
    #: Shifts the colours of the lines among them.
    rotate_inks: int = 0


PLAIN_GROUND = GroundLook()


@lru_cache(maxsize=8)
def card_ground(
    version: CardVersion, side: Side, width_px: int, look: GroundLook = PLAIN_GROUND
) -> RgbImage:
    """Paint the empty background of a side: H x W x 3, uint8, RGB; the array is shared, so it is read-only."""
    guilloche, motif = _line_layers(side, width_px, look.geometry)
    layers = [(coverage, look.strength * share) for coverage, share in guilloche]
    layers += [(coverage, look.motif * share) for coverage, share in motif]
    colours = _LINE_COLOURS[version]
    planes = _wash(version, guilloche[0][0].shape, look)
    for i, (coverage, strength) in enumerate(layers):
        drawn = (coverage[:, ::-1] if look.mirrored else coverage) * np.float32(strength / 255)
        for plane, ink in zip(planes, colours[(i + look.rotate_inks) % len(colours)], strict=True):
            np.add(plane, (ink - plane) * drawn, out=plane)
    out = np.asarray(cv2.merge([np.clip(plane, 0, 255).astype(np.uint8) for plane in planes]))
    out.setflags(write=False)
    return RgbImage(out)


@lru_cache(maxsize=16)
def _line_layers(side: Side, width_px: int, geometry: int) -> tuple[list[Layer], list[Layer]]:
    """Coverage (0-255) and usual strength of the guilloche's and the motif's layers."""
    x, y = _millimetres(width_px, round(width_px * CARD_MM[1] / CARD_MM[0]))
    motif = _front_motif(x, y) if side is Side.FRONT else _lotus(x, y)
    guilloche = _guilloche(x + 9 * geometry, y * (1 + 0.12 * geometry))
    return _as_bytes(guilloche), _as_bytes(motif)


def _as_bytes(layers: list[tuple[Field, float]]) -> list[Layer]:
    return [(np.round(coverage * 255).astype(np.uint8), share) for coverage, share in layers]


def _millimetres(width_px: int, height_px: int) -> tuple[Field, Field]:
    x = (np.arange(width_px, dtype=np.float32) + 0.5) * (CARD_MM[0] / width_px)
    y = (np.arange(height_px, dtype=np.float32) + 0.5) * (CARD_MM[1] / height_px)
    across, down = np.meshgrid(x, y)
    return across, down


def _wash(version: CardVersion, shape: tuple[int, ...], look: GroundLook) -> list[Field]:
    """The colour wash, one plane each for red, green and blue."""
    height, width = shape
    x = (np.arange(width, dtype=np.float32) + 0.5) * (CARD_MM[0] / width)
    stops = np.linspace(0, CARD_MM[0], 5)
    colours = np.array(_WASH[version], np.float32)
    grey = colours.mean(1, keepdims=True)
    colours = grey + (colours - grey) * look.saturation + np.array(look.tint, np.float32)
    rows = [np.interp(x, stops, colours[:, c]).astype(np.float32) for c in range(3)]
    return [np.tile(row[None], (height, 1)) for row in rows]


def _lines(phase: NDArray[np.floating[Any]], period: float, thickness: float) -> Field:
    """Coverage of lines wherever `phase` (in mm) is a multiple of `period`, with a soft edge."""
    away = np.abs((phase + period / 2) % period - period / 2)
    return np.asarray(np.clip(0.5 + (thickness / 2 - away) / 0.07, 0, 1), np.float32)


def _guilloche(x: Field, y: Field) -> list[tuple[Field, float]]:
    waves = y + 1.5 * np.sin(x / 5.2) + 0.5 * np.sin(x / 1.7 + y / 7)
    counter = y - 1.5 * np.sin(x / 5.2 + 0.9) + 0.5 * np.sin(x / 2.1 - y / 6)
    radius, angle = np.hypot(x - 55, y - 29), np.arctan2(y - 29, x - 55)
    ripple = np.sin(12 * angle + radius / 4) + 0.4 * np.sin(24 * angle)
    rosette = radius + 1.1 * ripple * np.clip(radius / 18, 0, 1)
    fade = np.exp(-((radius / 24) ** 2)).astype(np.float32)
    return [
        (_lines(waves, 1.15, 0.1), 0.42),
        (_lines(rosette, 0.95, 0.1) * fade, 0.40),
        (_lines(counter, 1.6, 0.09), 0.30),
    ]


def _front_motif(x: Field, y: Field) -> list[tuple[Field, float]]:
    """A bronze drum with a map before it."""
    radius, angle = np.hypot(x - 52, y - 32), np.arctan2(y - 32, x - 52)
    spike = np.abs((angle * 14 / (2 * np.pi)) % 1 - 0.5) * 2
    star = (radius < 2.2 + 3.6 * spike**2).astype(np.float32)
    teeth = np.abs((angle * 60 / (2 * np.pi)) % 1 - 0.5) * 2
    saw = ((radius > 13.5) & (radius < 13.5 + 1.6 * teeth)).astype(np.float32)
    rings = np.zeros_like(x)
    for ring_mm in (6.6, 7.6, 10.2, 11.2, 13.4, 15.4, 17.6, 18.4):
        rings += np.clip(0.5 + (0.11 - np.abs(radius - ring_mm)) / 0.07, 0, 1)
    drum = np.clip(star + saw + rings, 0, 1).astype(np.float32)
    return [(_map(x.shape), 0.10), (cv2.GaussianBlur(drum, (3, 3), 0.6).astype(np.float32), 0.26)]


def _map(shape: tuple[int, ...]) -> Field:
    k = shape[1] / CARD_MM[0]
    points = np.array(_OUTLINE) * [2.2, -2.35] + [-181.5, 62.5]
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(points * k * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return np.asarray(mask / np.float32(255), np.float32)


def _lotus(x: Field, y: Field) -> list[tuple[Field, float]]:
    """A lotus over crossing curves."""
    flower = np.zeros_like(x)
    for tilt_deg, length in _PETALS:
        t = np.radians(tilt_deg)
        u = (x - 43) * np.cos(t) + (y - 41) * np.sin(t)
        v = (x - 43) * np.sin(t) - (y - 41) * np.cos(t)
        along = np.clip(v / length, 0, 1)
        half = 3.6 * np.sin(np.pi * along) ** 0.8
        inside = (v > 0) & (v < length)
        rim = np.clip(0.5 + (0.14 - np.abs(np.abs(u) - half)) / 0.08, 0, 1)
        vein = _lines(u / np.maximum(half, 0.3) * 3.6, 1.2, 0.12) * (np.abs(u) < half)
        flower = np.maximum(flower, inside * np.maximum(rim, 0.45 * vein))
    crossing = _lines(x - y + 2.5 * np.sin((x + y) / 9), 2.4, 0.1)
    return [(flower.astype(np.float32), 0.34), (crossing, 0.22)]
