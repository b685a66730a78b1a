"""Guidance for the still of the face: one person, in the oval, near enough, lit, frontal, sharp, at rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from capture_client.camera.frames import Frame
from capture_client.guidance.hints import HOLD_STILL, INTO_THE_OVAL, READY, Hint, Point
from capture_client.guidance.stillness import Rest
from pipeline.face.find import QUICK, FaceFinder, LocatedFace
from pipeline.face.models import FaceModels
from pipeline.face.quality import FaceQuality, measure, selfie_fault
from pipeline.face.selfie import SECOND_FACE_SHARE
from pipeline.reasons import ReasonCode

#: The oval over the picture: middle and half axes as shares of the frame's height, from the frame's centre.
OVAL_HALF_HEIGHT, OVAL_HALF_WIDTH = 0.36, 0.27
#: The face's middle lies at most this far from the oval's, as shares of the frame's height.
_MOST_OFF = 0.16


class FaceGuide:
    """Looks at the frames of a camera until there is one to take."""

    def __init__(self, models: FaceModels) -> None:
        self._finder = FaceFinder(models.detector, models.mesh)
        self._rest = Rest()

    def look(self, frame: Frame) -> Hint:
        """Return what to do before the picture is taken."""
        faces = self._finder.find(frame.rgb, steps=QUICK)
        if not faces:
            return self._not_yet(ReasonCode.FACE_NOT_FOUND, frame, ())
        face, outline = faces[0], _outline(faces[0])
        if are_several(faces):
            return self._not_yet(ReasonCode.FACE_SEVERAL, frame, outline)
        quality = measure(face)
        fault = selfie_fault(quality) or _off_the_oval(face, frame)
        if fault is not None:
            return self._not_yet(fault, frame, outline)
        return self._resting(frame, face, quality)

    def _not_yet(self, code: ReasonCode | str, frame: Frame, outline: tuple[Point, ...]) -> Hint:
        self._rest.forget()
        return Hint(code=code, frame=frame, outline=outline)

    def _resting(self, frame: Frame, face: LocatedFace, quality: FaceQuality) -> Hint:
        rest = self._rest.see(
            face.centre[None], face.height_px, frame=frame, sharpness=quality.sharpness
        )
        is_over = rest >= 1.0
        return Hint(
            code=READY if is_over else HOLD_STILL,
            frame=frame, outline=_outline(face), rest=rest,
            best=self._rest.best if is_over else None,
        )  # fmt: skip


def are_several(faces: Sequence[LocatedFace]) -> bool:
    """Whether a second person is near, by the rule of `pipeline.face.selfie`."""
    return len(faces) > 1 and faces[1].area >= SECOND_FACE_SHARE * faces[0].area


def _off_the_oval(face: LocatedFace, frame: Frame) -> str | None:
    height, width = frame.rgb.shape[:2]
    off = np.hypot(*(face.centre - np.array([width / 2, height / 2]))) / height
    return INTO_THE_OVAL if off > _MOST_OFF else None


def _outline(face: LocatedFace) -> tuple[Point, ...]:
    x, y = (float(value) for value in face.centre)
    half = face.height_px / 2
    return ((x - 0.8 * half, y - half), (x + 0.8 * half, y + half))
