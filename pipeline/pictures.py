"""Pictures that a stage cut out of the evidence for people to look at: what the engine itself worked on.

They are derived: they go when the evidence they were made from is replaced, and they decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pipeline.findings import Band, Finding

if TYPE_CHECKING:
    # They bring numpy, which the parent of a worker's children must not load.
    from pipeline.face.template import Template
    from pipeline.image import RgbImage

F_co = TypeVar("F_co", bound=Finding, covariant=True)

CARD_FRONT, CARD_BACK, PORTRAIT, FACE = "card_front", "card_back", "portrait", "face"
#: Stills of the clip are called `still_00`, `still_01`, ... in order of time.
STILL = "still"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """One picture.

    Attributes:
        name: `card_front`, `card_back` (the rectified sides, in whose pixels the boxes of fields are), `portrait` and
            `face` (what was compared, upright), or `still_NN`.
        rgb: H x W x 3, uint8, RGB.
        time_s: of a still: seconds from the clip's first frame.
        shows: of a still: the action at its peak or while it is held, or `neutral`.
        selfie_similarity, card_similarity: of a still whose face was compared, in [-1, 1].
        band: the worse of both.
    """

    name: str
    rgb: RgbImage
    time_s: float | None = None
    shows: str | None = None
    selfie_similarity: float | None = None
    card_similarity: float | None = None
    band: Band | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged(Generic[F_co]):
    """What a stage found, the pictures that show it, and what the face looks like to the model."""

    finding: F_co
    pictures: tuple[Picture, ...] = ()
    #: Of the face that was compared; None where no face was.
    template: Template | None = None
