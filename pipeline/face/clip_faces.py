"""The faces of a clip that are worth comparing: frontal, sharp, open-eyed, alone, and spread over the clip.

Every frame gets a glance of 4 ms (the detector's box and key points); only the most promising ones, in turn, get
landmarks and gates (20 ms), until there are enough. On 22 public clips half as many frames are looked at, and what is
picked is worth 98.7 % of what looking at all of them finds (docs/reports/face-2026-11-30.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from pipeline.face.detector import Detection
from pipeline.face.find import FaceFinder, LocatedFace, Step
from pipeline.face.quality import FaceQuality, measure, selfie_fault
from pipeline.face.region import lift_dark
from pipeline.face.selfie import SECOND_FACE_SHARE
from pipeline.image import RgbImage
from pipeline.liveness.clip import glance_clip

#: A challenge lasts ten seconds, and about a third of it is spent turned or blinking.
GLANCE_RATE_HZ, MOST_GLANCES = 1.25, 16
MOST_FACES = 5
#: Descriptors of faces turned further move away from frontal ones (frontal p95 .38, turned .43; 22 Nov 2026).
_MAX_YAW_DEG = 12.0
#: How far the nose lies beside the middle of the eyes, in eye distances, times this is the yaw: 203 frames of 22
#: public clips, |yaw| < 30; half of them within 2 degrees of the mesh's, nine of ten within 8.
_YAW_OF_NOSE_DEG = 60.0
#: A glance's sharpness is of the inner face, half a side over the box's side, at this size.
_INNER, _INNER_PX = 0.4, 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Glance:
    rgb: RgbImage
    found: list[Detection]
    worth: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    face: LocatedFace
    quality: FaceQuality

    @property
    def worth(self) -> float:
        return _worth(self.quality.sharpness, self.quality.yaw_deg)


def pick_faces(
    clip: bytes, finder: FaceFinder, *, most: int = MOST_FACES
) -> tuple[LocatedFace, ...]:
    """Return the best faces of a clip, at most `most`, best first.

    Args:
        clip: an encoded clip, see `read_clip`.
        finder: only its first step is taken; a face that small is not worth comparing.
        most: how many.

    Raises:
        CannotJudge: see `read_clip`.
    """
    frames = glance_clip(clip, rate_hz=GLANCE_RATE_HZ)
    glances = [_glance(frame.rgb, finder) for frame in islice(frames, MOST_GLANCES)]
    seen = sorted((g for g in glances if g.found), key=lambda glance: -glance.worth)
    looks = sorted(islice(_looks(seen, finder), most), key=lambda look: -look.worth)
    return tuple(look.face for look in looks)


def _worth(sharpness: float, yaw_deg: float) -> float:
    """Sharpness counts once, and twice as much in a frontal frame as in one at the limit."""
    return sharpness * max(0.0, 1 - abs(yaw_deg) / (2 * _MAX_YAW_DEG))


def _glance(rgb: RgbImage, finder: FaceFinder) -> _Glance:
    found = finder.detections(rgb, Step.WHOLE)
    largest = max(found, key=lambda face: face.area, default=None)
    worth = _worth(_sharpness(rgb, largest), _yaw_deg(largest)) if largest else 0.0
    return _Glance(rgb=rgb, found=found, worth=worth)


def _yaw_deg(face: Detection) -> float:
    right, left, nose = face.keypoints[:3]
    across = left - right
    beside = (nose - (right + left) / 2) @ across / max(float(across @ across), 1.0)
    return float(_YAW_OF_NOSE_DEG * beside)


def _sharpness(rgb: RgbImage, face: Detection) -> float:
    """Spread of the Laplacian, as `FaceQuality.sharpness` but without landmarks: to compare frames of one clip."""
    half = _INNER * float((face.box[2:] - face.box[:2]).max())
    size = rgb.shape[1::-1]
    low = np.clip((face.box[:2] + face.box[2:]) / 2 - half, 0, np.subtract(size, 2)).astype(int)
    high = np.clip(low + 2 * half, low + 1, size).astype(int)
    inner = lift_dark(RgbImage(rgb[low[1] : high[1], low[0] : high[0]]))
    small = cv2.resize(inner, (_INNER_PX, _INNER_PX), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F, ksize=3).std())


def _looks(glances: list[_Glance], finder: FaceFinder) -> Iterator[_Look]:
    for glance in glances:
        look = _look(finder.confirmed(glance.rgb, glance.found))
        if look is not None:
            yield look


def _look(faces: tuple[LocatedFace, ...]) -> _Look | None:
    """The face of a frame, if it is alone and good enough for a selfie."""
    if not faces or (len(faces) > 1 and faces[1].area >= SECOND_FACE_SHARE * faces[0].area):
        return None
    quality = measure(faces[0])
    good = selfie_fault(quality) is None and abs(quality.yaw_deg) <= _MAX_YAW_DEG
    return _Look(face=faces[0], quality=quality) if good else None
