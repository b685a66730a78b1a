"""Watch lids cheaply: the eye model runs only where an eye looks different from when it was last measured.

The model costs more than all the rest of a frame. While nothing moves, the lid gap of a moment ago still holds; as
soon as a lid begins to close, every frame is measured until the eye is open again, so that no dip loses its bottom.
Thresholds were chosen on the development clips of 22 Nov 2026: 44 % of all eyes are measured in faces that speak and
blink, and every blink is found that is found when all are measured (docs/reports/liveness-2026-11-30.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.face.eyes import lid_gap
from pipeline.face.mesh import Eye, MeshModel
from pipeline.face.region import Points
from pipeline.image import RgbImage

#: An eye is measured again after this long, however still it looks.
_STALE_S = 0.3
#: ... or when its picture differs by this much (mean difference over contrast) from the one last measured.
_CHANGED = 0.25
_LEAST_CONTRAST = 8.0
#: Below this share of its recent open state a lid is moving: all frames are measured until this many are above it.
_MOVING, _CALM_FRAMES = 0.92, 3
#: The recent open state: this share of so many measurements is below it, and it is at least this gap.
_OPEN_SHARE, _RECENT, _LEAST_OPEN = 0.75, 15, 0.08
_WHOLE_RING = np.arange(71)
#: Lids are not judged beyond 20 degrees; a little more is measured so that nothing is missing at the edge.
_MAX_YAW_DEG = 26.0
#: An eye is compared at this size, one and a half eye widths across.
_WIDTH_PX, _HEIGHT_PX, _WIDTHS = 32, 16, 1.5


@dataclass(slots=True)
class _Watched:
    """One eye: when it was last measured, how it looked then, and its latest gaps."""

    eye: Eye
    time_s: float = -np.inf
    picture: NDArray[np.float32] | None = None
    gaps: list[float] = field(default_factory=list)

    def looks_new(self, picture: NDArray[np.float32], time_s: float) -> bool:
        if self.picture is None or time_s - self.time_s >= _STALE_S:
            return True
        contrast = max(float(self.picture.std()), _LEAST_CONTRAST)
        return float(np.abs(picture - self.picture).mean()) > _CHANGED * contrast

    def keep(self, gap: float, picture: NDArray[np.float32], time_s: float) -> None:
        self.time_s, self.picture = time_s, picture
        self.gaps = [*self.gaps[1 - _RECENT :], gap]

    @property
    def moving(self) -> bool:
        usual = sorted(self.gaps)[int(_OPEN_SHARE * (len(self.gaps) - 1))]
        return self.gaps[-1] < _MOVING * max(usual, _LEAST_OPEN)


class LidWatch:
    """The lid gaps of one clip; a new one for each."""

    def __init__(self, model: MeshModel) -> None:
        self._model = model
        self._eyes = _Watched(eye=Eye.RIGHT), _Watched(eye=Eye.LEFT)
        self._alert = 0

    def gaps(
        self, rgb: RgbImage, mesh: Points, time_s: float, yaw_deg: float
    ) -> tuple[float, float]:
        """Return lid gap over eye width of the right and the left eye, nan for one that was not measured.

        Args:
            rgb: H x W x 3, uint8, RGB.
            mesh: (468, 3) in pixels.
            time_s: seconds from the first frame; never less than the time before.
            yaw_deg: turn of the head.
        """
        if abs(yaw_deg) > _MAX_YAW_DEG and self._eyes[0].gaps:
            return np.nan, np.nan
        right, left = (self._gap(watched, rgb, mesh, time_s) for watched in self._eyes)
        moving = any(eye.moving for eye in self._eyes if eye.time_s == time_s)
        self._alert = _CALM_FRAMES if moving else max(self._alert - 1, 0)
        return right, left

    def _gap(self, watched: _Watched, rgb: RgbImage, mesh: Points, time_s: float) -> float:
        picture = _picture(rgb, mesh, watched.eye)
        if not self._alert and not watched.looks_new(picture, time_s):
            return np.nan
        gap = lid_gap(self._model.ring(rgb, mesh, watched.eye), _WHOLE_RING)
        watched.keep(gap, picture, time_s)
        return gap


def _picture(rgb: RgbImage, mesh: Points, eye: Eye) -> NDArray[np.float32]:
    """The eye alone in grey levels, upright, 16 x 32."""
    matrix = eye.region(mesh, scale=_WIDTHS).to_picture(_WIDTH_PX, mirrored=eye.mirrored)
    matrix[:, 2] += matrix[:, 1] * (_WIDTH_PX - _HEIGHT_PX) / 2
    patch = cv2.warpAffine(
        rgb, matrix, (_WIDTH_PX, _HEIGHT_PX),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), np.float32)
