"""How a rectified side looks: too small, dark, burnt out, covered by glare, blurred.

A card that can be read is never refused for its looks: these measures only name the reason after reading has failed
(gates.py), so that the customer hears what to do better. Needs numpy and OpenCV alone, no model.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.gate_profile import GATES_2026_12, GateProfile
from pipeline.card.rectify import Rectified
from pipeline.card.surface import least_channel, measured_picture
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

_BURNT = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class SideQuality:
    """How a rectified side looks; lightness and shares are 0-255 and 0-1.

    `burnt_share` is all that is burnt out, `glare_share` the largest spot of it.
    """

    native_width_px: float
    lightness: float
    burnt_share: float
    glare_share: float
    sharpness: float


def measure_quality(side: Rectified) -> SideQuality:
    """Measure a rectified side."""
    return measure_picture(measured_picture(side.image), side.native_width_px)


def measure_picture(picture: RgbImage, native_width_px: float) -> SideQuality:
    """Measure a side at the size of `measured_picture`.

    Args:
        picture: 432 x 685 x 3, uint8, RGB.
        native_width_px: of the card in the photo.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    burnt = (least_channel(picture) >= _BURNT).astype(np.uint8)
    return SideQuality(
        native_width_px=native_width_px,
        lightness=_percentile(grey, 95),
        burnt_share=float(burnt.mean()),
        glare_share=_largest_spot(burnt),
        sharpness=sharpness(picture),
    )


def sharpness(picture: RgbImage) -> float:
    """Return how steep the steepest edges are, relative to the contrast that is there.

    The 99.5th percentile of the step between neighbours over the 1st-99th percentile span of brightness.

    Args:
        picture: of a whole side or a part of it at 8 pixels a mm, H x W x 3, uint8, RGB.
    """
    grey = cv2.medianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), 3)
    steps = cv2.absdiff(grey[:, 1:], grey[:, :-1])
    span = _percentile(grey, 99) - _percentile(grey, 1)
    return _percentile(steps, 99.5) / max(span, 10.0)


def _percentile(plane: NDArray[np.uint8], share: float) -> float:
    """The value below which a share (per cent) of a plane of bytes lies: counting is 20 times faster than sorting."""
    counts = np.cumsum(cv2.calcHist([plane], [0], None, [256], [0, 256]).ravel())
    return float(np.searchsorted(counts, share / 100 * counts[-1]))


def _largest_spot(burnt: NDArray[np.uint8]) -> float:
    """Share of the picture in its largest burnt-out spot."""
    solid = cv2.morphologyEx(burnt, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(solid)
    return float(stats[1:, cv2.CC_STAT_AREA].max() / burnt.size) if count > 1 else 0.0


def reason_unreadable(
    quality: SideQuality, profile: GateProfile = GATES_2026_12
) -> ReasonCode | None:
    """Return what makes a whole side unreadable, or None if it looks well."""
    if quality.native_width_px < profile.small_width_px:
        return ReasonCode.CARD_TOO_SMALL
    if quality.lightness < profile.dark_lightness:
        return ReasonCode.CARD_DARK
    if quality.burnt_share > profile.burnt_share:
        return ReasonCode.CARD_OVEREXPOSED
    if quality.glare_share > profile.glare_share:
        return ReasonCode.CARD_GLARE
    if quality.sharpness < profile.blurred:
        return ReasonCode.CARD_BLURRED
    return None
