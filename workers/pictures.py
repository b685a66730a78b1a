"""Pictures for people as they are stored: JPEG, no larger than a reviewer can use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.stages import EvidenceKind
from store.pictures import NewPicture

if TYPE_CHECKING:
    from pipeline.pictures import Picture  # brings numpy, which only the child may load

#: A rectified side is at most 1600 pixels wide, and keeps them: small print is read on it.
CARD_PX, FACE_PX = 1600, 480
QUALITY = 82


def encoded(pictures: Iterable[Picture]) -> list[NewPicture]:
    """Return pictures ready to be sealed."""
    return [_encoded(picture) for picture in pictures]


def _encoded(picture: Picture) -> NewPicture:
    from pipeline.image import encode_jpeg

    is_card = picture.name in (EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK)
    longest_px = CARD_PX if is_card else FACE_PX
    jpeg = encode_jpeg(picture.rgb, longest_px=longest_px, quality=QUALITY)
    height_px, width_px = picture.rgb.shape[:2]
    return NewPicture(
        name=picture.name,
        jpeg=jpeg,
        width_px=width_px,
        height_px=height_px,
        time_s=picture.time_s,
        shows=picture.shows,
        selfie_similarity=picture.selfie_similarity,
        card_similarity=picture.card_similarity,
        band=picture.band,
    )
