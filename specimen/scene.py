"""Puts a printed card on a table and takes a phone photo of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage
from specimen.backdrops import cluttered_table, pale_table, table
from specimen.camera import PLAIN_LOOK, Look, add_noise, encode_jpeg, illuminate
from specimen.layout import CARD_MM, CORNER_RADIUS_MM


class Surface(StrEnum):
    """What the card lies on."""

    TABLE = "table"
    CLUTTERED = "cluttered"
    PALE = "pale"


_SURFACES = {
    Surface.TABLE: table,
    Surface.CLUTTERED: cluttered_table,
    Surface.PALE: pale_table,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """How a card is photographed."""

    #: Width and height of the photo in pixels.
    size: tuple[int, int] = (1920, 1440)
    #: Clockwise turn of the card in the picture.
    rotation_deg: float = 0.0
    #: Lean of the card about its own vertical and horizontal axis.
    tilt_x_deg: float = 0.0
    tilt_y_deg: float = 0.0
    #: The card's larger extent, once turned, over the frame's extent in that direction.
    share: float = 0.82
    #: Shift of the card's centre as shares of the frame.
    offset: tuple[float, float] = (0.0, 0.0)
    #: 0 = none, 1 = a burnt-out spot.
    glare: float = 0.0
    #: Where the glare falls, as shares of the card.
    glare_at: tuple[float, float] = (0.75, 0.75)
    look: Look = PLAIN_LOOK
    surface: Surface = Surface.TABLE
    #: A longer table is drawn this long and enlarged: cheaper, and as soft as what lies out of focus.
    table_px: int = 2000
    jpeg_quality: int = 92


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CardPhoto:
    """A photo and the truth about it."""

    #: H x W x 3, uint8, RGB, before JPEG.
    image: RgbImage
    jpeg: bytes
    #: 4 x 2, float32, (x, y) in pixels of the photo: the card's own top left, top right, bottom right, bottom left.
    corners: NDArray[np.float32]
    #: 3 x 3 map from card pixels to photo pixels.
    homography: NDArray[np.float64]


def photograph(card: RgbImage, shot: Shot, rng: np.random.Generator) -> CardPhoto:
    """Take a photo of one side of a card.

    Args:
        card: H x W x 3, uint8, RGB, square-cornered print of the side.
        shot: viewpoint, light and camera.
        rng: draws the table, the noise; the same state gives the same photo.
    """
    corners = _corners(shot)
    homography = _homography(card, corners)
    scene = _surface(rng, shot)
    _lay_card(scene, _with_glare(card, shot), homography, corners)
    image = add_noise(illuminate(scene, shot.look), shot.look.noise, rng)
    return CardPhoto(
        image=image,
        jpeg=encode_jpeg(image, shot.jpeg_quality),
        corners=corners,
        homography=homography,
    )


def lay_on(ground: RgbImage, cards: Sequence[RgbImage], rng: np.random.Generator) -> RgbImage:
    """Lay several cards side by side on a table, each a little askew, seen from straight above.

    Args:
        ground: H x W x 3, uint8, RGB; not changed.
        cards: square-cornered prints.
        rng: draws the places.
    """
    scene = RgbImage(ground.copy())
    height, width = scene.shape[:2]
    cell = width / len(cards)
    for i, card in enumerate(cards):
        shot = Shot(
            size=(round(cell), height),
            rotation_deg=float(rng.uniform(-12, 12)),
            share=float(rng.uniform(0.8, 0.9)),
            offset=(0.0, float(rng.uniform(-0.15, 0.15))),
        )
        corners = _corners(shot) + np.array([i * cell, 0], np.float32)
        _lay_card(scene, card, _homography(card, corners), corners)
    return scene


def draw_shot(rng: np.random.Generator, *, any_rotation: bool = False) -> Shot:
    """Draw a believable careful shot: nearly level (or turned any way), slightly tilted, evenly lit."""
    warm = float(rng.uniform(-0.06, 0.06))
    return Shot(
        rotation_deg=float(rng.uniform(-180, 180) if any_rotation else rng.uniform(-4, 4)),
        tilt_x_deg=float(rng.uniform(-9, 9)),
        tilt_y_deg=float(rng.uniform(-9, 9)),
        share=float(rng.uniform(0.78, 0.9)),
        offset=(float(rng.uniform(-0.02, 0.02)), float(rng.uniform(-0.02, 0.02))),
        glare=float(rng.uniform(0, 0.25)),
        glare_at=(float(rng.uniform(0.3, 1)), float(rng.uniform(0, 0.2))),
        look=Look(
            balance=(1 + warm, 1.0, 1 - warm),
            gamma=float(rng.uniform(0.92, 1.1)),
            light_from_deg=float(rng.uniform(0, 360)),
            light_fall=float(rng.uniform(0.05, 0.3)),
            noise=float(rng.uniform(1.5, 3.5)),
        ),
        jpeg_quality=int(rng.integers(86, 95)),
    )


def _homography(card: RgbImage, corners: NDArray[np.float32]) -> NDArray[np.float64]:
    height, width = card.shape[:2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(flat, corners), np.float64)


def _surface(rng: np.random.Generator, shot: Shot) -> RgbImage:
    width, height = shot.size
    shrink = max(1.0, max(width, height) / shot.table_px)
    drawn = _SURFACES[shot.surface](rng, (round(width / shrink), round(height / shrink)))
    if shrink == 1.0:
        return drawn
    return RgbImage(np.asarray(cv2.resize(drawn, shot.size, interpolation=cv2.INTER_LINEAR)))


def _corners(shot: Shot) -> NDArray[np.float32]:
    """Corners of the turned and tilted card in the photo, from a pinhole camera two and a half card widths away."""
    half = np.array(CARD_MM) / 2
    flat = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * [*half, 0]
    a, b, c = np.radians([shot.tilt_x_deg, shot.tilt_y_deg, shot.rotation_deg])
    rx = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    ry = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    rz = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    turned = flat @ (rz @ ry @ rx).T
    away = 2.5 * CARD_MM[0]
    seen = turned[:, :2] * (away / (away + turned[:, 2:]))
    frame = np.array(shot.size)
    scale = shot.share * (frame / np.ptp(seen, axis=0)).min()
    middle = (seen.min(0) + seen.max(0)) / 2
    placed = (seen - middle) * scale + frame * (0.5 + np.array(shot.offset))
    return np.asarray(placed, np.float32)


def _lay_card(
    scene: RgbImage, card: RgbImage, homography: NDArray[np.float64], corners: NDArray[np.float32]
) -> None:
    """Draw the card with its shadow into the scene; only the window around it is touched."""
    height, width = card.shape[:2]
    scale = float(np.linalg.norm(corners[1] - corners[0])) / width
    crisp = cv2.GaussianBlur(card, (0, 0), 0.35 / scale) if scale < 0.8 else card
    shift = scene.shape[1] // 250
    margin = 4 * shift + 4
    x1, y1 = np.maximum(np.floor(corners.min(0)).astype(int) - margin, 0)
    x2, y2 = np.minimum(np.ceil(corners.max(0)).astype(int) + margin, scene.shape[1::-1])
    window = scene[y1:y2, x1:x2]
    to_window = np.array([[1, 0, -x1], [0, 1, -y1], [0, 0, 1]]) @ homography
    size = (int(x2 - x1), int(y2 - y1))
    layer = cv2.warpPerspective(
        crisp, to_window, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    alpha = _coverage(to_window, (width, height), size)
    ground = _with_shadow(window, alpha, shift)
    window[:] = cv2.blendLinear(layer, ground, alpha, 1 - alpha)


def _coverage(
    homography: NDArray[np.float64], card_size: tuple[int, int], photo_size: tuple[int, int]
) -> NDArray[np.float32]:
    """1 where the card with its round corners lies, 0 elsewhere, soft between."""
    width, height = card_size
    radius = round(CORNER_RADIUS_MM * width / CARD_MM[0])
    mask = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (radius, 0), (width - 1 - radius, height - 1), 255, -1)
    cv2.rectangle(mask, (0, radius), (width - 1, height - 1 - radius), 255, -1)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(mask, (x, y), radius, 255, -1, cv2.LINE_AA)
    seen = cv2.warpPerspective(mask, homography, photo_size, flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), 0.7) / np.float32(255), np.float32)


def _with_shadow(
    ground: NDArray[np.uint8], alpha: NDArray[np.float32], shift: int
) -> NDArray[np.uint8]:
    """Darken the table beside the card, as its thickness does."""
    moved = np.zeros_like(alpha)
    moved[shift:, shift:] = alpha[:-shift, :-shift]
    kept = 1 - 0.45 * cv2.blur(moved, (3 * shift, 3 * shift))
    return np.asarray(cv2.multiply(ground, cv2.merge([kept] * 3), dtype=cv2.CV_8U), np.uint8)


def _with_glare(card: RgbImage, shot: Shot) -> RgbImage:
    """Add a reflected lamp: a soft bright ellipse on the laminate."""
    if shot.glare <= 0:
        return card
    height, width = card.shape[:2]
    x = (np.arange(width, dtype=np.float32)[None] / width - shot.glare_at[0]) / 0.22
    y = (np.arange(height, dtype=np.float32)[:, None] / height - shot.glare_at[1]) / 0.20
    spot = shot.glare * np.exp(-(x**2 + y**2))[..., None]
    return RgbImage((card + (255 - card) * np.clip(spot, 0, 1)).astype(np.uint8))
