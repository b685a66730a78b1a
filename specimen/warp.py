"""Sampling maps of moved triangles: for every pixel of a frame, where in the picture at rest it comes from."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
#: A triangle seen with less than this share of its area is edge-on: the pixels of its rim would come from far outside.
_EDGE_ON = 0.1
#: Whole-pixel xyxy box in a frame.
Window = tuple[int, int, int, int]


def sampling_map(
    rest: Floats,
    posed: Floats,
    triangles: NDArray[np.int32],
    size: tuple[int, int],
    fine_points: Floats,
) -> Floats:
    """Where every pixel of the frame comes from.

    Half size is enough where the map is smooth; around `fine_points`, a face whose rim hides what is behind, it is
    computed for every pixel.

    Args:
        rest: n x 2 or more, points of the picture at rest, pixels.
        posed: n x 3, the same points moved; z decides what hides what, smaller = nearer.
        triangles: m x 3, numbers of points.
        size: width and height of the frame.
        fine_points: k x 2, pixels.

    Returns:
        height x width x 2, float32, (x, y) in the picture at rest.
    """
    before, after = rest[triangles][..., :2], posed[triangles][..., :2]
    front = _signed_area(after) / _signed_area(before) > _EDGE_ON
    far_first = np.argsort(-posed[triangles][..., 2].mean(1))
    order = far_first[front[far_first]]
    same = np.eye(2, 3, dtype=np.float32)[None]
    affine = np.concatenate([same, _affine(after[order], before[order])])
    coarse = _sources(after[order], affine, (0, 0, *size), 2)
    whole = np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR), np.float32)
    x1, y1, x2, y2 = window = _window(fine_points, size)
    whole[y1:y2, x1:x2] = _sources(after[order], affine, window, 1)
    return whole


def _signed_area(triangles: Floats) -> Floats:
    a, b = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], np.float32)


def _affine(source: Floats, target: Floats) -> Floats:
    """The n x 2 x 3 maps that take each source triangle to its target."""
    ones = np.ones((*source.shape[:2], 1), np.float32)
    solved = np.linalg.solve(
        np.concatenate([source, ones], axis=2).astype(np.float64), target.astype(np.float64)
    )
    return solved.transpose(0, 2, 1).astype(np.float32)


def _window(points: Floats, size: tuple[int, int]) -> Window:
    """Whole-pixel xyxy box around points with a margin, inside the frame."""
    low = np.clip(np.floor(points.min(0)) - 8, 0, size).astype(int)
    high = np.clip(np.ceil(points.max(0)) + 8, 0, size).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _sources(triangles: Floats, affine: Floats, window: Window, step: int) -> Floats:
    """Source coordinates of every step-th pixel of a window; affine[0] is for pixels under no triangle."""
    x1, y1, x2, y2 = window
    middle = (step - 1) / 2
    x = np.arange(x1, x2, step, dtype=np.float32)[None] + middle
    y = np.arange(y1, y2, step, dtype=np.float32)[:, None] + middle
    labels = np.zeros((y.size, x.size), np.int32)
    corners = np.round((triangles - [x1 + middle, y1 + middle]) * (16 / step)).astype(np.int32)
    for number, corner in enumerate(corners, start=1):  # later ones lie nearer
        cv2.fillConvexPoly(labels, corner, number, shift=4)
    rows = [
        row[:, 0][labels] * x + row[:, 1][labels] * y + row[:, 2][labels]
        for row in (affine[:, 0], affine[:, 1])
    ]
    return np.dstack(rows).astype(np.float32)
