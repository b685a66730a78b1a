"""A face as numbers, and the search for the nearest one among many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Template:
    """What a face looks like to one model.

    Attributes:
        backend: the profile's name.
        model_sha256: of the embedder's weights; templates of two models are never compared.
        vector: (d,), float32, as the backend makes it.
    """

    backend: str
    model_sha256: str
    vector: NDArray[np.float32]


def nearest_gaps(
    known: NDArray[np.float32], probe: NDArray[np.float32], *, at_most: int
) -> list[tuple[int, float]]:
    """Return the nearest vectors to a probe by exact search: (row, Euclidean gap), nearest first.

    Exact and not approximate: 100,000 vectors take some milliseconds, and a miss would be a fraud unseen.

    Args:
        known: (n, d), float32.
        probe: (d,), float32.
        at_most: how many to return.
    """
    if not len(known):
        return []
    squared = (known * known).sum(1) - 2 * (known @ probe) + probe @ probe
    count = min(at_most, len(known))
    rows = np.argpartition(squared, count - 1)[:count]
    ordered = rows[np.argsort(squared[rows])]
    return [(int(row), float(np.sqrt(max(squared[row], 0.0)))) for row in ordered]
