"""Watch lids cheaply: the eye model runs only where an eye looks different from when it was last measured.

The model costs more than all the rest of a frame. While nothing moves, the lid gap of a moment ago still holds; as
soon as a lid begins to close, every look measures it until the eye is open again, so that no dip loses its bottom.
Thresholds were chosen on the development clips of 22 Nov 2026 (docs/reports/liveness-2026-11-30b.md).
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
_STALE_S = 0.4
#: ... or when its profile differs by this much (mean difference over contrast) from the one last measured. Of lids that
#: fell by a quarter and more 1 % show less, of eyes that stayed open an eighth show more; the mean difference of whole
#: pictures, at the same miss, would measure twice as many (24,000 pairs of looks, 30 Nov 2026).
_CHANGED = 0.28
_LEAST_CONTRAST = 4.0
#: Below this share of its recent open state a lid is moving: all looks measure it until this many are above it.
_MOVING, _CALM_FRAMES = 0.88, 1
#: Lids this far down, as a share of the recent open state, may or may not be a blink (`EventLimits.blink_closed`): they
#: are measured in three crops, this share of the eye's width apart. A crop that lies a 25th of an eye aside reads
#: up to .03 more or less (JPEG 25): one listed blink read .57 of open where every frame was followed and .63 where some
#: were passed over, and .60 in the mean of three (30 Nov 2026).
_DOUBTFUL, _ASIDE = (0.52, 0.72), 0.04
#: The recent open state: this share of so many measurements is below it, and it is at least this gap.
_OPEN_SHARE, _RECENT, _LEAST_OPEN = 0.75, 15, 0.08
_WHOLE_RING = np.arange(71)
#: Lids are not judged beyond 20 degrees; a little more is measured so that nothing is missing at the edge.
_MAX_YAW_DEG = 26.0
#: An eye is compared at this size, one and a half eye widths across, by its middle columns.
_WIDTH_PX, _HEIGHT_PX, _WIDTHS = 32, 16, 1.5
_MIDDLE = slice(_WIDTH_PX // 4, -_WIDTH_PX // 4)


@dataclass(slots=True)
class _Watched:
    """One eye: when it was last measured, how it looked then, and its latest gaps."""

    eye: Eye
    time_s: float = -np.inf
    profile: NDArray[np.float32] | None = None
    gaps: list[float] = field(default_factory=list)

    def looks_new(self, profile: NDArray[np.float32], time_s: float) -> bool:
        if self.profile is None or time_s - self.time_s >= _STALE_S:
            return True
        contrast = max(float(self.profile.std()), _LEAST_CONTRAST)
        return float(np.abs(profile - self.profile).mean()) > _CHANGED * contrast

    def keep(self, gap: float, profile: NDArray[np.float32], time_s: float) -> None:
        if time_s >= self.time_s:
            self.time_s, self.profile = time_s, profile
        self.gaps = [*self.gaps[1 - _RECENT :], gap]

    @property
    def share(self) -> float:
        """The latest gap over the recent open state."""
        usual = sorted(self.gaps)[int(_OPEN_SHARE * (len(self.gaps) - 1))]
        return self.gaps[-1] / max(usual, _LEAST_OPEN)


class LidWatch:
    """The lid gaps of one clip; a new one for each. `moving`: a lid measured last was lower than it was lately."""

    def __init__(self, model: MeshModel) -> None:
        self._model = model
        self._eyes = _Watched(eye=Eye.RIGHT), _Watched(eye=Eye.LEFT)
        self._alert = 0
        self.moving = False

    def gaps(
        self, rgb: RgbImage, mesh: Points, time_s: float, yaw_deg: float
    ) -> tuple[float, float]:
        """Return lid gap over eye width of the right and the left eye, nan for one that was not measured.

        Args:
            rgb: H x W x 3, uint8, RGB.
            mesh: (468, 3) in pixels.
            time_s: seconds from the first frame; a frame passed over may follow a later one.
            yaw_deg: turn of the head.
        """
        self.moving = False
        if abs(yaw_deg) > _MAX_YAW_DEG and self._eyes[0].gaps:
            return np.nan, np.nan
        right, left = (self._gap(watched, rgb, mesh, time_s) for watched in self._eyes)
        pairs = zip(self._eyes, (right, left), strict=True)
        shares = [eye.share for eye, gap in pairs if not np.isnan(gap)]
        self.moving = min(shares, default=1.0) < _MOVING
        self._alert = _CALM_FRAMES if self.moving else max(self._alert - 1, 0)
        if len(shares) == len(self._eyes) and _DOUBTFUL[0] < sum(shares) / 2 < _DOUBTFUL[1]:
            right, left = (self._steadied(watched, rgb, mesh) for watched in self._eyes)
        return right, left

    def _gap(self, watched: _Watched, rgb: RgbImage, mesh: Points, time_s: float) -> float:
        profile = _profile(rgb, mesh, watched.eye)
        if not self._alert and not watched.looks_new(profile, time_s):
            return np.nan
        gap = self._measured(watched.eye, rgb, mesh)
        watched.keep(gap, profile, time_s)
        return gap

    def _measured(self, eye: Eye, rgb: RgbImage, mesh: Points) -> float:
        return lid_gap(self._model.ring(rgb, mesh, eye, sharpen=True), _WHOLE_RING)

    def _steadied(self, watched: _Watched, rgb: RgbImage, mesh: Points) -> float:
        """The mean of the gap just measured and of two more crops."""
        aside_px = _ASIDE * watched.eye.region(mesh, scale=1).side
        shifts = np.array([[aside_px, -aside_px, 0], [-aside_px, aside_px, 0]])
        more = [self._measured(watched.eye, rgb, mesh + shift) for shift in shifts]
        watched.gaps[-1] = float(np.mean([watched.gaps[-1], *more]))
        return watched.gaps[-1]


def _profile(rgb: RgbImage, mesh: Points, eye: Eye) -> NDArray[np.float32]:
    """How light the middle of the eye is from above to below, 16 grey levels around 0: lids move up and down."""
    matrix = eye.region(mesh, scale=_WIDTHS).to_picture(_WIDTH_PX, mirrored=eye.mirrored)
    matrix[:, 2] += matrix[:, 1] * (_WIDTH_PX - _HEIGHT_PX) / 2
    patch = cv2.warpAffine(
        rgb, matrix, (_WIDTH_PX, _HEIGHT_PX),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    rows = cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY)[:, _MIDDLE].mean(1, dtype=np.float32)
    return np.asarray(rows - rows.mean(), np.float32)
