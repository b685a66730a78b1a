"""Is what is seen at rest? And which frame of the rest is the sharpest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from capture_client.camera.frames import Frame

#: A person holds a card or the head this still without effort; more blurs a picture of 1/30 s (at 1 % of 800 px a
#: frame of 1/30 s is smeared by up to 8 px, which the sharpness gates would see).
MOST_MOVED_SHARE = 0.012
#: Long enough that a hand that passes by is not taken for one that has come to rest.
REST_S = 0.7

Points = NDArray[np.floating]


class Rest:
    """Follows one thing from frame to frame."""

    def __init__(self, rest_s: float = REST_S) -> None:
        self._rest_s = rest_s
        self._before: Points | None = None
        self._since_s: float | None = None
        self._sharpest = -1.0
        self.best: Frame | None = None

    def forget(self) -> None:
        """Start anew: the thing is gone or not fit to be taken."""
        self._before, self._since_s, self._sharpest, self.best = None, None, -1.0, None

    def see(self, points: Points, size: float, *, frame: Frame, sharpness: float) -> float:
        """Return how much of the rest is over, 0 to 1.

        Args:
            points: (n, 2), where it is in the frame, pixels.
            size: how large it is, pixels.
            frame: the frame.
            sharpness: of the thing; the sharpest frame of the rest is kept in `best`.
        """
        if self._before is not None and self._moved(points) > MOST_MOVED_SHARE * size:
            self.forget()
        self._before = points
        self._since_s = frame.time_s if self._since_s is None else self._since_s
        if sharpness > self._sharpest:
            self._sharpest, self.best = sharpness, frame
        return min(1.0, (frame.time_s - self._since_s) / self._rest_s)

    def _moved(self, points: Points) -> float:
        assert self._before is not None
        return float(np.linalg.norm(points - self._before, axis=1).max())
