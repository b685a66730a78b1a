"""What a phone does to a printed line: tilt, squeeze, blur, motion, coarse pixels, noise, moire, JPEG."""

import math
import random
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""H x W x 3, uint8, RGB."""


def damage(pixels: Pixels, font_px: float, rng: random.Random) -> Pixels:
    """Apply a random selection of damages in the order in which a camera causes them.

    Args:
        pixels: H x W x 3, uint8, RGB.
        font_px: size of the print; blur is measured against it, so that the line stays readable.
        rng: the only source of chance.

    Returns:
        H x W' x 3, uint8, RGB; the width changes when the line is squeezed.
    """
    for share, apply in _DAMAGES:
        if rng.random() < share:
            pixels = apply(pixels, font_px, rng)
    return pixels


def _tilted(pixels: Pixels, _: float, rng: random.Random) -> Pixels:
    height, width = pixels.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    shifts = [[rng.uniform(-1, 1) * height * 0.08 for _ in range(2)] for _ in range(4)]
    moved = corners + np.array(shifts, np.float32)
    rise_px = rng.uniform(-0.12, 0.12) * height
    moved[:, 1] += (moved[:, 0] / width - 0.5) * rise_px
    warp = cv2.getPerspectiveTransform(corners, moved)
    return _pixels(
        cv2.warpPerspective(pixels, warp, (width, height), borderMode=cv2.BORDER_REPLICATE)
    )


def _squeezed(pixels: Pixels, _: float, rng: random.Random) -> Pixels:
    """Stands for condensed prints and cards seen at an angle."""
    height, width = pixels.shape[:2]
    return _pixels(
        cv2.resize(pixels, (max(8, round(width * rng.triangular(0.62, 1.2, 0.9))), height))
    )


def _blurred(pixels: Pixels, font_px: float, rng: random.Random) -> Pixels:
    return _pixels(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 1.2) * font_px / 24))


def _moved(pixels: Pixels, font_px: float, rng: random.Random) -> Pixels:
    """Straight motion along any direction."""
    length = max(2, round(font_px * rng.uniform(0.06, 0.14)))
    kernel = np.zeros((length + 1, length + 1), np.float32)
    angle = rng.uniform(0, math.pi)
    reach = length / 2
    centre = np.array((reach, reach))
    step = np.array((math.cos(angle), math.sin(angle))) * reach
    ends = [tuple(round(float(value)) for value in centre + sign * step) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return _pixels(cv2.filter2D(pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))


def _coarsened(pixels: Pixels, font_px: float, rng: random.Random) -> Pixels:
    """Fewer pixels than the crop has, never fewer than a tone mark needs."""
    scale = max(rng.uniform(0.4, 0.95), 12 / font_px)
    if scale >= 1:
        return pixels
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return _pixels(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def _noisy(pixels: Pixels, _: float, rng: random.Random) -> Pixels:
    grain = np.random.default_rng(rng.getrandbits(32)).standard_normal(pixels.shape, np.float32)
    return _clipped(pixels + grain * rng.uniform(2, 13))


def _striped(pixels: Pixels, _: float, rng: random.Random) -> Pixels:
    """Moire of a screen or of the card's fine print against the sensor."""
    height, width = pixels.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    angle, pitch = rng.uniform(0, math.pi), math.tau / rng.uniform(2.2, 9)
    phase = (xs * math.cos(angle) + ys * math.sin(angle)) * pitch + rng.uniform(0, math.tau)
    shifts = np.array((0.0, rng.uniform(0, 2), rng.uniform(0, 2)), np.float32)
    return _clipped(pixels + np.sin(phase[..., None] + shifts) * rng.uniform(4, 16))


def _sharpened(pixels: Pixels, _: float, rng: random.Random) -> Pixels:
    """Phone cameras overshoot edges."""
    soft = cv2.GaussianBlur(pixels, (0, 0), 1.2).astype(np.float32)
    return _clipped(pixels + (pixels - soft) * rng.uniform(0.3, 1.2))


def _compressed(pixels: Pixels, _: float, rng: random.Random) -> Pixels:
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(30, 92)])
    return _pixels(cv2.imdecode(data, cv2.IMREAD_COLOR))


def _clipped(values: NDArray[np.floating]) -> Pixels:
    return np.clip(values, 0, 255).astype(np.uint8)


def _pixels(image: object) -> Pixels:
    """Give OpenCV's untyped result its type."""
    return np.asarray(image, np.uint8)


_DAMAGES: tuple[tuple[float, Callable[[Pixels, float, random.Random], Pixels]], ...] = (
    (0.45, _tilted),
    (0.45, _squeezed),
    (0.36, _blurred),
    (0.14, _moved),
    (0.26, _coarsened),
    (0.15, _sharpened),
    (0.45, _noisy),
    (0.09, _striped),
    (0.45, _compressed),
)
