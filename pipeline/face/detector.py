"""Find faces: MediaPipe's short-range detector, and the same detector on overlapping parts for small faces.

Model and decoding: BlazeFace (Bazarevsky et al. 2019), face_detection_short_range of mediapipe 0.10.21.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.face.region import Points, overlap
from pipeline.image import RgbImage
from pipeline.onnx_model import OnnxModel

_SIZE = 128
_MIN_SCORE = 0.5
#: Boxes that share more than this are one face.
_SAME_FACE = 0.3
_MAX_FACES = 5
#: The detector sees all faces of 9 % of the longer side and more; below that the zoomed search is needed.
#: At 640 wide: 80 px 106/120 against 7/120 at 60 px; zoomed 119/120 down to 50 px.
_PARTS_PER_SIDE = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detection:
    """One face: `box` x1, y1, x2, y2; `keypoints` (6, 2): the subject's right eye, left eye, nose, mouth, ears."""

    score: float
    box: Points
    keypoints: Points

    @property
    def area(self) -> float:
        """Square pixels of the box."""
        width, height = self.box[2:] - self.box[:2]
        return float(max(width, 0.0) * max(height, 0.0))

    def moved(self, x: float, y: float) -> Detection:
        """Return the same face in a picture of which this one was a part at (x, y)."""
        shift = np.array([x, y])
        return Detection(
            score=self.score, box=self.box + np.tile(shift, 2), keypoints=self.keypoints + shift
        )


class FaceDetector:
    """Finds faces in one look at the whole picture, or in several looks at its parts."""

    def __init__(self, model: OnnxModel) -> None:
        self._model = model
        self._anchors = _anchors()

    def detect(self, rgb: RgbImage) -> list[Detection]:
        """Return all faces, best first, at most five.

        Args:
            rgb: H x W x 3, uint8, RGB; about 640 px wide, shrunk inside to 128.
        """
        height, width = rgb.shape[:2]
        board, inside = _letterbox(rgb)
        outputs = self._model(board)
        logits = np.clip(outputs["classificators"].ravel().astype(np.float64), -80, 80)
        score = 1 / (1 + np.exp(-logits))
        keep = np.flatnonzero(score >= _MIN_SCORE)
        keep = keep[np.argsort(-score[keep])]
        rows = self._rows(outputs["regressors"][0], keep)
        left, top, w, h = inside
        scale, shift = np.array([width / w, height / h]), np.array([left, top])
        return [
            Detection(score=best, box=points[:2].ravel(), keypoints=points[2:])
            for best, row in _merged(rows, score[keep])
            for points in [(row.reshape(8, 2) * _SIZE - shift) * scale]
        ]

    def detect_zoomed(self, rgb: RgbImage, *, parts: int = _PARTS_PER_SIDE) -> list[Detection]:
        """Look at overlapping squares: with 2 parts to the longer side it finds faces half as large (6 looks at 4:3).

        Args:
            rgb: H x W x 3, uint8, RGB.
            parts: how often a square's side goes into the picture's longer side.
        """
        height, width = rgb.shape[:2]
        side = min(max(height, width) // parts, height, width)
        found = [
            face.moved(x, y)
            for y in _starts(height, side)
            for x in _starts(width, side)
            for face in self.detect(RgbImage(rgb[y : y + side, x : x + side]))
        ]
        return without_doubles(found)

    def _rows(self, regressors: NDArray[np.float32], keep: NDArray[np.intp]) -> Points:
        """Boxes as x1, y1, x2, y2 and six key points, in units of the board."""
        points = regressors[keep].astype(np.float64).reshape(-1, 8, 2) / _SIZE
        points[:, [0, 2, 3, 4, 5, 6, 7]] += self._anchors[keep][:, None]
        half = points[:, 1] / 2
        return np.concatenate(
            [points[:, 0] - half, points[:, 0] + half, points[:, 2:].reshape(-1, 12)], axis=1
        )


def without_doubles(found: list[Detection]) -> list[Detection]:
    """Return the faces, best first, without those that overlap a better one."""
    kept: list[Detection] = []
    for face in sorted(found, key=lambda f: -f.score):
        others = np.array([k.box for k in kept]).reshape(-1, 4)
        if not (overlap(face.box, others) > _SAME_FACE).any():
            kept.append(face)
    return kept


def _merged(rows: Points, score: Points) -> list[tuple[float, Points]]:
    """Weighted non-maximum suppression: overlapping boxes become their mean, weighted by score."""
    found: list[tuple[float, Points]] = []
    while score.size and len(found) < _MAX_FACES:
        near = overlap(rows[0, :4], rows[:, :4]) > _SAME_FACE
        near[0] = True
        mean = (rows[near] * score[near, None]).sum(0) / score[near].sum()
        found.append((float(score[0]), mean))
        rows, score = rows[~near], score[~near]
    return found


def _letterbox(rgb: RgbImage) -> tuple[NDArray[np.float32], tuple[int, int, int, int]]:
    """The picture on a black board of the model's size, in -1..1, and where it lies (left, top, width, height)."""
    height, width = rgb.shape[:2]
    scale = _SIZE / max(height, width)
    w, h = max(round(width * scale), 1), max(round(height * scale), 1)
    left, top = (_SIZE - w) // 2, (_SIZE - h) // 2
    board = np.full((_SIZE, _SIZE, 3), -1, np.float32)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(rgb, (w, h), interpolation=how)
    board[top : top + h, left : left + w] = small * np.float32(1 / 127.5) - 1
    return board, (left, top, w, h)


def _starts(length: int, side: int) -> list[int]:
    """Where parts begin that overlap by at least half."""
    parts = -(-(length - side) * 2 // side) + 1
    return [int(start) for start in np.linspace(0, length - side, parts)]


def _anchors() -> Points:
    """896 anchor centres: strides 8, 16, 16, 16 on 128 x 128; equal grids are stacked (2, then 6 in a cell)."""
    grids = []
    for cells, per_cell in ((16, 2), (8, 6)):
        y, x = np.divmod(np.arange(cells * cells), cells)
        grids.append(np.repeat((np.column_stack([x, y]) + 0.5) / cells, per_cell, axis=0))
    return np.concatenate(grids)
