"""Is this face good enough to compare? Numbers first, then gates that say what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.errors import CannotJudge
from pipeline.face.covering import measure_covering
from pipeline.face.eyes import eyes_open
from pipeline.face.find import LocatedFace
from pipeline.face.mesh_points import FACE_BOTTOM, FACE_SIDES, FACE_TOP
from pipeline.face.region import Points
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

#: Sharpness and light are measured on the face at this size, so that they mean the same for every camera.
_FACE_PX = 128
#: What a level face has between forehead and chin: the median of 83 photos.
_LEVEL_PITCH_DEG = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceQuality:
    """Measures of one face.

    Attributes:
        height_px: forehead to chin, in pixels of the picture.
        yaw_deg: how far the head is turned, positive to the subject's own left.
        sharpness: spread of the Laplacian of the inner face.
        brightness: its median, 0..255.
        contrast: between its 5th and 95th percentile.
        pitch_deg: how far it nods, positive downwards.
        roll_deg: how far it leans, clockwise on the screen.
        eyes_open: gap of the lids over the width of the eye, of the more open eye.
        eyes_shown, mouth_shown: see `Covering`.
    """

    height_px: float
    yaw_deg: float
    sharpness: float
    brightness: float
    contrast: float
    pitch_deg: float
    roll_deg: float
    eyes_open: float
    eyes_shown: float
    mouth_shown: float

    def as_facts(self) -> dict[str, float]:
        """Return the measures, rounded, for a finding."""
        return {name: round(float(getattr(self, name)), 3) for name in self.__slots__}


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityGates:
    """Limits of a kind of picture; see `SELFIE` and `PORTRAIT` for where they come from."""

    min_height_px: float
    max_yaw_deg: float
    min_sharpness: float
    min_brightness: float
    max_brightness: float
    min_contrast: float
    max_pitch_deg: float
    max_roll_deg: float
    min_eyes_open: float
    min_eyes_shown: float
    min_mouth_shown: float


def measure(face: LocatedFace) -> FaceQuality:
    """Measure size, direction, sharpness, light, eyes and coverings of a face."""
    points = face.mesh.mesh
    grey = _upright_grey(face.patch, points)
    covering = measure_covering(face.patch, points)
    return FaceQuality(
        height_px=face.height_px,
        yaw_deg=yaw_deg(points),
        sharpness=float(cv2.Laplacian(grey, cv2.CV_32F, ksize=3).std()),
        brightness=float(np.median(grey)),
        contrast=float(np.percentile(grey, 95) - np.percentile(grey, 5)),
        pitch_deg=pitch_deg(points),
        roll_deg=face.roll_deg,
        eyes_open=eyes_open(face.mesh.points),
        eyes_shown=covering.eyes,
        mouth_shown=covering.mouth,
    )


def yaw_deg(points: Points) -> float:
    """Return how far the head is turned, degrees; positive to the subject's own left.

    Args:
        points: (468, 3) landmarks with z. Peaks agree within 4 degrees with labelled turns.
    """
    across = points[FACE_SIDES[1]] - points[FACE_SIDES[0]]
    return float(np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1]))))


def pitch_deg(points: Points) -> float:
    """Return how far the head nods, degrees; positive downwards, 0 for a level face.

    Args:
        points: (468, 3) landmarks with z, upright.
    """
    down = points[FACE_BOTTOM] - points[FACE_TOP]
    return float(np.degrees(np.arctan2(down[2], down[1]))) - _LEVEL_PITCH_DEG


def _upright_grey(patch: RgbImage, points: Points) -> RgbImage:
    """The inner face (eyes to mouth), grey, at a fixed size."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    centre, half = (low + high) / 2, (high - low).max() * 0.36
    height, width = patch.shape[:2]
    x1, y1 = np.clip((centre - half).astype(int), 0, [width - 2, height - 2])
    x2, y2 = np.clip((centre + half).astype(int), [x1 + 1, y1 + 1], [width, height])
    grey = cv2.cvtColor(patch[y1:y2, x1:x2], cv2.COLOR_RGB2GRAY)
    shrink = grey.shape[0] > _FACE_PX
    how = cv2.INTER_AREA if shrink else cv2.INTER_LINEAR
    return RgbImage(cv2.resize(grey, (_FACE_PX, _FACE_PX), interpolation=how))


#: Origin: 83 usable photos of 2026-11 (bench/face_accuracy.py): brightness 53-197, contrast 71-202, sharpness 13-100,
#: |yaw| up to 24 without one turned person; blurred by 2 % of the face's height sharpness falls to 4-12 (median 7).
#: A quarter of the light brings brightness to 13-49. FRR grows below 80 px (face-liveness figures of 22 Nov 2026).
#: Nodding: the same photos -21 to 19 degrees. Leaning does not trouble the alignment; from 30 degrees on it is said.
#: Eyes: open ones 0.15 and more, drawn shut 0.08 to 0.12; narrow eyes must not be refused, so only what is surely shut
#: is. Coverings: no one of 83 uncovered faces below 0.078 (eyes) and 0.1 (mouth), and when folded by person none below
#: the limits. How often masks, hands and dark glasses are seen: docs/reports/face-2026-11-30.md.
SELFIE = QualityGates(
    min_height_px=80, max_yaw_deg=25, min_sharpness=9,
    min_brightness=45, max_brightness=235, min_contrast=40,
    max_pitch_deg=25, max_roll_deg=30, min_eyes_open=0.10, min_eyes_shown=0.06, min_mouth_shown=-0.5,
)  # fmt: skip
#: A printed portrait is small, soft and pale: only what makes the comparison worthless is refused. At 60 px half of
#: the genuine pairs leave the match band; below that the portrait is not compared at all. Nobody takes a portrait for a
#: card with eyes shut or a mask on, and print hides both measures, so they are not looked at.
PORTRAIT = QualityGates(
    min_height_px=55, max_yaw_deg=35, min_sharpness=4,
    min_brightness=30, max_brightness=245, min_contrast=25,
    max_pitch_deg=40, max_roll_deg=180, min_eyes_open=-1, min_eyes_shown=0, min_mouth_shown=-99,
)  # fmt: skip
#: Between dark and burnt out, for a face without contrast: in the middle of what is taken.
_MIDDLE = 140.0
#: A black mask makes a face dark: 95 % of drawn ones are below this, bare faces in four tenths of the light above 0.
_SURELY_COVERED = -3.0


def selfie_fault(quality: FaceQuality, gates: QualityGates = SELFIE) -> ReasonCode | None:
    """Return what is wrong with a selfie's face, the most useful advice first; None when it is good enough.

    Coverings are judged last: blur and bad light hide a mouth, too.
    """
    if quality.height_px < gates.min_height_px:
        return ReasonCode.FACE_TOO_SMALL
    return (
        _light_fault(quality, gates) or _pose_fault(quality, gates) or _seen_fault(quality, gates)
    )


def _light_fault(quality: FaceQuality, gates: QualityGates) -> ReasonCode | None:
    if _lit(quality, gates):
        return None
    if quality.mouth_shown < _SURELY_COVERED:
        return ReasonCode.FACE_COVERED
    return ReasonCode.FACE_DARK if quality.brightness < _MIDDLE else ReasonCode.FACE_OVEREXPOSED


def _pose_fault(quality: FaceQuality, gates: QualityGates) -> ReasonCode | None:
    if abs(quality.yaw_deg) > gates.max_yaw_deg or abs(quality.pitch_deg) > gates.max_pitch_deg:
        return ReasonCode.FACE_NOT_FRONTAL
    return ReasonCode.FACE_TILTED if abs(quality.roll_deg) > gates.max_roll_deg else None


def _seen_fault(quality: FaceQuality, gates: QualityGates) -> ReasonCode | None:
    if quality.sharpness < gates.min_sharpness:
        return ReasonCode.FACE_BLURRED
    if quality.eyes_shown < gates.min_eyes_shown or quality.mouth_shown < gates.min_mouth_shown:
        return ReasonCode.FACE_COVERED
    return ReasonCode.FACE_EYES_CLOSED if quality.eyes_open < gates.min_eyes_open else None


def require_selfie(quality: FaceQuality) -> None:
    """Raise what `selfie_fault` names.

    Raises:
        CannotJudge: the face is too small, badly lit, turned, blurred or covered; facts hold the measures.
    """
    fault = selfie_fault(quality)
    if fault is not None:
        raise CannotJudge(fault, **quality.as_facts())


def require_portrait(quality: FaceQuality, gates: QualityGates = PORTRAIT) -> None:
    """Check the portrait on a card.

    Raises:
        CannotJudge: `portrait_poor`, facts hold the measures.
    """
    good = (
        quality.height_px >= gates.min_height_px
        and _lit(quality, gates)
        and _pose_fault(quality, gates) is None
        and quality.sharpness >= gates.min_sharpness
    )
    if not good:
        raise CannotJudge(ReasonCode.PORTRAIT_POOR, **quality.as_facts())


def _lit(quality: FaceQuality, gates: QualityGates) -> bool:
    bright = gates.min_brightness <= quality.brightness <= gates.max_brightness
    return bright and quality.contrast >= gates.min_contrast
