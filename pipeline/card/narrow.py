"""Reads lines narrowed, and again in full where that is not enough: the recogniser's cost is the width of its input.

Captions are known from bad print, too, and most values are as sure when narrowed. Of 496 lines of validation cards 193
were captions, all of them recognised at 0.6 of their width; at 0.75 the others were sure in 253 of 303 cases, and 6 of
these differed from what the full width gave, two of them for the better. Where a caption stands in front of a value in
one line, the value alone is read again: 22 of 35 lines read twice on twelve cards were such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rapidfuzz import fuzz

from pipeline.card.geometry import Quad
from pipeline.card.labels import find_labels, is_mark, is_part_of_issuer
from pipeline.card.recognise import WIDTH_GRAIN_PX
from pipeline.card.syllables import odd_words
from pipeline.card.text import TextLine, TextReader, input_width_px
from pipeline.image import RgbImage

_SHARE = 0.75
#: Shorter lines are narrowed by `_SHARE` alone: a step of the input would be an eighth of them and more.
_NOT_STEPPED_PX = 128.0
#: A value is surely read if its weakest letter has this probability and letters kept so many columns of the input;
#: running text more of them, for between its wide letters a narrow one is lost without a trace: the r of `Trần` at 9.5
#: columns a letter, the comma of `1,5cm` at 10.4, the i of `ruồi` at 10.9, all at 0.97 to 0.99. At any width, what is
#: no syllable then shows it: `Sn Hồ` for `Sìn Hồ` at 12.4.
_SURE, _LEAST_LETTER_PX, _LEAST_LETTER_OF_TEXT_PX = 0.9, 8.5, 11.0
#: A value with more letters is running text.
_LETTERS_OF_TEXT = 8
#: What parts a caption from its value; and how alike (0-100) both readings of a value are, if it was cut out rightly.
_PARTING, _SAME_VALUE = ": ", 60.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FirstLook:
    """What a narrowed line reads as (None if it held no character), and whether that is sure enough to be kept."""

    line: TextLine | None
    is_sure: bool


def look_narrowed(image: RgbImage, quad: Quad, reader: TextReader) -> FirstLook:
    """Read a line narrowed.

    Args:
        image: H x W x 3, uint8, RGB.
        quad: of the line, in pixels of `image`.
        reader: reads text lines.
    """
    width_px = _narrowed_px(quad)
    lines = reader.read_lines(image, [quad], input_width_px=width_px)
    line = lines[0] if lines else None
    return FirstLook(line=line, is_sure=line is not None and _is_sure(line, width_px))


def _narrowed_px(quad: Quad) -> float:
    """The width to narrow a line to: whole steps of the input, as padding costs like print."""
    narrowed = _SHARE * input_width_px(quad)
    if narrowed < _NOT_STEPPED_PX:
        return narrowed
    return float(round(narrowed / WIDTH_GRAIN_PX) * WIDTH_GRAIN_PX)


def settle(first: FirstLook, image: RgbImage, quad: Quad, reader: TextReader) -> list[TextLine]:
    """Return what the first look saw if that is sure; else the line with what stands behind its caption read in full.

    None if it holds no character.
    """
    if first.line is None:
        return reader.read_lines(image, [quad])
    if first.is_sure:
        return [first.line]
    return _with_value_in_full(first.line, image, reader) or reader.read_lines(image, [quad])


def _with_value_in_full(line: TextLine, image: RgbImage, reader: TextReader) -> list[TextLine]:
    """The line with its value read anew, without its caption; none where they cannot be told apart for sure."""
    begin = _value_begin(line)
    if begin is None:
        return []
    before = next(i for i in range(begin - 1, -1, -1) if not line.text[i].isspace())
    cut_x = (line.char_x[before] + line.char_x[begin]) / 2
    values = reader.read_lines(image, [_right_part(line.corners, cut_x)])
    if not values or fuzz.ratio(values[0].text, line.text[begin:]) < _SAME_VALUE:
        return []
    return [_joined(line, begin, values[0])]


def _value_begin(line: TextLine) -> int | None:
    """The first letter behind captions that take all in front of it, parted by a colon or blank; None if unclear."""
    stop = max((label.stop for label in find_labels(line.text)), default=0)
    begin = next((i for i in range(stop, len(line.text)) if line.text[i].isalnum()), None)
    if begin is None or begin == 0 or any(_letters_beside(line, stop)):
        return None
    return begin if line.text[begin - 1] in _PARTING else None


def _right_part(quad: Quad, cut_x: float) -> Quad:
    left, right = (quad[0][0] + quad[3][0]) / 2, (quad[1][0] + quad[2][0]) / 2
    share = np.float32(np.clip((cut_x - left) / max(right - left, 1.0), 0, 1))
    top, bottom = quad[0] + share * (quad[1] - quad[0]), quad[3] + share * (quad[2] - quad[3])
    return Quad(np.stack([top, quad[1], quad[2], bottom]).astype(np.float32))


def _joined(line: TextLine, begin: int, value: TextLine) -> TextLine:
    """A line up to its value, and the value without what was seen of the colon before it."""
    start = next((i for i, letter in enumerate(value.text) if letter.isalnum()), 0)
    return replace(
        line,
        text=line.text[:begin] + value.text[start:],
        char_scores=line.char_scores[:begin] + value.char_scores[start:],
        char_x=line.char_x[:begin] + value.char_x[start:],
    )


def read_narrowed(image: RgbImage, quads: Sequence[Quad], reader: TextReader) -> list[TextLine]:
    """Read lines narrowed, and once more in full where what is not caption is not surely read.

    Args:
        image: H x W x 3, uint8, RGB.
        quads: one per line, in pixels of `image`.
        reader: reads text lines.

    Returns:
        A line per quad whose crop held any character.
    """
    firsts = ((quad, look_narrowed(image, quad, reader)) for quad in quads)
    return [line for quad, first in firsts for line in settle(first, image, quad, reader)]


def _is_sure(line: TextLine, width_px: float) -> bool:
    if is_mark(line.text) or is_part_of_issuer(line.text):
        return True
    beside = list(_letters_beside(line, len(line.text)))
    is_text = sum(letter.isalpha() for letter, _ in beside) > _LETTERS_OF_TEXT
    least_px = _LEAST_LETTER_OF_TEXT_PX if is_text else _LEAST_LETTER_PX
    is_legible = all(score >= _SURE for _, score in beside)
    is_wide = width_px / len(line.text) >= least_px
    return not beside or (is_legible and is_wide and not odd_words(_without_captions(line.text)))


def _without_captions(text: str) -> str:
    for label in find_labels(text):
        text = text[: label.start] + " " * (label.stop - label.start) + text[label.stop :]
    return text


def _letters_beside(line: TextLine, stop: int) -> Iterator[tuple[str, float]]:
    """Letters and digits up to `stop` that belong to no caption, with their scores."""
    captions = [range(label.start, label.stop) for label in find_labels(line.text)]
    for i, (letter, score) in enumerate(zip(line.text[:stop], line.char_scores, strict=False)):
        if letter.isalnum() and not any(i in caption for caption in captions):
            yield letter, score
