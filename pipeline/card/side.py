"""One photo: find the card in it, put it upright, read its lines, recognise the side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeVar

import cv2
import numpy as np

from pipeline.card.envelope import border_around_text
from pipeline.card.find import MUCH_SMALLER, Candidate, are_apart, find_candidates, pictures_beyond
from pipeline.card.gates import leaves_frame, why_no_card
from pipeline.card.geometry import (
    Quad,
    area,
    bounding_box,
    mostly_standing,
    share_inside,
)
from pipeline.card.quality import SideQuality, measure_picture, measure_quality, reason_unreadable
from pipeline.card.rectify import Rectified, rectify
from pipeline.card.skim import skim_side
from pipeline.card.surface import measured_picture
from pipeline.card.text import TextLine, TextReader
from pipeline.card.version import SideKind, names_other_document
from pipeline.errors import CannotJudge
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

_T = TypeVar("_T")

#: Long side of the picture the detector sees: of a rectified card, and of a whole photo when no border was found.
#: Of 645 lines of 25 validation cards 576 lost two that matter nothing and one value, 736 none, at 1.75 times the cost.
_DETECT_CARD_PX, _DETECT_PHOTO_PX = 576, 1280
#: A place with fewer lines is no card.
_LEAST_LINES = 4
#: Another border counts as a second card if it is this well supported and this large beside the first.
_SECOND_SUPPORT, _SECOND_AREA = 0.85, 0.4
#: Nothing is printed this close to a card's border, as a share of its width (0.7 mm; the least seen is 3 mm).
_BORDER_MARGIN = 0.008
#: A line narrower than this share of the card can be a mark of its own.
_MARK_WIDTH = 0.2
#: A place lies inside another with this share of its area, and is a part of it if it is much smaller.
_INSIDE = 0.9
#: Places whose border cuts through lines that are read, best first, if there is no better one.
_MOST_PARTS = 2
#: A border that is surely one, and the contrast of what it holds: two cards, blurred until no line was left, had 0.98
#: and 86 or more; two blank sheets 0.98 and at most 32; places in two photos of faces at most 0.69 and 190.
_SURE_SUPPORT, _PRINT_CONTRAST = 0.9, 60.0
#: A border with less support is doubtful if text fills less than this share of its width or height: cards' text fills
#: 0.66 and more. On two of 60 validation cards such a place held the card and as much table, or a quarter of a card.
_SURE_BORDER, _FILLED = 0.75, 0.62
#: Text that fills this share of a whole picture is that of a card as large; most reaches over 0.80 by 0.84 of a card.
_FILLED_WHOLE = 0.7
#: A line is cut by a border that leaves this share of it inside; lines of one card that touch a table's are rarer.
_CUT_SHARES, _LEAST_CUT_LINES = (0.15, 0.85), 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideReading:
    """A side that was found and recognised.

    `picture` is the card as `measured_picture` shrinks it. `bordered` is False if only its text was found. `left_out`
    are lines whose fixed words were not read (skim.py).
    """

    photo: RgbImage
    card: Rectified
    picture: RgbImage
    lines: tuple[TextLine, ...]
    kind: SideKind
    quality: SideQuality
    bordered: bool
    left_out: tuple[Quad, ...] = ()


class Stopwatch:
    """Adds up how long each step took, in milliseconds of wall time."""

    def __init__(self, clock_s: Callable[[], float] = time.perf_counter) -> None:
        """Start empty; `clock_s` is what time is measured with."""
        self._clock_s = clock_s
        self.timing_ms: dict[str, float] = {}

    def run(self, step: str, work: Callable[[], _T]) -> _T:
        """Do the work and add its duration to the step's."""
        start_s = self._clock_s()
        try:
            return work()
        finally:
            spent_ms = 1000 * (self._clock_s() - start_s)
            self.timing_ms[step] = self.timing_ms.get(step, 0.0) + spent_ms


def read_side(photo: RgbImage, reader: TextReader, watch: Stopwatch) -> SideReading:
    """Find, upright, read and recognise the card in a photo.

    Args:
        photo: H x W x 3, uint8, RGB, any rotation.
        reader: finds and reads text lines.
        watch: gets the time of each step.

    Raises:
        CannotJudge: no card, several cards, or a card that cannot be read, with the reason.
    """
    candidates = watch.run("find", lambda: find_candidates(photo))
    places: list[_Place] = []

    @cache
    def look(candidate: Candidate) -> _Place:
        place = _look_at(photo, candidate.corners, reader, watch)
        return replace(place, support=candidate.support)

    queue = _likeliest_first(candidates, look)
    while queue:
        candidate = queue.pop(0)
        if any(_holds(place, candidate) for place in places if place.clipped):
            continue
        place = look(candidate)
        if _lies_within(place, map(look, pictures_beyond(candidate, candidates))):
            queue = _whole_before_unsure(queue, look)
            continue
        places.append(place)
        is_likely = not place.clipped and not place.is_doubtful
        if is_likely and (side := _read_place(photo, place, reader, watch)) is not None:
            _refuse_second_card(photo, side, candidates, reader, watch)
            return side
    side = (
        _read_text_alone(photo, reader, watch)
        or _read_first(photo, [p for p in places if p.is_doubtful and not p.clipped], reader, watch)
        or _read_part(photo, [place for place in places if place.clipped], reader, watch)
    )
    if side is None:
        # A sheet or a face is no blurred card.
        printed = any(place.quads or _may_be_printed(place) for place in places)
        raise _unread(photo, candidates if printed else ())
    return side


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """A rectified place and the lines the detector sees there; `support` is that of its candidate, if it was one."""

    card: Rectified
    quads: tuple[Quad, ...]
    support: float = 0.0

    @property
    def is_doubtful(self) -> bool:
        """Whether its border is none for sure, and its text fills too little of it for a card."""
        return self.support < _SURE_BORDER and bool(self.quads) and not self.is_filled(_FILLED)

    def is_filled(self, share: float) -> bool:
        """Whether its lines reach over this share of its width and of its height."""
        points = np.concatenate(self.quads) if self.quads else np.zeros((1, 2))
        least = share * np.array(self.card.image.shape[1::-1])
        return bool((np.ptp(points, axis=0) >= least).all())

    @property
    def clipped(self) -> int:
        """Lines that touch the border: no card prints there, so the border is that of a part of the card.

        A single short one does not count: a mark in a corner.
        """
        height, width = self.card.image.shape[:2]
        boxes = [bounding_box(quad) for quad in self.quads]
        touching = [
            x2 - x1
            for x1, y1, x2, y2 in boxes
            if min(x1, y1, width - x2, height - y2) < _BORDER_MARGIN * width
        ]
        is_mark = len(touching) == 1 and touching[0] < _MARK_WIDTH * width
        return 0 if is_mark else len(touching)


def _likeliest_first(
    candidates: Sequence[Candidate], look: Callable[[Candidate], _Place]
) -> list[Candidate]:
    """The whole picture first, if lines fill it and no border in it is a sure one; each look costs a detection."""
    doubtful = all(candidate.support < _SURE_BORDER for candidate in candidates)
    filled = doubtful and _fill_whole(candidates, look)
    return sorted(candidates, key=lambda candidate: filled and not candidate.is_whole)


def _whole_before_unsure(
    queue: Sequence[Candidate], look: Callable[[Candidate], _Place]
) -> list[Candidate]:
    """The whole picture before borders that are not sure, if lines fill it: a border cut through its lines already."""
    filled = _fill_whole(queue, look)
    return sorted(
        queue, key=lambda other: filled and not other.is_whole and other.support < _SURE_SUPPORT
    )


def _fill_whole(candidates: Sequence[Candidate], look: Callable[[Candidate], _Place]) -> bool:
    """Whether there is a whole picture among candidates that lines fill."""
    whole = (candidate for candidate in candidates if candidate.is_whole)
    return any(look(candidate).is_filled(_FILLED_WHOLE) for candidate in whole)


def _holds(place: _Place, candidate: Candidate) -> bool:
    """Whether a candidate is the smaller and no surer part of a place that shows a card, if not all of it."""
    if candidate.support > place.support:
        return False  # one of two cards
    corners = place.card.corners
    shared, _ = cv2.intersectConvexConvex(corners, candidate.corners)
    size = area(candidate.corners)
    return float(shared) >= _INSIDE * size and size < MUCH_SMALLER * area(corners)


def _lies_within(place: _Place, whole: Iterable[_Place]) -> bool:
    """Whether a place lies within a card that fills the picture: its border cuts through that card's lines."""
    border = place.card.corners
    shares = (share_inside(w.card.in_photo(quad), border) for w in whole for quad in w.quads)
    low, high = _CUT_SHARES
    return sum(low < share < high for share in shares) >= _LEAST_CUT_LINES


def _read_text_alone(photo: RgbImage, reader: TextReader, watch: Stopwatch) -> SideReading | None:
    """Read a card whose border blends into the table, from the rectangle around its text."""
    quads = watch.run("detect", lambda: reader.detect(photo, _DETECT_PHOTO_PX))
    if len(quads) < _LEAST_LINES:
        return None
    place = _look_at(photo, border_around_text(quads), reader, watch)
    return _read_place(photo, place, reader, watch, bordered=False)


def _read_part(
    photo: RgbImage, partial: Sequence[_Place], reader: TextReader, watch: Stopwatch
) -> SideReading | None:
    """Read the place that shows most of a card, where none shows all of it."""
    most = sorted(partial, key=lambda place: 2 * place.clipped - len(place.quads))[:_MOST_PARTS]
    return _read_first(photo, most, reader, watch)


def _read_first(
    photo: RgbImage, places: Sequence[_Place], reader: TextReader, watch: Stopwatch
) -> SideReading | None:
    readings = (_read_place(photo, place, reader, watch) for place in places)
    return next((side for side in readings if side is not None), None)


def _look_at(photo: RgbImage, corners: Quad, reader: TextReader, watch: Stopwatch) -> _Place:
    """Rectify a place and find its lines, lying."""
    card = watch.run("find", lambda: rectify(photo, corners))
    quads = watch.run("detect", lambda: reader.detect(card.image, _DETECT_CARD_PX))
    if quads and mostly_standing(quads):
        card = watch.run("find", lambda: rectify(photo, corners, standing=True))
        quads = watch.run("detect", lambda: reader.detect(card.image, _DETECT_CARD_PX))
    return _Place(card=card, quads=tuple(quads))


def _read_place(
    photo: RgbImage, place: _Place, reader: TextReader, watch: Stopwatch, *, bordered: bool = True
) -> SideReading | None:
    """Put a place upright and read it; None if it is not a side of a card.

    Raises:
        CannotJudge: it is another document.
    """
    if len(place.quads) < _LEAST_LINES:
        return None
    side = watch.run("recognise", lambda: skim_side(place.card, place.quads, reader))
    if names_other_document(side.lines):
        raise CannotJudge(ReasonCode.CARD_VERSION_UNKNOWN, cause="other_document")
    if side.kind is None:
        return None
    picture = measured_picture(side.card.image)
    return SideReading(
        photo=photo,
        card=side.card,
        picture=picture,
        lines=side.lines,
        kind=side.kind,
        quality=measure_picture(picture, side.card.native_width_px),
        bordered=bordered,
        left_out=side.left_out,
    )


# ---------------------------------------------------------------- exceptions to the rule


def _refuse_second_card(
    photo: RgbImage,
    side: SideReading,
    candidates: Sequence[Candidate],
    reader: TextReader,
    watch: Stopwatch,
) -> None:
    """Raise if another place beside the card reads as a card, too."""
    for other in candidates:
        is_large = area(other.corners) >= _SECOND_AREA * area(side.card.corners)
        if not is_large or other.support < _SECOND_SUPPORT:
            continue
        if not are_apart(other.corners, side.card.corners):
            continue
        place = _look_at(photo, other.corners, reader, watch)
        if _is_readable(photo, place, reader, watch):
            raise CannotJudge(ReasonCode.CARD_SEVERAL)


def _is_readable(photo: RgbImage, place: _Place, reader: TextReader, watch: Stopwatch) -> bool:
    """Whether a place is a side of a card, or another document."""
    try:
        return _read_place(photo, place, reader, watch) is not None
    except CannotJudge:
        return True


def _may_be_printed(place: _Place) -> bool:
    """Whether a place without a line is a card all the same: a sure border, and contrast that blur leaves."""
    grey = cv2.cvtColor(place.card.image, cv2.COLOR_RGB2GRAY)
    low, high = np.percentile(cv2.resize(grey, (160, 100), interpolation=cv2.INTER_AREA), (2, 98))
    return place.support >= _SURE_SUPPORT and bool(high - low >= _PRINT_CONTRAST)


def _unread(photo: RgbImage, candidates: Sequence[Candidate]) -> CannotJudge:
    """Say why nothing could be read: what is wrong with the likeliest place, or that there is no card."""
    if not candidates:
        return CannotJudge(why_no_card(photo))
    height, width = photo.shape[:2]
    if leaves_frame(candidates[0].corners, (width, height)):
        return CannotJudge(ReasonCode.CARD_CUT_OFF)
    reason = reason_unreadable(measure_quality(rectify(photo, candidates[0].corners)))
    return CannotJudge(reason or ReasonCode.CARD_NOT_FOUND)
