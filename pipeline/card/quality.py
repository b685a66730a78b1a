"""Why a side cannot be read: too small, dark, covered by glare, blurred.

A card that can be read is never refused for its looks: these measures only name the reason after reading has failed
(reader.py), so that the customer hears what to do better.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.card.rectify import Rectified
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

#: `_BLURRED` is measured (docs/reports/card-2026-11.md), the others are first estimates: they only choose words.
#: Narrower than this in the photo, captions are under 9 pixels high.
_SMALL_WIDTH_PX = 520.0
#: Brightness that 95 % of the card stays under.
_DARK_LIGHTNESS = 80.0
#: Share of the card that is burnt out in one spot.
_GLARE_SHARE = 0.03
#: See `sharpness`.
_BLURRED = 0.30
_MEASURED_WIDTH_PX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SideQuality:
    """How a rectified side looks; lightness and shares are 0-255 and 0-1."""

    native_width_px: float
    lightness: float
    glare_share: float
    sharpness: float


def measure_quality(side: Rectified) -> SideQuality:
    """Measure a rectified side."""
    scale = _MEASURED_WIDTH_PX / side.image.shape[1]
    small = RgbImage(cv2.resize(side.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return SideQuality(
        native_width_px=side.native_width_px,
        lightness=float(np.percentile(grey, 95)),
        glare_share=_glare_share(small),
        sharpness=sharpness(small),
    )


def sharpness(image: RgbImage) -> float:
    """Return how steep the steepest edges are, relative to the contrast that is there.

    The 99.5th percentile of the step between neighbours over the 1st-99th percentile span of brightness. One card,
    1574 pixels wide, gave 0.63 unblurred, 0.44, 0.28 and 0.20 at a Gaussian blur of 1, 2 and 3 pixels (all still read)
    and 0.15 at 4 (no longer read).

    Args:
        image: H x W x 3, uint8, RGB, at a card width of 1000 pixels.
    """
    grey = cv2.medianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), 3).astype(np.float32)
    steps = np.abs(np.diff(grey, axis=1))
    low, high = np.percentile(grey, (1, 99))
    return float(np.percentile(steps, 99.5) / max(high - low, 10.0))


def _glare_share(image: RgbImage) -> float:
    """Share of the picture in its largest burnt-out spot."""
    burnt = (image.min(axis=2) >= 250).astype(np.uint8)
    solid = cv2.morphologyEx(burnt, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(solid)
    return float(stats[1:, cv2.CC_STAT_AREA].max() / burnt.size) if count > 1 else 0.0


def reason_unreadable(quality: SideQuality) -> ReasonCode | None:
    """Return what makes a side unreadable, or None if it looks well."""
    if quality.native_width_px < _SMALL_WIDTH_PX:
        return ReasonCode.CARD_TOO_SMALL
    if quality.lightness < _DARK_LIGHTNESS:
        return ReasonCode.CARD_DARK
    if quality.glare_share > _GLARE_SHARE:
        return ReasonCode.CARD_GLARE
    if quality.sharpness < _BLURRED:
        return ReasonCode.CARD_BLURRED
    return None
