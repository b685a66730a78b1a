"""A photo as the portrait of a card: small, soft, pale, under fine lines, noisy, JPEG. A stand-in for real cards."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.card.geometry import CARD_ASPECT
from pipeline.face.find import LocatedFace
from pipeline.image import RgbImage, decode_image

#: As on the cards: the portrait is 20 x 30 mm of 85.6, a face of .55 of its height, its left edge at 4 mm.
_FACE_OF_PORTRAIT, _PORTRAIT_OF_CARD, _LEFT_OF_CARD = 0.55, 20 / 85.6, 4 / 85.6
_GROUND, _TABLE = (205, 220, 224), (96, 84, 74)
_TABLE_SHARE = 0.12


def print_portrait(face: LocatedFace, face_px: int, *, seed: int) -> RgbImage:
    """Return a photo of a card whose portrait shows a face.

    Args:
        face: of the photo to print.
        face_px: height of the printed face, forehead to chin, in pixels.
        seed: of the noise.
    """
    rng = np.random.default_rng(seed)
    portrait = _portrait(face, face_px)
    height, width = portrait.shape[:2]
    card_width = round(width / _PORTRAIT_OF_CARD)
    card = _ground(card_width, round(card_width / CARD_ASPECT))
    left, top = round(_LEFT_OF_CARD * card_width), card.shape[0] - height - card.shape[0] // 10
    card[top : top + height, left : left + width] = portrait
    soft = cv2.GaussianBlur(_lined(card), (0, 0), 0.6)
    edge = round(_TABLE_SHARE * card_width)
    table = cv2.copyMakeBorder(soft, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=_TABLE)
    noisy = np.clip(table + rng.normal(0, 3, table.shape), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", noisy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 75])
    return decode_image(data.tobytes(), evidence="card_front")


def _portrait(face: LocatedFace, face_px: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The head cut out, paled and tinted."""
    low, high = face.mesh.box[:2], face.mesh.box[2:]
    height = (high[1] - low[1]) / _FACE_OF_PORTRAIT
    width, (x, y) = height * 2 / 3, (low + high) / 2 - [0, 0.05 * height]
    scale = face_px / (high[1] - low[1])
    matrix = np.array([[scale, 0, -scale * (x - width / 2)], [0, scale, -scale * (y - height / 2)]])
    size = (round(width * scale), round(height * scale))
    # shrinking by more than two would alias
    softened = cv2.GaussianBlur(face.patch, (0, 0), max(0.3, 0.45 / scale))
    small = cv2.warpAffine(softened, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(40 + small.astype(np.float32) * 0.8 * np.array([0.97, 1.0, 1.0]), np.float32)


def _ground(width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Card stock with bars where text stands."""
    card = np.full((height, width, 3), _GROUND, np.float32)
    for row in range(6):
        y = round(height * (0.2 + 0.12 * row))
        length = 0.35 + 0.1 * (row % 3)
        card[y : y + max(2, height // 40), round(0.36 * width) : round((0.36 + length) * width)] = (
            60
        )
    return card


def _lined(card: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> RgbImage:
    """Fine wavy lines over everything, as a guilloche."""
    height, width = card.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    wave = np.sin((y + 0.02 * width * np.sin(x * 12 / width)) * 2 * np.pi * 48 / width)
    return RgbImage(np.clip(card - 9 * (wave > 0.8)[..., None], 0, 255).astype(np.uint8))
