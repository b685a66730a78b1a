"""Landmark backends behind one Protocol: a tracker follows one face through one clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.errors import WeightsError
from pipeline.findings import ModelRef
from pipeline.image import RgbImage
from pipeline.liveness.limits import EventLimits
from pipeline.liveness.signals import Signals


class LandmarkTracker(Protocol):
    """Follows the face of one clip; made anew for each."""

    @property
    def moving(self) -> bool:
        """Whether lids were about to close in the last frame: the frames around it should be looked at too."""

    def signals(self, rgb: RgbImage, time_s: float) -> Signals | None:
        """Return what is measured in a frame, None without a face.

        Frames come in order of time, but for those that turn out to be needed after the one that follows them.
        """

    def face_areas(self, rgb: RgbImage) -> list[float]:
        """Return the areas of all faces of one frame in square pixels, largest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkBackend:
    """A loaded backend: how to follow a clip, and the limits that were measured with these landmarks."""

    name: str
    start: Callable[[], LandmarkTracker]
    limits: EventLimits
    refs: tuple[ModelRef, ...]


def load_landmarks(name: str, weights_root: Path) -> LandmarkBackend:
    """Load a backend by name.

    Args:
        name: "facemesh" (default everywhere) or "dlib68" (its model is for non-commercial use only).
        weights_root: the weights folder.

    Raises:
        WeightsError: no such backend, or its weights are not there.
    """
    if name == "facemesh":
        from pipeline.liveness.facemesh import load_facemesh_backend

        return load_facemesh_backend(weights_root)
    if name == "dlib68":
        from pipeline.liveness.dlib68 import load_dlib68_backend

        return load_dlib68_backend(weights_root)
    raise WeightsError(f"no landmark backend named {name!r}; there are facemesh and dlib68")
