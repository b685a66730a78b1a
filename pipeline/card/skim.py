"""Reads the lines of a rectified side in the order that costs least: which way up, which side, then what is needed.

The recogniser is most of the cost of a card, and a third of a side's print is the same on every card. A line is left
out only where its place and what was read already say that no value can stand in it: the heading above the title of a
front, what stands between title and number, and on the back of a chip card, once its values were read, all else
(spared.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.card.geometry import Quad, bounding_box, quad_size
from pipeline.card.labels import is_mrz
from pipeline.card.narrow import FirstLook, look_narrowed, read_narrowed, settle
from pipeline.card.rectify import Rectified
from pipeline.card.spared import is_sure_front, names_issuer, spared_by
from pipeline.card.text import TextLine, TextReader
from pipeline.card.version import SideKind, recognise_side
from pipeline.image import RgbImage

#: Lines that decide whether a card is upside down, their best width over height, and the mean score that needs no
#: second opinion: upside down, most lines score 0.2-0.5, but the three of one validation card scored 0.89.
_PROBED_LINES, _PROBED_ASPECT, _SURELY_UPRIGHT = 3, 8.0, 0.96
#: Share of the height above which a front carries its heading; the title stands below it (0.24-0.32 on all versions).
_HEADING_BOTTOM = 0.24
#: Title and its translation end above this (0.36 on the card of 2021, the lowest).
_TITLE_BOTTOM = 0.37
#: A line wider than this share of the card, in its lower half, may be of a machine-readable zone.
_ZONE_WIDTH = 0.75
#: OCR-B letters are twice as wide as print, so that they can be narrowed more. Of 78 lines of validation cards all 78
#: were read the same at 480 columns of the net's input as at 800; at 360 74 of 75 others were, and the last one had not
#: its 30 letters. At 320 most lack some.
_ZONE_WIDTHS_PX = (
    (368.0, re.compile(r"[A-Z0-9<]{30}")),
    (480.0, re.compile(r"[A-Z0-9<]{26,34}")),
)
#: Print finer than this share of the median height is no value on the back of a chip card; it is long, too.
_FINE_HEIGHT, _FINE_ASPECT = 0.75, 12.0
#: Titles and numbers are this much higher than the median line; a column on the right begins beyond this share.
_LARGE_HEIGHT, _RIGHT_COLUMN = 1.2, 0.6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SkimmedSide:
    """An upright side: what was read, what was left out, and what it is (None if nothing tells)."""

    card: Rectified
    lines: tuple[TextLine, ...]
    left_out: tuple[Quad, ...]
    kind: SideKind | None


def skim_side(card: Rectified, quads: Sequence[Quad], reader: TextReader) -> SkimmedSide:
    """Put a side upright and read what is needed of it.

    Args:
        card: a rectified side, lying, perhaps upside down.
        quads: its lines, in pixels of `card.image`.
        reader: finds and reads text lines.
    """
    pages = _Page(card=card, quads=tuple(quads))
    if pages.looks_upside_down():
        pages = pages.turned()
    probed = pages.probes()
    looks = _look(pages, probed, reader)
    if _legibility(looks) < _SURELY_UPRIGHT:
        other = pages.turned()
        twins = [other.twin(quad, pages) for quad in probed]
        turned = _look(other, twins, reader)
        if _legibility(turned) > _legibility(looks):
            looks, probed, pages = turned, twins, other
    image = pages.card.image
    firsts = zip(probed, looks, strict=True)
    lines = [line for quad, look in firsts for line in settle(look, image, quad, reader)]
    rest = [quad for quad in pages.quads if not any(quad is known for known in probed)]
    side = _read_rest(pages, rest, lines, reader)
    if side.kind is not None:
        return side
    # Digits and round capitals are legible upside down: nothing is no card before it was read both ways.
    other = pages.turned()
    turned_side = _read_rest(other, other.quads, [], reader)
    return turned_side if turned_side.kind is not None else side


def _look(page: _Page, quads: Sequence[Quad], reader: TextReader) -> list[FirstLook]:
    return [look_narrowed(page.card.image, quad, reader) for quad in quads]


def _read_rest(
    page: _Page, rest: Sequence[Quad], lines: list[TextLine], reader: TextReader
) -> SkimmedSide:
    """Read all but what may be left out; then that, too, unless the side is known for sure."""
    image = page.card.image
    heading = [quad for quad in rest if page.is_heading(quad)]
    fine = [quad for quad in rest if page.is_fine(quad) and not page.is_heading(quad)]
    spared = {id(quad) for quad in (*heading, *fine)}
    zone = [quad for quad in rest if page.is_zone(quad) and id(quad) not in spared]
    spared |= {id(quad) for quad in zone}
    lines = [*lines, *_read_zone(image, zone, reader)]
    needed = [quad for quad in rest if id(quad) not in spared]
    if any(
        is_mrz(line.text) for line in lines
    ):  # values of a back stand where a front has its heading
        order, heading = page.back_order([*needed, *heading]), []
    else:
        order = page.front_order(needed)
    lines, left_out = _read_needed(page, order, lines, reader)
    kind = recognise_side(lines)
    if is_sure_front(kind):
        left_out += heading
    else:
        lines += read_narrowed(image, heading, reader)
        kind = recognise_side(lines)
    if names_issuer(kind, lines):
        left_out += fine
    elif fine:
        lines += read_narrowed(image, fine, reader)
        kind = recognise_side(lines)
    return SkimmedSide(card=page.card, lines=tuple(lines), left_out=tuple(left_out), kind=kind)


def _read_needed(
    page: _Page, quads: Sequence[Quad], lines: Sequence[TextLine], reader: TextReader
) -> tuple[list[TextLine], list[Quad]]:
    """Read lines in this order, but for those that what was read before them tells to hold no value."""
    read, left_out = list(lines), list[Quad]()
    spared = None
    for quad in quads:
        spared = spared or spared_by(read, page.card.image.shape[0])
        if spared is not None and spared.holds(quad):
            left_out.append(quad)
        else:
            read += read_narrowed(page.card.image, [quad], reader)
    return read, left_out


def _read_zone(image: RgbImage, quads: Sequence[Quad], reader: TextReader) -> list[TextLine]:
    """Read lines that may be of a machine-readable zone narrowed, and in full where they turn out not to be."""
    return [line for quad in quads for line in _read_zone_line(image, quad, reader)]


def _read_zone_line(image: RgbImage, quad: Quad, reader: TextReader) -> list[TextLine]:
    for width_px, form in _ZONE_WIDTHS_PX:
        narrowed = reader.read_lines(image, [quad], input_width_px=width_px)
        if narrowed and form.fullmatch(narrowed[0].text.replace(" ", "")):
            return narrowed
    return reader.read_lines(image, [quad])


def _legibility(looks: Sequence[FirstLook]) -> float:
    scores = [look.line.score for look in looks if look.line is not None]
    return float(np.mean(scores)) if scores else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Page:
    """A rectified side and its lines, one way up."""

    card: Rectified
    quads: tuple[Quad, ...]

    @property
    def _boxes(self) -> NDArray[np.float64]:
        return np.array([bounding_box(quad) for quad in self.quads])

    @property
    def _size(self) -> tuple[int, int]:
        height, width = self.card.image.shape[:2]
        return width, height

    @property
    def _usual_height(self) -> float:
        return float(np.median([quad_size(quad)[1] for quad in self.quads]))

    def turned(self) -> _Page:
        corner = np.array(self._size, np.float32) - 1
        quads = tuple(Quad(np.roll(corner - quad, -2, axis=0)) for quad in self.quads)
        return _Page(card=self.card.turned(), quads=quads)

    def twin(self, quad: Quad, other: _Page) -> Quad:
        """This page's quad of a line that is known by its quad on the other page."""
        return next(mine for mine, its in zip(self.quads, other.quads, strict=True) if its is quad)

    def looks_upside_down(self) -> bool:
        """A first guess, which decides only what is tried first: zones stand below, labels start at one margin."""
        boxes, (width, height) = self._boxes, self._size
        wide = boxes[boxes[:, 2] - boxes[:, 0] > _ZONE_WIDTH * width]
        if len(wide) >= 2:
            return bool(wide[:, [1, 3]].mean() < height / 2)
        left, right = boxes[:, 0], boxes[:, 2]
        return bool(_spread(right) < _spread(left))

    def probes(self) -> list[Quad]:
        """The lines that tell best, for little, which way up they are: neither specks nor rows nor a column aside."""
        sizes = [quad_size(quad) for quad in self.quads]
        away = [abs(np.log(max(w / max(h, 1), 0.1) / _PROBED_ASPECT)) for w, h in sizes]
        order = sorted(range(len(away)), key=lambda i: (self._is_spare(self.quads[i]), away[i]))
        return [self.quads[i] for i in order[:_PROBED_LINES]]

    def _is_spare(self, quad: Quad) -> bool:
        """Whether a line may need no reading: aside, or in small print where a front has heading and title."""
        if any(map(self.is_zone, self.quads)):  # a back
            return self._is_aside(quad)
        is_high = bool(quad[:, 1].mean() < _TITLE_BOTTOM * self._size[1])
        is_large = quad_size(quad)[1] >= _LARGE_HEIGHT * self._usual_height
        return self._is_aside(quad) or (is_high and not is_large)

    def _is_aside(self, quad: Quad) -> bool:
        return bool(quad[:, 0].min() > _RIGHT_COLUMN * self._size[0])

    def back_order(self, quads: Sequence[Quad]) -> list[Quad]:
        """From top to bottom, a column on the right last: what that says is never a value."""
        return sorted(quads, key=lambda quad: (self._is_aside(quad), quad[:, 1].mean()))

    def front_order(self, quads: Sequence[Quad]) -> list[Quad]:
        """Titles and numbers first, then from bottom to top: what is below a number before what is above."""
        large = _LARGE_HEIGHT * self._usual_height
        return sorted(quads, key=lambda quad: (quad_size(quad)[1] < large, -quad[:, 1].mean()))

    def is_heading(self, quad: Quad) -> bool:
        return bool(quad[:, 1].mean() < _HEADING_BOTTOM * self._size[1])

    def is_zone(self, quad: Quad) -> bool:
        width, height = self._size
        is_low = bool(quad[:, 1].mean() > height / 2)
        return is_low and quad_size(quad)[0] > _ZONE_WIDTH * width

    def is_fine(self, quad: Quad) -> bool:
        width, height = quad_size(quad)
        return height < _FINE_HEIGHT * self._usual_height and width > _FINE_ASPECT * height


def _spread(edges: NDArray[np.float64]) -> float:
    return float(np.median(np.abs(edges - np.median(edges))))
