"""Who sits before the camera: a photograph with the framings that stay inside it and the mouth at rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from specimen.photos import Photo, Subject, load_photo
from specimen.puppet import Mouth


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """Height of the face over the frame's, and where its centre goes."""

    face_share: float
    centre: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is special about a sitter: framings that stay inside the photograph, and the mouth at rest."""

    portrait: Framing
    selfie: Framing
    clip: Framing
    mouth: Mouth


PARTS = {
    Subject.ASTRONAUT: Part(
        portrait=Framing(face_share=0.44, centre=(0.5, 0.50)),
        selfie=Framing(face_share=0.32, centre=(0.5, 0.46)),
        clip=Framing(face_share=0.44, centre=(0.5, 0.53)),
        mouth=Mouth(relaxed=-0.4, smiling=0.6),
    ),
    Subject.GRACE_HOPPER: Part(
        portrait=Framing(face_share=0.46, centre=(0.5, 0.56)),
        selfie=Framing(face_share=0.33, centre=(0.51, 0.48)),
        clip=Framing(face_share=0.48, centre=(0.545, 0.55)),
        mouth=Mouth(relaxed=0.0, smiling=0.9),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sitter:
    """A person whose photograph is animated.

    `own_background` says that no outline of the person is known: the photograph's own background stays behind it.
    """

    name: str
    photo: Photo
    part: Part
    own_background: bool = False


#: A bundled person by name, or anybody else.
Who = Subject | Sitter
Cast = Sequence[Who]


def sitter_of(who: Who) -> Sitter:
    """The sitter that is meant.

    Raises:
        PhotoMissing: see `load_photo`.
    """
    if isinstance(who, Sitter):
        return who
    return Sitter(name=str(who), photo=load_photo(who), part=PARTS[who])
