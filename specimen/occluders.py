"""What lies on a card in a photo: a lamp's reflection, a slip of paper, a finger."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage
from specimen.exposure import Scene, develop, expose, px_per_mm
from specimen.layout import CARD_MM
from specimen.scene import CardPhoto

Corners = NDArray[np.float32]


def take_glare(scene: Scene) -> CardPhoto:
    """A lamp's reflection over a region: a burnt-out heart of a third to the whole of it, with a soft rim."""
    card = scene.side.image
    x1, y1, x2, y2 = scene.box()
    size = 0.35 + 0.75 * scene.strength
    half_w = max((x2 - x1) / 2, 0.03 * card.shape[1]) * size
    half_h = max((y2 - y1) / 2, 0.03 * card.shape[1]) * size
    jitter = scene.rng.uniform(-0.15, 0.15, 2)
    x = (np.arange(card.shape[1], dtype=np.float32) - (x1 + x2) / 2) / half_w + jitter[0]
    y = (np.arange(card.shape[0], dtype=np.float32) - (y1 + y2) / 2) / half_h + jitter[1]
    away = np.hypot(*np.meshgrid(x, y))
    spot = np.exp(-(np.maximum(away - 1, 0) ** 2) / 0.18).astype(np.float32)[..., None]
    lit = card + np.float32(255) * spot * (0.85 + 0.5 * scene.strength)
    return develop(scene, expose(scene, RgbImage(np.clip(lit, 0, 255).astype(np.uint8))))


def take_paper(scene: Scene) -> CardPhoto:
    """A slip of white paper over 30 to 110 % of a region's width."""
    light = expose(scene, scene.side.image)
    x1, y1, x2, y2 = scene.box()
    pad = 0.012 * scene.side.image.shape[1]
    width = (x2 - x1 + 2 * pad) * (0.3 + 0.8 * scene.strength)
    from_left = scene.rng.random() < 0.5
    left = x1 - pad if from_left else x2 + pad - width
    rectangle = cv2.boxPoints(
        (
            (left + width / 2, (y1 + y2) / 2),
            (width, y2 - y1 + 4 * pad),
            scene.rng.uniform(-6, 6),
        )
    )
    shade = np.full(light.image.shape, scene.rng.uniform(214, 244), np.float32)
    return develop(scene, light, _laid_over(light, rectangle.astype(np.float32), shade))


def take_finger(scene: Scene) -> CardPhoto:
    """A finger 15 mm wide from the nearest long or short edge, its tip 20 to 100 % across the region."""
    light = expose(scene, scene.side.image)
    k = scene.side.image.shape[1] / CARD_MM[0]
    start, tip = _finger_axis(scene, k)
    outline = _capsule(start, tip, 7.5 * k)
    tone = np.array([(224, 172, 138), (198, 140, 104), (164, 112, 84)][int(scene.rng.integers(3))])
    inner = cv2.GaussianBlur(_mask(light, outline), (0, 0), 2.2 * px_per_mm(light))
    shade = tone * (0.55 + 0.5 * inner[..., None])
    return develop(scene, light, _laid_over(light, outline, shade.astype(np.float32)))


def _finger_axis(scene: Scene, k: float) -> tuple[Corners, Corners]:
    """Where a finger starts, off the card, and where its tip's centre is, in card pixels."""
    x1, y1, x2, y2 = scene.box()
    reach = 0.2 + 0.8 * scene.strength
    width, height = CARD_MM[0] * k, CARD_MM[1] * k
    middle_x, middle_y = (x1 + x2) / 2, (y1 + y2) / 2
    r = 7.5 * k
    gaps = {"left": x1, "right": width - x2, "top": y1, "bottom": height - y2}
    match min(gaps, key=lambda edge: gaps[edge]):
        case "left":
            start, tip = (-25 * k, middle_y), (x1 + reach * (x2 - x1) - r, middle_y)
        case "right":
            start, tip = (width + 25 * k, middle_y), (x2 - reach * (x2 - x1) + r, middle_y)
        case "top":
            start, tip = (middle_x, -25 * k), (middle_x, y1 + reach * (y2 - y1) - r)
        case _:
            start, tip = (middle_x, height + 25 * k), (middle_x, y2 - reach * (y2 - y1) + r)
    return np.array(start, np.float32), np.array(tip, np.float32)


def _capsule(start: Corners, tip: Corners, radius: float) -> Corners:
    """Outline of a stroke with a round end at its tip."""
    along = (tip - start) / np.linalg.norm(tip - start)
    across = np.array([-along[1], along[0]])
    turns = np.linspace(-np.pi / 2, np.pi / 2, 24)
    arc = tip + radius * (np.cos(turns)[:, None] * along + np.sin(turns)[:, None] * across)
    return np.vstack([start - radius * across, arc, start + radius * across]).astype(np.float32)


def _mask(light: CardPhoto, outline: Corners) -> NDArray[np.float32]:
    """1 inside an outline given in card pixels, in the frame of the photo."""
    placed = cv2.perspectiveTransform(outline.reshape(-1, 1, 2), light.homography).reshape(-1, 2)
    mask = np.zeros(light.image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(placed * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return np.asarray(mask / np.float32(255), np.float32)


def _laid_over(light: CardPhoto, outline: Corners, shade: NDArray[np.float32]) -> RgbImage:
    """Put something of the given colours over the photo, with a thin shadow beside it."""
    mask = _mask(light, outline)
    shadow = 1 - 0.35 * cv2.GaussianBlur(np.roll(mask, (5, 5), (0, 1)), (0, 0), 4.0)[..., None]
    soft = cv2.GaussianBlur(mask, (0, 0), 0.8)[..., None]
    mixed = light.image * shadow * (1 - soft) + shade * soft
    return RgbImage(np.clip(mixed, 0, 255).astype(np.uint8))
