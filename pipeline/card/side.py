"""One photo: find the card in it, put it upright, read its lines, recognise the side."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.find import Candidate, are_apart, find_candidates
from pipeline.card.geometry import CARD_ASPECT, Quad, area, bounding_box, order_corners, quad_size
from pipeline.card.quality import SideQuality, measure_quality, reason_unreadable
from pipeline.card.rectify import Rectified, rectify
from pipeline.card.text import TextLine, TextReader
from pipeline.card.version import SideKind, recognise_side
from pipeline.errors import CannotJudge
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

_T = TypeVar("_T")

#: Long side of the picture the detector sees: of a rectified card, and of a whole photo when no border was found.
_DETECT_CARD_PX, _DETECT_PHOTO_PX = 960, 1280
#: A place with fewer lines is no card.
_LEAST_LINES = 4
#: Lines that decide whether a card is upside down, and the mean score that needs no second opinion.
_PROBED_LINES, _SURELY_UPRIGHT = 4, 0.90
#: Another border counts as a second card if it is this well supported and this large beside the first.
_SECOND_SUPPORT, _SECOND_AREA = 0.85, 0.4
#: Nothing is printed this close to a card's border, as a share of its width (0.7 mm; the least seen is 3 mm).
_BORDER_MARGIN = 0.008
#: Places whose border cuts through lines that are read, best first, if there is no better one.
_MOST_PARTS = 2
#: Text covers this share of a card's width and height; used when the border was not found.
_TEXT_SPAN = (0.80, 0.84)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideReading:
    """A side that was found and recognised. `bordered` is False if only its text was found."""

    photo: RgbImage
    card: Rectified
    lines: tuple[TextLine, ...]
    kind: SideKind
    quality: SideQuality
    bordered: bool


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
    partial: list[_Place] = []
    for candidate in candidates:
        place = _look_at(photo, candidate.corners, reader, watch)
        if place.clipped:
            partial.append(place)
        elif (side := _read_place(photo, place, reader, watch)) is not None:
            _refuse_second_card(photo, side, candidates, reader, watch)
            return side
    side = _read_text_alone(photo, reader, watch) or _read_part(photo, partial, reader, watch)
    if side is None:
        raise _unread(photo, candidates)
    return side


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """A rectified place and the lines the detector sees there."""

    card: Rectified
    quads: tuple[Quad, ...]

    @property
    def clipped(self) -> int:
        """Lines that touch the border: no card prints there, so the border is that of a part of the card."""
        height, width = self.card.image.shape[:2]
        boxes = [bounding_box(quad) for quad in self.quads]
        gaps = [min(x1, y1, width - x2, height - y2) for x1, y1, x2, y2 in boxes]
        return sum(gap < _BORDER_MARGIN * width for gap in gaps)


def _read_text_alone(photo: RgbImage, reader: TextReader, watch: Stopwatch) -> SideReading | None:
    """Read a card whose border blends into the table, from the rectangle around its text."""
    envelope = _text_envelope(photo, reader, watch)
    if envelope is None:
        return None
    place = _look_at(photo, envelope, reader, watch)
    return _read_place(photo, place, reader, watch, bordered=False)


def _read_part(
    photo: RgbImage, partial: Sequence[_Place], reader: TextReader, watch: Stopwatch
) -> SideReading | None:
    """Read the place that shows most of a card, where none shows all of it."""
    most = sorted(partial, key=lambda place: 2 * place.clipped - len(place.quads))[:_MOST_PARTS]
    readings = (_read_place(photo, place, reader, watch) for place in most)
    return next((side for side in readings if side is not None), None)


def _look_at(photo: RgbImage, corners: Quad, reader: TextReader, watch: Stopwatch) -> _Place:
    """Rectify a place and find its lines, lying."""
    card = watch.run("find", lambda: rectify(photo, corners))
    quads = watch.run("detect", lambda: reader.detect(card.image, _DETECT_CARD_PX))
    if quads and _mostly_standing(quads):
        card = watch.run("find", lambda: rectify(photo, corners, standing=True))
        quads = watch.run("detect", lambda: reader.detect(card.image, _DETECT_CARD_PX))
    return _Place(card=card, quads=tuple(quads))


def _read_place(
    photo: RgbImage, place: _Place, reader: TextReader, watch: Stopwatch, *, bordered: bool = True
) -> SideReading | None:
    """Put a place upright and read it; None if it is not a side of a card."""
    card, quads = place.card, place.quads
    if len(quads) < _LEAST_LINES:
        return None
    if watch.run("recognise", lambda: _is_upside_down(card.image, quads, reader)):
        height, width = card.image.shape[:2]
        card, quads = card.turned(), tuple(_turn_quad(quad, width, height) for quad in quads)
    lines = watch.run("recognise", lambda: reader.read_lines(card.image, quads))
    kind = recognise_side(lines)
    if kind is None:
        return None
    return SideReading(
        photo=photo,
        card=card,
        lines=tuple(lines),
        kind=kind,
        quality=measure_quality(card),
        bordered=bordered,
    )


def _mostly_standing(quads: Sequence[Quad]) -> bool:
    """Whether most lines run from top to bottom."""
    standing = [abs(quad[1][1] - quad[0][1]) > abs(quad[1][0] - quad[0][0]) for quad in quads]
    return bool(sum(standing) > len(standing) / 2)


def _turn_quad(quad: Quad, width: int, height: int) -> Quad:
    turned = np.array([width - 1, height - 1], np.float32) - quad
    return Quad(np.roll(turned, -2, axis=0))


def _is_upside_down(image: RgbImage, quads: Sequence[Quad], reader: TextReader) -> bool:
    """Read the widest lines; if that goes badly, read them turned and compare."""
    probed = sorted(quads, key=lambda quad: quad_size(quad)[0], reverse=True)[:_PROBED_LINES]
    upright = _legibility(reader.read_lines(image, probed))
    if upright >= _SURELY_UPRIGHT:
        return False
    turned = [Quad(np.roll(quad, -2, axis=0)) for quad in probed]
    return _legibility(reader.read_lines(image, turned)) > upright


def _legibility(lines: Sequence[TextLine]) -> float:
    return float(np.mean([line.score for line in lines])) if lines else 0.0


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
        if _read_place(photo, place, reader, watch) is not None:
            raise CannotJudge(ReasonCode.CARD_SEVERAL)


def _text_envelope(photo: RgbImage, reader: TextReader, watch: Stopwatch) -> Quad | None:
    """The turned rectangle around the photo's text, widened to where the card's border should be."""
    quads = watch.run("detect", lambda: reader.detect(photo, _DETECT_PHOTO_PX))
    if len(quads) < _LEAST_LINES:
        return None
    rectangle = cv2.minAreaRect(np.concatenate(_without_outliers(quads)))
    (x, y), (w, h), angle = rectangle
    if w < h:
        w, h, angle = h, w, angle - 90
    width = max(w / _TEXT_SPAN[0], h / _TEXT_SPAN[1] * CARD_ASPECT)
    corners = cv2.boxPoints(((x, y), (width, width / CARD_ASPECT), angle))
    return order_corners(np.asarray(corners, np.float32))


def _without_outliers(quads: Sequence[Quad]) -> list[NDArray[np.float32]]:
    """Leave out lines far from the others: a poster behind the card."""
    middles = np.array([quad.mean(axis=0) for quad in quads])
    away = np.linalg.norm(middles - np.median(middles, axis=0), axis=1)
    return [
        np.asarray(quad) for quad, d in zip(quads, away, strict=True) if d <= 3 * np.median(away)
    ]


def _unread(photo: RgbImage, candidates: Sequence[Candidate]) -> CannotJudge:
    """Say why nothing could be read: what is wrong with the likeliest place, or that there is no card."""
    if not candidates:
        return CannotJudge(ReasonCode.CARD_NOT_FOUND)
    reason = reason_unreadable(measure_quality(rectify(photo, candidates[0].corners)))
    return CannotJudge(reason or ReasonCode.CARD_NOT_FOUND)
