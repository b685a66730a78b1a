"""Several embeddings of one person become one that is nearer to the person than each of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def fuse(parts: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the mean of embeddings, as long as they are on average.

    Averaging shortens vectors, which would bring everybody nearer, strangers too; so the length is given back.

    Args:
        parts: at least one embedding of one person and one backend, each (n,), float32.

    Returns:
        (n,), float32; of one embedding that embedding.
    """
    stacked = np.stack(parts).astype(np.float64)
    mean = stacked.mean(axis=0)
    length = np.linalg.norm(stacked, axis=1).mean()
    return np.asarray(mean * (length / max(float(np.linalg.norm(mean)), 1e-12)), np.float32)
