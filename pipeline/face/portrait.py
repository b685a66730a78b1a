"""The portrait on a photographed card: the face in the template's zone of a card that was found, and no other.

The largest face of the photo will not do: whoever holds another person's card beside their own face would be compared
with themselves. So the card's border is looked for first, and only its left part, upright, is searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.card.find import Candidate, find_candidates
from pipeline.card.geometry import CARD_ASPECT, Quad, quad_size, turn_corners, warp_quad
from pipeline.errors import CannotJudge
from pipeline.face.find import FaceFinder, LocatedFace, Step
from pipeline.face.selfie import find_selfie
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

#: The portrait's zone as a share of the card's width from the left: portraits of all versions end at 27 to 35 mm of
#: 85.6 (knowledge of card layouts; CMND has the widest), ghost images begin right of the middle.
_ZONE = 0.42
#: A face's height over the card's: portraits of 20 x 30 mm give .20 to .30, 30 x 40 mm up to .45.
_FACE_SHARES = (0.10, 0.60)
#: Pixels of a card's width that the search works on at most; the face then has 230.
_MOST_WIDTH_PX, _LEAST_WIDTH_PX = 1600, 320
#: An upright portrait scores above this, an upside-down one is not found or scores less.
_SURE_SCORE = 0.8
#: With a border as sure as this, the picture is not itself a card that was cut out.
_SURE_BORDER = 0.9
#: Borders that are looked at, best first, and those of them that get the costly steps.
_PLACES, _THOROUGH_PLACES = 3, 1
_QUICK, _THOROUGH = (Step.WHOLE,), (Step.HALVES, Step.HOG, Step.MTCNN)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Zone:
    """The left part of a card in one of the two directions in which it may lie."""

    pixels: RgbImage
    card_height_px: float


def find_portrait(card: RgbImage, finder: FaceFinder, *, refine: bool = True) -> LocatedFace:
    """Return the portrait of a card.

    Args:
        card: photo of a card's front, H x W x 3, uint8, RGB, lying in any direction.
        finder: the detection cascade.
        refine: look at both eyes too: gates need it, embedders do not.

    Returns:
        The face, in pixels of the rectified card.

    Raises:
        CannotJudge: `portrait_not_found`; the fact `cards` counts the borders that were looked at.
    """
    places = _places(find_candidates(card))
    for found, steps in ((places, _QUICK), (places[:_THOROUGH_PLACES], _THOROUGH)):
        for place in found:
            portrait = _best(_zones(card, place.corners), finder, steps, refine=refine)
            if portrait is not None:
                return portrait
    raise CannotJudge(ReasonCode.PORTRAIT_NOT_FOUND, cards=len(places))


def find_shown_portrait(picture: RgbImage, finder: FaceFinder) -> LocatedFace:
    """Return the face of a picture that is a portrait and nothing else, as a chip holds it.

    Raises:
        CannotJudge: `portrait_not_found`.
    """
    found = finder.find(picture)
    if not found:
        raise CannotJudge(ReasonCode.PORTRAIT_NOT_FOUND)
    return found[0]


def find_printed_face(picture: RgbImage, finder: FaceFinder) -> LocatedFace:
    """Return the portrait of a card, or, where no card shows one, the only face of a photo.

    For comparisons by hand; a case's card is never searched like this.

    Raises:
        CannotJudge: `face_not_found` or `face_several`.
    """
    try:
        return find_portrait(picture, finder)
    except CannotJudge:
        return find_selfie(picture, finder)


def _places(candidates: Sequence[Candidate]) -> list[Candidate]:
    bordered = [candidate for candidate in candidates if candidate.support > 0]
    whole = [candidate for candidate in candidates if candidate.support == 0]
    sure = any(candidate.support >= _SURE_BORDER for candidate in bordered)
    return bordered[:_PLACES] if sure else [*whole, *bordered][:_PLACES]


def _zones(card: RgbImage, corners: Quad) -> Iterator[_Zone]:
    width, height = quad_size(corners)
    if height > width:
        corners, width = turn_corners(corners, 1), height
    width_px = round(np.clip(width, _LEAST_WIDTH_PX, _MOST_WIDTH_PX))
    for turned in (corners, turn_corners(corners, 2)):
        yield _Zone(
            pixels=warp_quad(card, _left_part(turned), round(_ZONE * width_px), round(width_px / CARD_ASPECT)),
            card_height_px=width_px / CARD_ASPECT,
        )  # fmt: skip


def _left_part(corners: Quad) -> Quad:
    """The zone's quad: shares along a side are taken as in a parallel projection, which tilts of 30 degrees allow."""
    top_left, top_right, bottom_right, bottom_left = corners
    return Quad(
        np.array(
            [
                top_left,
                top_left + _ZONE * (top_right - top_left),
                bottom_left + _ZONE * (bottom_right - bottom_left),
                bottom_left,
            ],
            np.float32,
        )
    )


def _best(
    zones: Iterable[_Zone], finder: FaceFinder, steps: Sequence[Step], *, refine: bool
) -> LocatedFace | None:
    best: LocatedFace | None = None
    for zone in zones:
        for face in finder.find(zone.pixels, steps=steps, refine=refine)[:1]:
            if _is_portrait(face, zone) and (best is None or face.score > best.score):
                best = face
        if best is not None and best.score >= _SURE_SCORE:
            break
    return best


def _is_portrait(face: LocatedFace, zone: _Zone) -> bool:
    return _FACE_SHARES[0] <= face.height_px / zone.card_height_px <= _FACE_SHARES[1]
