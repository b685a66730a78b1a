"""Guidance while the clip is recorded: is the face there, and has the movement gone far enough?

It says what the signals of the frame are by the server's own limits; whether an action counts is judged by the server
over the whole clip.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from capture_client.camera.frames import Frame
from pipeline.challenge import Action
from pipeline.face.find import shrunk
from pipeline.face.models import FaceModels
from pipeline.liveness.clip import WIDTH_PX
from pipeline.liveness.facemesh import FaceMesh
from pipeline.liveness.limits import FACEMESH
from pipeline.liveness.signals import Signals

#: The person's own rest is the median of this many seconds of frontal frames.
_REST_FRAMES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the asked movement has gone, 0 to 1 (None for a blink: it is over before it could be shown)."""

    has_face: bool
    reached: float | None = None


class ActionGuide:
    """Follows one face through a recording."""

    def __init__(self, models: FaceModels) -> None:
        self._mesh = FaceMesh(models)
        self._mouths: deque[float] = deque(maxlen=_REST_FRAMES)
        self._yaws: deque[float] = deque(maxlen=_REST_FRAMES)

    def look(self, frame: Frame, action: Action | None) -> Progress:
        """Return how far an action has gone; with None the person is at rest, and their rest is learnt.

        Args:
            frame: the next frame.
            action: what is asked for now.
        """
        small, _ = shrunk(frame.rgb, WIDTH_PX)
        signals = self._mesh.signals(small, frame.time_s)
        if signals is None:
            return Progress(has_face=False)
        if action is None:
            self._mouths.append(signals.mouth)
            self._yaws.append(signals.yaw_deg)
        return Progress(has_face=True, reached=self._reached(signals, action))

    def _reached(self, signals: Signals, action: Action | None) -> float | None:
        if action in (Action.TURN_LEFT, Action.TURN_RIGHT):
            sign = 1 if action is Action.TURN_LEFT else -1
            rest_deg = float(np.median(self._yaws)) if self._yaws else 0.0
            change = sign * (signals.yaw_deg - rest_deg) / FACEMESH.turn_change_deg
            return _share(min(sign * signals.yaw_deg / FACEMESH.turn_deg, change))
        if action is Action.SMILE and self._mouths:
            gain = signals.mouth / float(np.median(self._mouths))
            return _share((gain - 1) / (FACEMESH.smile_gain - 1))
        return None


def _share(value: float) -> float:
    return float(min(max(value, 0.0), 1.0))
