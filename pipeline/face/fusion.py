"""Several pictures of one person against one of a card: the similarities are averaged, not the embeddings.

An averaged embedding is nearer to its person, but to strangers as well: on 28 people the similarity that one stranger
in a thousand reaches rose from .66 to .72 with five photos averaged, so a calibration made with single photos would
promise too much. The mean of similarities scatters less than each of them, and no stranger gains by it
(docs/reports/face-2026-11-30.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

_Embedding = NDArray[np.float32]


def mean_similarity(
    known: _Embedding,
    seen: Sequence[_Embedding],
    compare: Callable[[_Embedding, _Embedding], float],
) -> float:
    """Return the mean similarity of one embedding to several of one person.

    Args:
        known: of the portrait.
        seen: at least one, of the selfie and the clip.
        compare: of their backend.
    """
    return float(np.mean([compare(known, one) for one in seen]))
