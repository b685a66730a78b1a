"""Coarse to fine: which frames of a clip get landmarks.

At rest a dozen looks a second tell what twenty-five tell (docs/reports/liveness-2026-11-30b.md). Where something begins
(lids that close, a turn near the angle that counts, a face that is lost), the frames passed over since the last look
are looked at after all, and then every frame until it is calm again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.liveness.clip import ClipFrame
from pipeline.liveness.landmarks import LandmarkTracker
from pipeline.liveness.limits import EventLimits
from pipeline.liveness.signals import Signals

#: Time stamps are rounded to a millisecond in some containers.
_SLACK_S = 0.001
#: So many frames are looked at one by one after something began.
_AFTER = 2
#: A turn this much below the angle that counts, up to this much above it, is looked at frame by frame: a turn of just
#: 18 degrees lasts a tenth of a second.
_BELOW_TURN_DEG, _ABOVE_TURN_DEG = 4.0, 8.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """A frame that was looked at, and what was measured in it; None without a face."""

    frame: ClipFrame
    signals: Signals | None


class CloseLooks:
    """Looks at the frames of one clip; a new one for each. It holds the few frames that it passed over last."""

    def __init__(self, tracker: LandmarkTracker, limits: EventLimits) -> None:
        self._tracker, self._turn_deg = tracker, limits.turn_deg
        self._longest_gap_s = 1 / limits.least_looks_hz + _SLACK_S
        self._next: ClipFrame | None = None
        self._passed: list[ClipFrame] = []
        self._looked_s, self._closely = -np.inf, 0

    def see(self, frame: ClipFrame) -> list[Look]:
        """Take the next frame of the clip, and return the looks that it made due, in no order.

        A frame is passed over only when the one after it still comes in time, so it is judged one frame later.
        """
        due, self._next = self._next, frame
        if due is None:
            return []
        if not self._closely and frame.time_s - self._looked_s <= self._longest_gap_s:
            self._passed.append(due)
            return []
        return self._look(due)

    def end(self) -> list[Look]:
        """Return the looks that are due when no frame is left."""
        return self._look(self._next) if self._next else []

    def _look(self, frame: ClipFrame) -> list[Look]:
        looks = [self._at(frame)]
        self._closely = max(self._closely - 1, 0)
        if self._begins(looks[0].signals):
            self._closely = _AFTER
            looks += [self._at(passed) for passed in self._passed]
        self._passed, self._looked_s = [], frame.time_s
        return looks

    def _at(self, frame: ClipFrame) -> Look:
        return Look(frame=frame, signals=self._tracker.signals(frame.rgb, frame.time_s))

    def _begins(self, signals: Signals | None) -> bool:
        if signals is None or self._tracker.moving:
            return True
        beyond_deg = abs(signals.yaw_deg) - self._turn_deg
        return -_BELOW_TURN_DEG <= beyond_deg <= _ABOVE_TURN_DEG
