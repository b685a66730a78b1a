"""The portrait on a photographed card: the largest face, whichever way the card lies."""

from __future__ import annotations

import numpy as np

from pipeline.errors import CannotJudge
from pipeline.face.find import QUICK, THOROUGH, FaceFinder, LocatedFace
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

#: An upright portrait scores above this; only below it are the other three directions looked at.
_SURE_SCORE = 0.8


def find_portrait(card: RgbImage, finder: FaceFinder) -> LocatedFace:
    """Return the portrait of a card.

    The ghost image and faces in the background are smaller than the portrait, so the largest face is it.

    Args:
        card: the photo of a card's front, in any of four directions (the detector bears 45 degrees more).
        finder: the detection cascade.

    Raises:
        CannotJudge: `portrait_not_found`.
    """
    directions = [RgbImage(np.ascontiguousarray(np.rot90(card, turns))) for turns in range(4)]
    for steps in (QUICK, THOROUGH):
        best: LocatedFace | None = None
        for turned in directions:
            found = finder.find(turned, steps=steps)
            if found and (best is None or found[0].score > best.score):
                best = found[0]
            if best is not None and best.score >= _SURE_SCORE:
                return best
        if best is not None:
            return best
    raise CannotJudge(ReasonCode.PORTRAIT_NOT_FOUND)
