"""The alternative landmark tracker: dlib's HOG detector and 68 points.

Its points were trained on iBUG 300-W, which is for non-commercial use; it is never loaded unless asked for by name.
Lids hardly move in it (15 of 18 blink cuts against 18 of 18), so prefer facemesh.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage
from pipeline.liveness.landmarks import LandmarkBackend
from pipeline.liveness.limits import DLIB68
from pipeline.liveness.signals import Series, Signals
from pipeline.weights import open_weights

#: yaw_deg = 107 * offset + 0.7, offset of the nose tip from the middle of the eyes along the eye axis over the eye
#: distance: r .964 against FaceMesh over 3,058 frames, residual SD 2.8 degrees.
_YAW_PER_OFFSET, _YAW_BIAS = 107.0, 0.7
#: Nose, eye corners, mouth corners, chin.
_RIGID = np.array((*range(27, 36), 36, 39, 42, 45, 48, 54, 8))
#: The face is looked for in the last one's surroundings: 6-7 ms a frame instead of 15-18.
_AROUND = 0.5


def load_dlib68_backend(weights_root: Path) -> LandmarkBackend:
    """Load the 68-point model.

    Raises:
        WeightsError: the file is missing or altered.
    """
    entry = open_weights("dlib_points68", weights_root)
    detector, points = dlib.get_frontal_face_detector(), dlib.shape_predictor(str(entry.path))
    return LandmarkBackend(
        name="dlib68",
        start=lambda: Dlib68(detector, points),
        limits=DLIB68,
        refs=(entry.ref,),
    )


class Dlib68:
    """Follows one face by detecting it again in every frame near where it was."""

    def __init__(self, detector: dlib.fhog_object_detector, points: dlib.shape_predictor) -> None:
        self._detector, self._points = detector, points
        self._last: dlib.rectangle | None = None

    @property
    def moving(self) -> bool:
        """Always: blinks were measured with every frame only."""
        return True

    def signals(self, rgb: RgbImage, time_s: float) -> Signals | None:
        """Return what is measured in the next frame of a clip, None without a face."""
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        self._last = self._near(grey) or max(
            self._detector(grey, 0), key=lambda box: box.area(), default=None
        )
        if self._last is None:
            return None
        shape = self._points(grey, self._last)
        return _signals(np.array([[p.x, p.y] for p in shape.parts()], float), time_s)

    def face_areas(self, rgb: RgbImage) -> list[float]:
        """Return the areas of all faces of one frame, largest first."""
        boxes = self._detector(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), 0)
        return sorted((float(box.area()) for box in boxes), reverse=True)

    def _near(self, grey: NDArray[np.uint8]) -> dlib.rectangle | None:
        if self._last is None:
            return None
        margin, box = int(self._last.width() * _AROUND), self._last
        x, y = max(box.left() - margin, 0), max(box.top() - margin, 0)
        part = np.ascontiguousarray(grey[y : box.bottom() + margin, x : box.right() + margin])
        found = max(self._detector(part, 0), key=lambda b: b.area(), default=None)
        return dlib.translate_rect(found, dlib.point(x, y)) if found is not None else None


def _signals(points: Series, time_s: float) -> Signals:
    axis = points[45] - points[36]
    eyes_px = max(float(np.hypot(*axis)), 1e-6)
    offset = float((points[30] - points[36:48].mean(0)) @ axis) / eyes_px**2
    return Signals(
        time_s=time_s,
        open_right=_eye_ratio(points[36:42]),
        open_left=_eye_ratio(points[42:48]),
        mouth=_gap(points[48], points[54]) / max(_gap(points[0], points[16]), 1e-6),
        yaw_deg=_YAW_PER_OFFSET * offset + _YAW_BIAS,
        tall=_gap(points[27], points[33]) / eyes_px,
        eyes_px=eyes_px,
        rigid=points[_RIGID],
        box=np.concatenate([points.min(0), points.max(0)]),
    )


def _eye_ratio(eye: Series) -> float:
    height = _gap(eye[1], eye[5]) + _gap(eye[2], eye[4])
    return height / max(2 * _gap(eye[0], eye[3]), 1e-6)


def _gap(a: Series, b: Series) -> float:
    return float(np.hypot(*(a - b)))
