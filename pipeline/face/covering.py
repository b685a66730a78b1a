"""Are mouth, nose and eyes to be seen? The landmarks cannot tell: they are put on a mask or a hand just as surely.

Every measure compares parts of one face with each other, so that light, skin and camera cancel out. How often each is
wrong, on faces with masks, hands and sunglasses drawn on them: docs/reports/face-2026-11-30.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.face.mesh_points import (
    EYE_LEFT_CORNERS,
    EYE_LEFT_RING,
    EYE_RIGHT_CORNERS,
    EYE_RIGHT_RING,
    FACE_OVAL,
    INNER_LIPS,
    LIDS,
    LIPS,
    LOWER_SKIN,
    NOSE_BASE,
    NOSE_END,
    NOSE_WINGS,
    UPPER_SKIN,
)
from pipeline.face.region import Points
from pipeline.image import RgbImage

#: The face is looked at upright in this size, with the outer corners of its eyes at these places.
_WIDTH, _HEIGHT = 128, 160
_EYES = np.array([[0.27, 0.27], [0.73, 0.27]]) * [_WIDTH, _HEIGHT]
_SOFT_PX = 1.0
#: Logistic regression on 83 photos of 27 people and 343 drawn masks and hands, folded by person (20 November 2026 data,
#: 30 November 2026); scale and bias are the mean of both folds.
_NOSTRILS, _LIP_EDGES, _MOUTH_LINE, _SKINS, _BIAS = 7.3, 2.5, 8.6, -0.19, -3.1
#: A flat lightness would make every difference a large one.
_LEAST_SPREAD = 8.0

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covering:
    """How much of a face is to be seen.

    Attributes:
        mouth: log odds that mouth and nose are; below 0 they rather are covered.
        eyes: structure of the less structured eye over the contrast of the face; about .17, on dark glasses below .07.
    """

    mouth: float
    eyes: float


def measure_covering(patch: RgbImage, mesh: Points) -> Covering:
    """Look at the mouth, the nose and the eyes of a face.

    Args:
        patch: H x W x 3, uint8, RGB, with the face upright in it.
        mesh: (468, 2 or 3) landmarks in pixels of the patch, those of the mesh model.
    """
    lab, points = _aligned(patch, mesh[:, :2])
    light = lab[..., 0]
    upper = _discs(points[list(UPPER_SKIN)], 7)
    spread = max(_LEAST_SPREAD, float(np.percentile(light[upper], 90) - np.percentile(light, 5)))
    mouth = (
        _NOSTRILS * min(_nostrils(light, points) / spread, 0.8)
        + _LIP_EDGES * float(np.log(max(_lip_edges(light, points), 0.1)))
        + _MOUTH_LINE * float(np.clip(_mouth_line(light, points) / spread, -0.3, 0.6))
        + _SKINS * min(_skins_apart(lab, points, upper), 15.0)
        + _BIAS
    )
    eyes = [light[_polygon(points[ring[LIDS]], 1.15)] for ring in (EYE_RIGHT_RING, EYE_LEFT_RING)]
    return Covering(mouth=mouth, eyes=min(float(eye.std()) for eye in eyes) / spread)


def _aligned(patch: RgbImage, points: Points) -> tuple[NDArray[np.float32], Points]:
    """The face in CIELAB (L 0..100) at a fixed size, eyes level, and its landmarks there."""
    corners = points[[EYE_RIGHT_CORNERS[0], EYE_LEFT_CORNERS[0]]]
    (x, y), (u, v) = corners[1] - corners[0], _EYES[1] - _EYES[0]
    # as complex numbers, a turn with a scale is one factor
    factor = complex(u, v) / complex(x, y)
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    shift = _EYES[0] - turn @ corners[0]
    matrix = np.column_stack([turn, shift])
    small = cv2.warpAffine(patch, matrix, (_WIDTH, _HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(small, (0, 0), _SOFT_PX).astype(np.float32) / 255
    return cv2.cvtColor(soft, cv2.COLOR_RGB2LAB), points @ turn.T + shift


def _nostrils(light: NDArray[np.float32], points: Points) -> float:
    """How much darker the nostrils are than the tip of the nose."""
    base, tip = points[NOSE_BASE], _discs(points[[NOSE_END]], 5)
    holes = _discs(points[list(NOSE_WINGS)] * 0.4 + base * 0.6, 2)
    return float(np.median(light[tip]) - np.percentile(light[holes], 20))


def _lip_edges(light: NDArray[np.float32], points: Points) -> float:
    """Edges across the lips over edges of the whole face."""
    down = np.abs(cv2.Sobel(light, cv2.CV_32F, 0, 1, ksize=3))
    lips, face = _polygon(points[list(LIPS)], 1.0), _polygon(points[list(FACE_OVAL)], 1.0)
    return float(down[lips].mean() / max(down[face].mean(), 1e-3))


def _mouth_line(light: NDArray[np.float32], points: Points) -> float:
    """How much darker the line between the lips is than the skin around them."""
    upper, lower = (points[list(row)] for row in INNER_LIPS)
    line = ((upper + lower) / 2).astype(np.float32)
    values = cv2.remap(light, line[None, :, 0], line[None, :, 1], cv2.INTER_LINEAR)
    lips = points[list(LIPS)]
    around = _polygon(lips, 1.7) & ~_polygon(lips, 1.15)
    return float(np.median(light[around]) - values.mean())


def _skins_apart(lab: NDArray[np.float32], points: Points, upper: Mask) -> float:
    """How far the colour (not the lightness) around the mouth is from that around the eyes."""
    chin = _discs(points[list(LOWER_SKIN)], 7) | _discs(points[[NOSE_BASE]], 5)
    colours = [np.median(lab[part][:, 1:], axis=0) for part in (upper, chin)]
    return float(np.linalg.norm(colours[0] - colours[1]))


def _polygon(points: Points, scale: float) -> Mask:
    middle = points.mean(axis=0)
    mask = np.zeros((_HEIGHT, _WIDTH), np.uint8)
    cv2.fillPoly(mask, [np.round(middle + (points - middle) * scale).astype(np.int32)], 1)
    return _never_empty(mask, middle)


def _discs(centres: Points, radius: int) -> Mask:
    mask = np.zeros((_HEIGHT, _WIDTH), np.uint8)
    for x, y in np.round(centres).astype(int):
        cv2.circle(mask, (int(x), int(y)), radius, 1, -1)
    return _never_empty(mask, centres.mean(axis=0))


def _never_empty(mask: NDArray[np.uint8], middle: Points) -> Mask:
    """A part beyond the picture's border is judged by the nearest pixel inside."""
    x, y = np.clip(np.round(middle).astype(int), 0, [_WIDTH - 1, _HEIGHT - 1])
    if not mask.any():
        mask[y, x] = 1
    return mask.astype(bool)
