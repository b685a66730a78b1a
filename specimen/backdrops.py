"""Things behind the subject: rooms behind people, table tops under cards."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage

_WALLS = ((196, 190, 178), (168, 182, 190), (206, 198, 170), (180, 170, 176), (150, 164, 150))
_WOODS = (
    (150, 108, 70),
    (96, 70, 50),
    (188, 156, 120),
    (120, 124, 130),
    (60, 64, 72),
    (214, 210, 202),
)


def room(rng: np.random.Generator, size: tuple[int, int]) -> RgbImage:
    """Draw an out-of-focus room: wall, a window or a picture, a shelf. size = (width, height)."""
    width, height = size
    wall = np.array(_WALLS[int(rng.integers(len(_WALLS)))], np.float32)
    picture = np.tile(wall, (height, width, 1)) * _shade(rng, size)
    for _ in range(int(rng.integers(3, 6))):
        w, h = width * rng.uniform(0.1, 0.4), height * rng.uniform(0.15, 0.7)
        x, y = rng.uniform(-0.1, 0.9) * width, rng.uniform(-0.1, 0.8) * height
        colour = np.clip(wall * rng.uniform(0.5, 1.25) + rng.uniform(-12, 12, 3), 0, 255)
        corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])
        cv2.fillPoly(picture, [corners.astype(np.int32)], colour.tolist())
    soft = cv2.GaussianBlur(picture, (0, 0), width / 70)
    return RgbImage(np.clip(soft, 0, 255).astype(np.uint8))


def plain(size: tuple[int, int], colour: tuple[int, int, int]) -> RgbImage:
    """One colour, a little darker towards the bottom, as behind passport pictures."""
    fall = np.linspace(1.03, 0.93, size[1], dtype=np.float32)[:, None, None]
    flat = np.tile(np.array(colour, np.float32), (size[1], size[0], 1)) * fall
    return RgbImage(np.clip(flat, 0, 255).astype(np.uint8))


def table(rng: np.random.Generator, size: tuple[int, int]) -> RgbImage:
    """Draw a table top seen from above: grained or plain, with some objects lying about. size = (width, height)."""
    width, height = size
    colour = np.array(_WOODS[int(rng.integers(len(_WOODS)))], np.float32)
    top = np.tile(colour, (height, width, 1)) * _grained(rng, size) * _shade(rng, size)
    for _ in range(int(rng.integers(2, 6))):
        _drop_object(rng, top)
    return RgbImage(np.clip(cv2.GaussianBlur(top, (0, 0), 1.2), 0, 255).astype(np.uint8))


def cluttered_table(rng: np.random.Generator, size: tuple[int, int]) -> RgbImage:
    """A table top full of things: papers with lines of print, pens, coins, and strong grain. size = (width, height)."""
    top = table(rng, size).astype(np.float32)
    for _ in range(int(rng.integers(5, 11))):
        _drop_object(rng, top)
    for _ in range(int(rng.integers(1, 4))):
        _drop_printed_sheet(rng, top)
    return RgbImage(np.clip(top, 0, 255).astype(np.uint8))


def pale_table(rng: np.random.Generator, size: tuple[int, int]) -> RgbImage:
    """A table top about as light as a card, so that the card's border hardly shows. size = (width, height)."""
    width, height = size
    colour = rng.uniform(205, 238) + rng.uniform(-8, 8, 3)
    top = np.tile(colour.astype(np.float32), (height, width, 1))
    top = top * (1 + 0.25 * (_grained(rng, size) - 1)) * (1 + 0.35 * (_shade(rng, size) - 1))
    return RgbImage(np.clip(top, 0, 255).astype(np.uint8))


def _shade(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float32]:
    corners = rng.uniform(0.8, 1.15, (2, 2)).astype(np.float32)
    return np.asarray(cv2.resize(corners, size, interpolation=cv2.INTER_LINEAR), np.float32)[
        ..., None
    ]


def _grained(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float32]:
    """Streaks along x (wood) over fine speckle (cloth, stone)."""
    width, height = size
    streaks = cv2.resize(
        rng.normal(0, 1, (height // 3, 5)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC
    )
    speckle = cv2.GaussianBlur(rng.standard_normal((height, width), np.float32), (0, 0), 0.9)
    grain = 1 + rng.uniform(0.0, 0.05) * streaks + rng.uniform(0.01, 0.05) * speckle
    return np.asarray(grain, np.float32)[..., None]


def _drop_object(rng: np.random.Generator, top: NDArray[np.float32]) -> None:
    """A sheet of paper, a pen or a coin somewhere near the edge."""
    height, width = top.shape[:2]
    edge = rng.choice([-0.05, 1.05]) + rng.uniform(-0.06, 0.06)
    along = rng.uniform(0, 1)
    x, y = ((edge, along) if rng.random() < 0.5 else (along, edge)) * np.array([width, height])
    kind, turn = int(rng.integers(3)), float(rng.uniform(0, 180))
    colour = tuple(float(c) for c in rng.uniform(40, 240, 3))
    if kind == 0:
        box = cv2.boxPoints(((x, y), (width * 0.28, width * 0.4), turn))
        cv2.fillPoly(top, [box.astype(np.int32)], (232.0, 232.0, 228.0), cv2.LINE_AA)
    elif kind == 1:
        box = cv2.boxPoints(((x, y), (width * 0.022, width * 0.34), turn))
        cv2.fillPoly(top, [box.astype(np.int32)], colour, cv2.LINE_AA)
    else:
        cv2.circle(top, (int(x), int(y)), int(width * 0.05), colour, -1, cv2.LINE_AA)


def _drop_printed_sheet(rng: np.random.Generator, top: NDArray[np.float32]) -> None:
    """A sheet with grey rules like lines of print, sticking in from a corner or an edge."""
    height, width = top.shape[:2]
    w, h = int(width * rng.uniform(0.25, 0.5)), int(height * rng.uniform(0.25, 0.5))
    sheet = np.full((h, w, 3), rng.uniform(215, 246), np.float32)
    pitch = max(int(height * rng.uniform(0.014, 0.03)), 6)
    for y in range(pitch, h - pitch, pitch):
        right = int(w * rng.uniform(0.4, 0.92))
        cv2.line(
            sheet,
            (int(0.08 * w), y),
            (right, y),
            (96.0, 96.0, 100.0),
            max(pitch // 4, 1),
            cv2.LINE_AA,
        )
    turn = cv2.getRotationMatrix2D((w / 2, h / 2), float(rng.uniform(-40, 40)), 1.0)
    x, y = rng.choice([-0.12, 0.95], 2) * [width, height] + rng.uniform(-0.12, 0.12, 2) * width
    turn[:, 2] += (x, y)
    cover = cv2.warpAffine(np.ones((h, w), np.float32), turn, (width, height))[..., None]
    top[:] = top * (1 - cover) + cv2.warpAffine(sheet, turn, (width, height)) * cover
