"""How far eyes are open, by the points of the eye model: the plain mesh's lids hardly close."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.face.mesh_points import EYE_LEFT_RING, EYE_RIGHT_RING, LIDS
from pipeline.face.region import Points


def eyes_open(points: Points) -> float:
    """Return the gap of the lids over the eye's width, of the more open eye.

    Args:
        points: (468, 2 or 3) landmarks with the rings of the eye model.
    """
    return max(lid_gap(points, EYE_RIGHT_RING), lid_gap(points, EYE_LEFT_RING))


def lid_gap(points: Points, ring: NDArray[np.intp]) -> float:
    """Return the mean gap of the five middle lid pairs over the eye's width; signed: crossed lids give <= 0."""
    lids = points[ring[LIDS], :2]
    lower, upper, axis = lids[2:7], lids[10:15], lids[8] - lids[0]
    width = max(float(np.linalg.norm(axis)), 1e-6)
    normal = np.array([-axis[1], axis[0]]) / width
    gap = (lower - upper) @ normal
    return float(gap.mean() / width * (1 if axis[0] > 0 else -1))
