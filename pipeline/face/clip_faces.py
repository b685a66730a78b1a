"""The faces of a clip that are worth comparing: frontal, sharp, open-eyed, alone, and spread over the clip."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.face.find import FaceFinder, LocatedFace, Step
from pipeline.face.quality import FaceQuality, measure, selfie_fault
from pipeline.face.selfie import SECOND_FACE_SHARE
from pipeline.image import RgbImage
from pipeline.liveness.clip import read_clip

#: A look costs 15 ms; a challenge lasts ten seconds, and about a third of it is spent turned or blinking.
LOOK_RATE_HZ, MOST_LOOKS = 1.25, 16
MOST_FACES = 5
#: Descriptors of faces turned further move away from frontal ones (frontal p95 .38, turned .43; 22 Nov 2026).
_MAX_YAW_DEG = 12.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    face: LocatedFace
    quality: FaceQuality

    @property
    def worth(self) -> float:
        """Sharpness counts once, and twice as much in a frontal frame as in one at the limit."""
        return self.quality.sharpness * (1 - abs(self.quality.yaw_deg) / (2 * _MAX_YAW_DEG))


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
    looks: list[_Look] = []
    for count, frame in enumerate(read_clip(clip, rate_hz=LOOK_RATE_HZ)):
        look = _look(frame.rgb, finder) if count < MOST_LOOKS else None
        if look is not None:
            looks.append(look)
    best = sorted(looks, key=lambda look: -look.worth)[:most]
    return tuple(look.face for look in best)


def _look(rgb: RgbImage, finder: FaceFinder) -> _Look | None:
    """The face of a frame, if it is alone and good enough for a selfie."""
    faces = finder.find(rgb, steps=(Step.WHOLE,))
    if not faces or (len(faces) > 1 and faces[1].area >= SECOND_FACE_SHARE * faces[0].area):
        return None
    quality = measure(faces[0])
    good = selfie_fault(quality) is None and abs(quality.yaw_deg) <= _MAX_YAW_DEG
    return _Look(face=faces[0], quality=quality) if good else None
