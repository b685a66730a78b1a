"""Reads lines narrowed, and again in full where that is not enough: the recogniser's cost is the width of its input.

Captions are known from bad print, too, and most values are as sure when narrowed. Of 496 lines of validation cards 193
were captions, all of them recognised at 0.6 of their width; at 0.75 the others were sure in 253 of 303 cases, and 6 of
these differed from what the full width gave, two of them for the better.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.card.geometry import Quad
from pipeline.card.labels import find_labels
from pipeline.card.text import TextLine, TextReader, input_width_px
from pipeline.image import RgbImage

_SHARE = 0.75
#: A value is surely read if its weakest letter has this probability and letters kept so many columns of the input;
#: running text more of them, for between its wide letters a narrow one is lost without a trace (of `Trần` in a serif at
#: 9.5 columns a letter the r, at 0.99). Of 62 values of validation cards 2 are read in full for it.
_SURE, _LEAST_LETTER_PX, _LEAST_LETTER_OF_TEXT_PX = 0.9, 8.5, 10.0
#: A value with more letters is running text.
_LETTERS_OF_TEXT = 8


def read_narrowed(image: RgbImage, quads: Sequence[Quad], reader: TextReader) -> list[TextLine]:
    """Read lines narrowed, and once more in full where what is not caption is not surely read.

    Args:
        image: H x W x 3, uint8, RGB.
        quads: one per line, in pixels of `image`.
        reader: reads text lines.

    Returns:
        A line per quad whose crop held any character.
    """
    return [line for quad in quads for line in _read(image, quad, reader)]


def _read(image: RgbImage, quad: Quad, reader: TextReader) -> list[TextLine]:
    width_px = _SHARE * input_width_px(quad)
    narrowed = reader.read_lines(image, [quad], input_width_px=width_px)
    if narrowed and _is_sure(narrowed[0], width_px):
        return narrowed
    return reader.read_lines(image, [quad])


def _is_sure(line: TextLine, width_px: float) -> bool:
    captions = [range(label.start, label.stop) for label in find_labels(line.text)]
    beside = [
        (letter, score)
        for i, (letter, score) in enumerate(zip(line.text, line.char_scores, strict=True))
        if letter.isalnum() and not any(i in caption for caption in captions)
    ]
    is_text = sum(letter.isalpha() for letter, _ in beside) > _LETTERS_OF_TEXT
    least_px = _LEAST_LETTER_OF_TEXT_PX if is_text else _LEAST_LETTER_PX
    is_legible = all(score >= _SURE for _, score in beside)
    return not beside or (is_legible and width_px / len(line.text) >= least_px)
