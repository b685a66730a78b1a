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
