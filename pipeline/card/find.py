"""Where the card lies in a photo: quadrilaterals with the card's shape and a real border, best first.

Contours of several gradient and colour maps give candidates; each is refined by fitting a line to the strongest edge
along every side (border.py), so that the card's round corners do not matter, and scored by how much of its border is
an edge and by how well its shape fits ID-1. Whether there really is a card inside is for its text to say (reader.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.border import (
    CARD_ASPECTS,
    LEAST_SUPPORT,
    Plane,
    border_planes,
    fit_borders,
    has_card_shape,
    one_size,
    strongest_gradient,
)
from pipeline.card.geometry import CARD_ASPECT, Quad, area, order_corners, quad_size, rectangle_quad
from pipeline.card.lines import line_quads
from pipeline.card.shrink import halved_towards
from pipeline.image import RgbImage

#: Long side of the picture in which borders are looked for.
_WORK_PX = 720
#: A card smaller than this share of the frame is not looked for (25 % of the width at 16:9 is 7 % of the area).
_LEAST_AREA = 0.03
#: Quads out of lines that are refined.
_LINE_QUADS = 24
#: Quads whose corners all lie this near to each other are one: less than half of the reach of refining.
_SAME_QUAD_PX = 8
#: Quads that share this much of their area are of one place; one is as good as the best with this share of its score.
#: On two of 100 validation cards a border through print had the better shape (by 1 and 2 %), the card's own the greater
#: support.
_SAME_PLACE, _AS_GOOD = 0.85, 0.9
#: Two of the 240 points that are looked at along a border make this much of its support. A row of print is more than
#: this share of a card. Of 320 photos 1 lost less of its card by this rule and 1 got more table; two more photos, whose
#: first row had been cut off with the fields in it, were what it was made for.
_AS_SURE, _A_ROW_MORE = 0.025, 1.04
#: A border close to the edge of a card-shaped picture has at least this support if it is one.
_SURE_BESIDE_WHOLE = 0.75
#: A place with less than this share of another's area may be a part of it.
MUCH_SMALLER = 0.85
#: A picture with this shape may itself be a card that was cut out: within 9 % of ID-1, lying or standing.
_CUT_OUT_TOLERANCE = 0.09


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A place where a card may lie.

    `corners` are in pixels of the photo, clockwise, the first one nearest to the photo's top left. `support` is the
    share of the border that lies on an edge (0 for a whole picture), `score` orders the candidates.
    """

    corners: Quad
    support: float
    score: float

    @property
    def is_whole(self) -> bool:
        """Whether this is a whole picture and no border that was found."""
        return self.support == 0.0


def find_candidates(photo: RgbImage, *, limit: int = 4) -> list[Candidate]:
    """Return places where a card may lie, best first.

    Args:
        photo: H x W x 3, uint8, RGB.
        limit: how many at most; the whole picture comes on top if it has a card's shape.
    """
    small, scale = _shrunk(photo)
    sized = border_planes(small)
    planes = one_size(sized)
    gradient = strongest_gradient(planes)
    kept: list[Candidate] = []
    quads = line_quads(sized, aspects=CARD_ASPECTS, least_area=_LEAST_AREA, limit=_LINE_QUADS)
    distinct = _distinct(chain(quads, _raw_quads(planes, gradient)))
    for refined, support in fit_borders(distinct, gradient):
        if support >= LEAST_SUPPORT and has_card_shape(refined):
            score = _score(refined, support, small.shape[:2])
            corners = Quad((refined + 0.5) / scale - 0.5)
            kept.append(Candidate(corners=corners, support=support, score=score))
    kept.sort(key=lambda candidate: candidate.score, reverse=True)
    whole = _whole_picture(photo)
    return [*without_edge_of(whole, without_doubles(kept))[:limit], *whole]


def follow_card(photo: RgbImage, near: Quad) -> Candidate | None:
    """Return the card whose border lies near a known place, at an eighth of what looking everywhere costs.

    For moving pictures: it asks for the border, support and shape that `find_candidates` asks for, in one place alone.

    Args:
        photo: H x W x 3, uint8, RGB.
        near: where it was a moment ago, or is expected, in pixels of `photo`.

    Returns:
        None if there is no such border within about 5 % of the card's width.
    """
    small, scale = _shrunk(photo)
    gradient = strongest_gradient(one_size(border_planes(small)))
    quad = Quad(((near + 0.5) * scale - 0.5).astype(np.float32))
    refined, support = fit_borders([quad], gradient)[0]
    if support < LEAST_SUPPORT or not has_card_shape(refined):
        return None
    score = _score(refined, support, small.shape[:2])
    return Candidate(corners=Quad((refined + 0.5) / scale - 0.5), support=support, score=score)


def _shrunk(photo: RgbImage) -> tuple[NDArray[np.uint8], float]:
    """The photo at the size borders are sought in, and its scale."""
    scale = min(1.0, _WORK_PX / max(photo.shape[:2]))
    width, height = round(photo.shape[1] * scale), round(photo.shape[0] * scale)
    # By areas: blurred and linear is cheaper, but a card that leaves the picture then looked whole.
    small = cv2.resize(
        halved_towards(photo, width, height), (width, height), interpolation=cv2.INTER_AREA
    )
    return np.asarray(small, np.uint8), scale


# ---------------------------------------------------------------- raw quads


def _raw_quads(planes: Sequence[Plane], gradient: NDArray[np.float32]) -> Iterator[Quad]:
    least = _LEAST_AREA * gradient.size
    for mask in _masks(planes, gradient):
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            hull = cv2.convexHull(contour)
            if cv2.contourArea(hull) >= least:
                quad = _four_corners(hull)
                if quad is not None:
                    yield quad


def _masks(planes: Sequence[Plane], gradient: NDArray[np.float32]) -> Iterator[Plane]:
    """Edge maps at three thresholds, and regions that differ from their surroundings."""
    kernel = np.ones((3, 3), np.uint8)
    for percentile in np.percentile(gradient[::2, ::2], (97.0, 94.0, 90.0)):
        edges = cv2.compare(gradient, max(2.0, float(percentile)), cv2.CMP_GT)
        yield cv2.morphologyEx(edges, cv2.MORPH_CLOSE, kernel, iterations=2)
    for plane in planes:
        _, region = cv2.threshold(plane, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        for side in (region, 255 - region):
            opened = cv2.morphologyEx(side, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
            yield cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))


def _four_corners(hull: NDArray[np.int32]) -> Quad | None:
    """The quad of a convex contour, if four corners explain it: at least 88 % of the quad is inside the contour."""
    length = cv2.arcLength(hull, closed=True)
    for tolerance in (0.02, 0.03, 0.045, 0.06, 0.08):
        outline = cv2.approxPolyDP(hull, tolerance * length, closed=True)
        if len(outline) == 4:
            quad = order_corners(outline.reshape(4, 2).astype(np.float32))
            return quad if _explains(quad, hull) else None
    quad = order_corners(cv2.boxPoints(cv2.minAreaRect(hull)))
    return quad if _explains(quad, hull) else None


def _explains(quad: Quad, hull: NDArray[np.int32]) -> bool:
    ratio = cv2.contourArea(hull) / max(area(quad), 1.0)
    return 0.88 <= ratio <= 1.15 and has_card_shape(quad)


def _distinct(quads: Iterator[Quad]) -> list[Quad]:
    """Drop quads that refining would move to the same place as an earlier one."""
    kept: list[Quad] = []
    for quad in quads:
        if all(np.abs(quad - other).max() > _SAME_QUAD_PX for other in kept):
            kept.append(quad)
    return kept


def _score(quad: Quad, support: float, frame: tuple[int, int]) -> float:
    """Support first; then shape and size, since a card fills more of its photo than a thing printed on it."""
    width, height = quad_size(quad)
    aspect = max(width, height) / min(width, height)
    shape = float(np.exp(-0.5 * (np.log(aspect / CARD_ASPECT) / 0.12) ** 2))
    size = min(1.0, (area(quad) / (frame[0] * frame[1])) / 0.35)
    return support * (0.4 + 0.6 * shape) * (0.5 + 0.5 * size)


def without_doubles(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return one candidate for each place, from candidates with the best score first.

    The shape of a leaning card tells little between two quads of one place, so the border that is most surely one wins;
    if another as sure holds a row more, that does: a row of print can be as straight an edge as the border above it.
    """
    groups: list[list[Candidate]] = []
    for candidate in candidates:
        same = (g for g in groups if overlap(candidate.corners, g[0].corners) >= _SAME_PLACE)
        group = next(same, None)
        if group is None:
            groups.append([candidate])
        elif candidate.score >= _AS_GOOD * group[0].score:
            group.append(candidate)
    return [_outermost_of_surest(group) for group in groups]


def _outermost_of_surest(group: Sequence[Candidate]) -> Candidate:
    surest = max(group, key=lambda candidate: candidate.support)
    least = _A_ROW_MORE * area(surest.corners)
    outer = (
        other
        for other in group
        if other.support >= surest.support - _AS_SURE and area(other.corners) >= least
    )
    return max(outer, key=lambda candidate: area(candidate.corners), default=surest)


def overlap(a: Quad, b: Quad) -> float:
    """Return the area two convex quads share, as a share of the larger one's."""
    shared, _ = cv2.intersectConvexConvex(a, b)
    return float(shared) / max(area(a), area(b), 1.0)


def are_apart(a: Quad, b: Quad) -> bool:
    """Return whether two quads lie beside each other, so that they can be two cards."""
    shared, _ = cv2.intersectConvexConvex(a, b)
    return float(shared) < 0.1 * min(area(a), area(b))


def without_edge_of(whole: Sequence[Candidate], candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates without doubtful borders along the edge of a picture that may itself be a card.

    Of 22 scans without a margin 3 had such a border, through the edge of the portrait, with a support of 0.55 to 0.57;
    the true border of 8 scans with a margin of 3 % had 1.0.
    """
    return [
        candidate
        for candidate in candidates
        if candidate.support >= _SURE_BESIDE_WHOLE
        or all(overlap(candidate.corners, w.corners) < MUCH_SMALLER for w in whole)
    ]


def pictures_beyond(candidate: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the whole picture, where it has a card's shape and a place is much smaller."""
    least = area(candidate.corners) / MUCH_SMALLER
    return [other for other in candidates if other.is_whole and area(other.corners) > least]


def _whole_picture(photo: RgbImage) -> list[Candidate]:
    """The picture itself, if it has the shape of a card that was cut out."""
    height, width = photo.shape[:2]
    aspect = max(width, height) / min(width, height)
    if abs(aspect / CARD_ASPECT - 1) > _CUT_OUT_TOLERANCE:
        return []
    return [Candidate(corners=rectangle_quad(width - 1, height - 1), support=0.0, score=0.0)]
