"""What guidance says about a frame."""

from __future__ import annotations

from dataclasses import dataclass

from capture_client.camera.frames import Frame
from pipeline.reasons import ReasonCode

#: x, y in pixels of the frame.
Point = tuple[float, float]

#: Guidance of the client's own, beside the reasons of the gates.
HOLD_STILL, INTO_THE_OVAL, READY = "hold_still", "into_the_oval", "ready"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hint:
    """What to do, and what was seen.

    `code` is a `ReasonCode` of the gates, or one of this module's. `outline` surrounds the card or the face. `rest` is
    how much of the stillness before a picture is over, 0 to 1; `best` is the frame to take, once the code is `ready`.
    """

    code: ReasonCode | str
    frame: Frame
    outline: tuple[Point, ...] = ()
    rest: float = 0.0
    best: Frame | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a picture can be taken by itself."""
        return self.best is not None
