"""Finds text lines: PP-OCRv6 small on ONNX Runtime.

The steps before and after the net are those of PaddleOCR's DBPostProcess (Apache-2.0, Liao et al., Real-time Scene Text
Detection with Differentiable Binarization, 2020), without its engine around them; `pipeline/card/paddle.py` runs the
same weights through PaddleOCR, and a test holds the two to the same boxes. One thing is ours alone: a line that touches
something else is parted from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.geometry import Quad, order_corners, quad_size
from pipeline.card.session import open_session
from pipeline.card.shrink import halved_towards
from pipeline.findings import ModelRef
from pipeline.image import RgbImage
from pipeline.weights import open_weights

WEIGHTS = "ppocrv6_det_small"
#: Normalisation and thresholds of PP-OCRv6 small detection: PaddleOCR's own inference.yml for that model.
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TEXT_PROBABILITY, LINE_PROBABILITY, UNCLIP = 0.3, 0.6, 1.5
_MOST_LINES = 1000
#: A long shape that is no line is one with something that touches it (a stamp, a stroke of a signature): it is looked
#: at again above these probabilities, where the bridge between them is gone. Of 4 issuers under a stamp all 4 were
#: found so on upright pictures, 2 end to end, none without (validation cards). Its length is a share of the map's
#: width; print that is parted like this has lost half a pixel on every side.
_PARTING_PROBABILITIES, _PARTED_LENGTH, _PARTED_ASPECT, _PARTED_LOSS_PX = (
    (0.5, 0.6, 0.7, 0.8),
    0.06,
    3.0,
    1.0,
)
#: Shortest side of a line before and after it is widened, in pixels of the net's map.
_LEAST_SIDE_PX, _LEAST_WIDENED_PX = 3, 5
#: Both sides of the net's input are a multiple of this.
_GRAIN_PX = 32


#: Middle, width and height, angle in degrees: OpenCV's turned rectangle.
_Rectangle = tuple[Sequence[float], Sequence[float], float]


class TextDetector(Protocol):
    """Finds text lines."""

    def __call__(self, image: RgbImage, long_side_px: int) -> list[Quad]:
        """Return a quad per line, in pixels of `image`."""


def load_detector(
    weights_root: Path, *, device: str = "cpu", threads: int = 1
) -> tuple[TextDetector, ModelRef]:
    """Load the PP-OCRv6 small detector.

    Args:
        weights_root: folder of manifest.toml.
        device: "cpu" or "cuda".
        threads: of the session on the CPU.

    Raises:
        WeightsError: the file is missing, altered or cannot be opened.
    """
    entry = open_weights(WEIGHTS, weights_root)
    session = open_session(entry.path, device=device, threads=threads)
    name = session.get_inputs()[0].name

    def detect(image: RgbImage, long_side_px: int) -> list[Quad]:
        probability = session.run(None, {name: _net_input(image, long_side_px)})[0][0, 0]
        return [reading_order(corners) for corners in line_corners(probability, image.shape[:2])]

    return detect, entry.ref


def _net_input(image: RgbImage, long_side_px: int) -> NDArray[np.float32]:
    """1 x 3 x H x W, BGR, normalised; never enlarged, both sides rounded to the grain."""
    height, width = image.shape[:2]
    scale = min(1.0, long_side_px / max(height, width))
    size = [max(round(side * scale / _GRAIN_PX), 1) * _GRAIN_PX for side in (width, height)]
    # Linear interpolation alone would skip pixels of thin strokes.
    nearer = halved_towards(image, *size)
    method = cv2.INTER_AREA if size[0] < 0.75 * nearer.shape[1] else cv2.INTER_LINEAR
    small = cv2.resize(nearer, size, interpolation=method)
    bgr = small[..., ::-1].astype(np.float32)
    bgr *= 1 / (255 * np.array(_STD, np.float32))
    bgr -= np.array(_MEAN, np.float32) / np.array(_STD, np.float32)
    return np.ascontiguousarray(bgr.transpose(2, 0, 1)[None])


def line_corners(
    probability: NDArray[np.float32], size: tuple[int, ...]
) -> Iterator[NDArray[np.float32]]:
    """Return rectangles around connected text, widened by what training shrank them.

    Args:
        probability: H x W, float32, 0-1: that a pixel is text.
        size: height and width of the image.

    Yields:
        4 x 2 corners in pixels of the image.
    """
    height, width = size
    scale = np.array([width / probability.shape[1], height / probability.shape[0]], np.float32)
    limit = np.array([width, height], np.float32)
    for middle, (w, h), angle in _line_rectangles(probability):
        # Rounding the corners of the widened polygon, as PaddleOCR does, leaves the rectangle around it the same.
        reach = UNCLIP * w * h / (w + h)
        if min(w, h) + reach >= _LEAST_WIDENED_PX:
            widened = cv2.boxPoints((middle, (w + reach, h + reach), angle))
            yield np.clip(widened * scale, 0, limit).astype(np.float32)


def _line_rectangles(probability: NDArray[np.float32]) -> Iterator[_Rectangle]:
    """Rectangles around connected text as the net saw it, in pixels of its map."""
    text = (probability > TEXT_PROBABILITY).astype(np.uint8)
    contours, _ = cv2.findContours(text, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours[:_MOST_LINES]:
        rectangle: _Rectangle = cv2.minAreaRect(contour)
        if min(rectangle[1]) < _LEAST_SIDE_PX:
            continue
        if _mean_inside(probability, cv2.boxPoints(rectangle)) >= LINE_PROBABILITY:
            yield rectangle
        elif max(rectangle[1]) >= _PARTED_LENGTH * probability.shape[1]:
            yield from _parted(probability, contour)


def _parted(probability: NDArray[np.float32], contour: NDArray[np.int32]) -> Iterator[_Rectangle]:
    """The line in a shape that is more than a line, at the lowest probability that parts them."""
    inside = np.zeros(probability.shape, np.uint8)
    cv2.drawContours(inside, [contour], -1, 1, cv2.FILLED)
    for least in _PARTING_PROBABILITIES:
        shape = inside * (probability > least).astype(np.uint8)
        parts, _ = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        if not parts:
            return
        middle, (w, h), angle = max(map(cv2.minAreaRect, parts), key=lambda part: max(part[1]))
        is_line = max(w, h) >= _PARTED_ASPECT * max(min(w, h), 1)
        corners = cv2.boxPoints((middle, (w, h), angle))
        if is_line and _mean_inside(probability, corners) >= LINE_PROBABILITY:
            yield middle, (w + _PARTED_LOSS_PX, h + _PARTED_LOSS_PX), angle
            return


def _mean_inside(probability: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    """Mean probability inside a rectangle; its corners are cut to whole pixels, as PaddleOCR does."""
    height, width = probability.shape
    low = np.clip(np.floor(corners.min(axis=0)), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)), 0, (width - 1, height - 1)).astype(int)
    mask = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), np.uint8)
    cv2.fillPoly(mask, [(corners - low).astype(np.int32)], 1)
    return float(cv2.mean(probability[low[1] : high[1] + 1, low[0] : high[0] + 1], mask)[0])


def reading_order(polygon: NDArray[np.float32]) -> Quad:
    """Return a line's corners so that its long side is the top.

    Args:
        polygon: 4 x 2, (x, y) in pixels, any order; lines lean less than 45 degrees to the right angle.
    """
    quad = order_corners(polygon)
    width, height = quad_size(quad)
    upright_line = height > 1.5 * width
    return Quad(np.roll(quad, -1, axis=0)) if upright_line else quad
