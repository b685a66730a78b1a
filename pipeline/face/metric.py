"""How close two embeddings are. Every similarity is in [-1, 1], higher is closer, 1 for the same numbers.

Similarities of two metrics are never compared with one another: each profile names its own.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


def from_dlib(gap: float) -> float:
    """Turn the Euclidean gap of two dlib descriptors into a similarity: 1 - gap^2, at least -1.

    The descriptors have a norm near 1.41, so this is close to 2 cos - 1 of their angle; it is 1 for the same
    picture, .70 at a gap of .55, and about .2 for the average pair of strangers.
    """
    return max(-1.0, 1.0 - gap * gap)


def from_l2(gap: float) -> float:
    """Turn the Euclidean gap of two unit vectors into a similarity: 1 - gap^2 / 2, which is their cosine."""
    return max(-1.0, 1.0 - gap * gap / 2.0)


def from_l1(distance: float, dimensions: int) -> float:
    """Turn the sum of absolute differences of two unit vectors into a similarity: 1 - distance / sqrt(dimensions).

    The sum is at most 2 sqrt(dimensions). Where the differences are spread like noise it is sqrt(2 / pi)
    sqrt(dimensions) times the Euclidean gap, so that a threshold holds for every length of vector.
    """
    return max(-1.0, 1.0 - distance / float(np.sqrt(dimensions)))


class Metric(StrEnum):
    """What two embeddings are compared by. All but `DLIB` want unit vectors."""

    DLIB = "dlib"
    L2 = "l2"
    COSINE = "cosine"
    L1 = "l1"

    def similarity(self, a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
        """Return how close two embeddings of one backend are, -1..1.

        Args:
            a: (d,), float32, as the backend makes it.
            b: the same.
        """
        one, other = a.astype(np.float64), b.astype(np.float64)
        match self:
            case Metric.DLIB:
                return from_dlib(float(np.linalg.norm(one - other)))
            case Metric.L2:
                return from_l2(float(np.linalg.norm(one - other)))
            case Metric.L1:
                return from_l1(float(np.abs(one - other).sum()), len(one))
            case Metric.COSINE:
                return float(np.clip(one @ other, -1.0, 1.0))

    @property
    def ranks_as_l2(self) -> bool:
        """Whether the nearest by the Euclidean gap, which is how many faces are searched, is the nearest by this."""
        return self is not Metric.L1
