"""The face of a selfie: one person, good enough to compare."""

from __future__ import annotations

from pipeline.errors import CannotJudge
from pipeline.face.find import FaceFinder, LocatedFace
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

#: A second face counts from this share of the first one's area; smaller ones are people in the background.
SECOND_FACE_SHARE = 0.25


def find_selfie(selfie: RgbImage, finder: FaceFinder, *, refine: bool = True) -> LocatedFace:
    """Return the one face of a selfie.

    Args:
        selfie: photo of one person, H x W x 3, uint8, RGB.
        finder: the detection cascade.
        refine: look at both eyes too: gates need it, embedders do not.

    Raises:
        CannotJudge: `face_not_found` or `face_several`.
    """
    faces = finder.find_all(selfie, refine=refine)
    if not faces:
        raise CannotJudge(ReasonCode.FACE_NOT_FOUND)
    if len(faces) > 1 and faces[1].area >= SECOND_FACE_SHARE * faces[0].area:
        raise CannotJudge(ReasonCode.FACE_SEVERAL, faces=len(faces))
    return faces[0]
