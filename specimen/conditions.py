"""Photographs of cards under conditions that a reader must notice: bad light, fingers, copies, screens.

Every condition has a strength from 0 (hardly there) to 1 (as bad as it gets). What a strength means in pixels,
millimetres or light is in the maker of the condition. Everything random follows from the generator passed in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage
from specimen.camera import encode_jpeg
from specimen.card import PrintedSide
from specimen.exposure import Scene, develop, expose, px_per_mm, take_clean
from specimen.occluders import take_finger, take_glare, take_paper
from specimen.scene import CardPhoto, Shot
from specimen.substitutes import take_grey_scan, take_photocopy, take_print, take_screen


class Condition(StrEnum):
    """What is wrong with a photo of a card."""

    CLEAN = "clean"
    DEFOCUS = "defocus"
    MOTION = "motion"
    GLARE = "glare"
    FINGER = "finger"
    PAPER = "paper"
    CUT_OFF = "cut_off"
    FAR = "far"
    DARK = "dark"
    OVEREXPOSED = "overexposed"
    PHOTOCOPY = "photocopy"
    GREY_SCAN = "grey_scan"
    SCREEN = "screen"
    PRINT = "print"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstance:
    """One condition and how strong it is. Glare, a finger and paper fall on `region`: a field, portrait, qr, mrz."""

    condition: Condition
    strength: float = 0.5
    region: str | None = None


def photograph_under(
    side: PrintedSide, circumstance: Circumstance, shot: Shot, rng: np.random.Generator
) -> CardPhoto:
    """Take a photo of a printed side under a condition.

    Args:
        side: what is printed.
        circumstance: the condition, its strength and where it falls.
        shot: viewpoint, light and camera, as without the condition.
        rng: draws everything else.

    Returns:
        The photo; its corners may lie outside the frame.

    Raises:
        ValueError: the region is not on this side.
    """
    scene = Scene(
        side=side,
        shot=shot,
        strength=circumstance.strength,
        region=circumstance.region,
        rng=rng,
    )
    return _MAKERS[circumstance.condition](scene)


def _defocus(scene: Scene) -> CardPhoto:
    """A disc of 0.05 to 0.55 mm radius on the card; strokes of captions are 0.2 mm wide."""
    light = expose(scene, scene.side.image)
    radius = (0.05 + 0.5 * scene.strength) * px_per_mm(light)
    reach = int(np.ceil(radius)) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return develop(scene, light, _filtered(light.image, disc))


def _motion(scene: Scene) -> CardPhoto:
    """A straight smear of 0.1 to 1.6 mm in any direction."""
    light = expose(scene, scene.side.image)
    length = (0.1 + 1.5 * scene.strength) * px_per_mm(light)
    angle = scene.rng.uniform(0, np.pi)
    reach = int(np.ceil(length / 2)) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    smear = np.clip(1 - np.abs(across), 0, 1) * np.clip(length / 2 + 0.5 - np.abs(along), 0, 1)
    return develop(scene, light, _filtered(light.image, smear.astype(np.float32)))


def _filtered(image: RgbImage, kernel: NDArray[np.float32]) -> RgbImage:
    return RgbImage(np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8))


def _dark(scene: Scene) -> CardPhoto:
    """0.30 down to 0.03 of the light, and the noise of a sensor that has none."""
    light = expose(scene, scene.side.image)
    gain = 0.30 * 0.1**scene.strength
    dim = RgbImage((light.image * gain).astype(np.uint8))
    return develop(scene, light, dim, noise=3.0 + 4.0 * scene.strength)


def _overexposed(scene: Scene) -> CardPhoto:
    """1.1 to 3.1 times the light that the sensor holds."""
    light = expose(scene, scene.side.image)
    gain = 1.1 + 2.0 * scene.strength
    return develop(scene, light, RgbImage(np.asarray(cv2.convertScaleAbs(light.image, None, gain))))


def _far(scene: Scene) -> CardPhoto:
    """The card 1000 to 250 pixels wide."""
    wanted_px = 1000 - 750 * scene.strength
    share = wanted_px / scene.shot.size[0]
    return develop(scene, expose(scene, scene.side.image, replace(scene.shot, share=share)))


def _cut_off(scene: Scene) -> CardPhoto:
    """3 to 40 % of the card beyond one edge of the frame, or half as much beyond two."""
    photo = take_clean(scene)
    height, width = photo.image.shape[:2]
    low, high = photo.corners.min(axis=0), photo.corners.max(axis=0)
    lost = (0.03 + 0.37 * scene.strength) * (high - low)
    x1, y1, x2, y2 = 0.0, 0.0, float(width), float(height)
    kind = int(scene.rng.integers(6))
    share = 0.5 if kind >= 4 else 1.0
    if kind in (0, 4):
        x1 = low[0] + share * lost[0]
    if kind in (1, 4):
        y1 = low[1] + share * lost[1]
    if kind in (2, 5):
        x2 = high[0] - share * lost[0]
    if kind in (3, 5):
        y2 = high[1] - share * lost[1]
    a, b, c, d = (round(max(0.0, n)) for n in (x1, y1, x2, y2))
    cut = RgbImage(np.ascontiguousarray(photo.image[b:d, a:c]))
    move = np.array([[1, 0, -a], [0, 1, -b], [0, 0, 1]], np.float64)
    return CardPhoto(
        image=cut,
        jpeg=encode_jpeg(cut, scene.shot.jpeg_quality),
        corners=(photo.corners - np.array([a, b])).astype(np.float32),
        homography=move @ photo.homography,
    )


_MAKERS: dict[Condition, Callable[[Scene], CardPhoto]] = {
    Condition.CLEAN: take_clean,
    Condition.DEFOCUS: _defocus,
    Condition.MOTION: _motion,
    Condition.GLARE: take_glare,
    Condition.FINGER: take_finger,
    Condition.PAPER: take_paper,
    Condition.CUT_OFF: _cut_off,
    Condition.FAR: _far,
    Condition.DARK: _dark,
    Condition.OVEREXPOSED: _overexposed,
    Condition.PHOTOCOPY: take_photocopy,
    Condition.GREY_SCAN: take_grey_scan,
    Condition.SCREEN: take_screen,
    Condition.PRINT: take_print,
}
