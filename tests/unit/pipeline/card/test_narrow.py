"""Which lines are read narrowed, and which are read in full after all."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import pytest

from pipeline.card.geometry import Quad, rectangle_quad
from pipeline.card.narrow import read_narrowed
from pipeline.card.text import TextLine, TextReader, input_width_px
from pipeline.image import RgbImage

PAGE = RgbImage(np.zeros((100, 1000, 3), np.uint8))
CAPTION = "Họ và tên / Full name:"


def line(text: str, letter_px: float, score: float = 0.99) -> TextLine:
    """A line that takes so many columns of the recogniser's input a letter."""
    quad = rectangle_quad((letter_px * len(text) * 1.36 / 48 - 0.24) * 20, 20)
    scores = (score,) * len(text)
    return TextLine(text=text, char_scores=scores, char_x=scores, corners=quad, box=(0, 0, 1, 1))


@dataclass
class OneLine:
    """Stands for a text reader: one text, with one score where it is narrowed and another in full."""

    text: str
    narrow_score: float
    unsure: int | None = None
    widths_px: list[float | None] = field(default_factory=list)

    def read_lines(
        self, _image: RgbImage, _quads: Sequence[Quad], *, input_width_px: float | None = None
    ) -> list[TextLine]:
        self.widths_px.append(input_width_px)
        score = 0.99 if input_width_px is None else self.narrow_score
        if not self.text or not score:
            return []
        read = line(self.text, 15, score)
        scores = [0.3 if i == self.unsure else score for i in range(len(self.text))]
        return [replace(read, char_scores=tuple(scores))]


@pytest.mark.parametrize(
    ("text", "letter_px", "narrow_score", "in_full"),
    [
        ("TRẦN THỊ ÁNH", 15.5, 0.95, False),
        ("TRẦN THỊ ÁNH", 15, 0.85, True),
        ("TRẦN THỊ ÁNH", 11, 0.95, True),
        ("TRẦN THỊ ÁNH", 12.5, 0.95, True),
        ("15/08/1995", 12.5, 0.95, False),
        ("Việt Nam", 12.5, 0.95, False),
        ("Sn Hồ, Lai Châu", 20, 0.95, True),
        ("Sìn Hồ, Lai Châu", 20, 0.95, False),
        (CAPTION, 15, 0.6, False),
        (f"{CAPTION} TRẦN THỊ ÁNH", 15, 0.95, False),
        (CAPTION, 15, 0.0, True),
    ],
)
def test_a_line_is_read_in_full_unless_it_is_sure_or_a_caption(
    text: str, letter_px: float, narrow_score: float, *, in_full: bool
) -> None:
    known = OneLine(text, narrow_score)
    quad = line(text, letter_px).corners
    read = read_narrowed(PAGE, [quad], cast(TextReader, known))
    assert known.widths_px == [
        pytest.approx(0.75 * input_width_px(quad), abs=8),
        *([None] * in_full),
    ]
    assert read[0].score == pytest.approx(0.99 if in_full else narrow_score)


def test_an_unsure_caption_beside_a_sure_value_is_enough() -> None:
    known = OneLine(f"{CAPTION} TRẦN THỊ ÁNH", 0.95, unsure=len(CAPTION) // 2)
    quad = line(known.text, 15).corners
    assert len(read_narrowed(PAGE, [quad], cast(TextReader, known))) == 1
    assert len(known.widths_px) == 1


def test_a_narrowed_line_takes_whole_steps_of_the_input() -> None:
    known = OneLine("Sìn Hồ, Lai Châu", 0.95)
    read_narrowed(PAGE, [line(known.text, 17).corners], cast(TextReader, known))
    assert known.widths_px == [208]


def test_a_mark_is_not_read_again_however_unsure() -> None:
    known = OneLine("SPECIMEN", 0.5)
    assert read_narrowed(PAGE, [line(known.text, 15).corners], cast(TextReader, known))
    assert len(known.widths_px) == 1


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("CỤC CẢNH SÁT QUÀN LỴ HÀNH CHÍNH", 1),
        ("VẾ TRẬT TỰ XÃ HỘI", 1),
        ("CỤC THUẾ TỈNH QUẢNG NAM", 2),
    ],
)
def test_a_row_of_the_title_of_the_police_is_not_read_again(text: str, looks: int) -> None:
    known = OneLine(text, 0.95, unsure=9)
    read_narrowed(PAGE, [line(text, 15).corners], cast(TextReader, known))
    assert len(known.widths_px) == looks


def test_where_nothing_is_printed_no_line_is_read() -> None:
    known = OneLine("", 0.0)
    assert read_narrowed(PAGE, [line(CAPTION, 15).corners], cast(TextReader, known)) == []


@dataclass
class CaptionAndValue:
    """Stands for a text reader of one line: what begins behind the caption is read as `value`."""

    value: str
    narrowed: str = f"{CAPTION} TRÂN THỊ ANH"
    read: list[tuple[float, float | None]] = field(default_factory=list)

    def read_lines(
        self, _image: RgbImage, quads: Sequence[Quad], *, input_width_px: float | None = None
    ) -> list[TextLine]:
        left = float(quads[0][0][0])
        self.read.append((left, input_width_px))
        if input_width_px is not None:
            text, score = self.narrowed, 0.5
        else:
            text, score = (self.value if left else f"{CAPTION} TRẦN THỊ ÁNH"), 0.99
        xs = tuple(left + 10.0 * (i + 0.5) for i in range(len(text)))
        scores = (score,) * len(text)
        return [replace(line(text, 15), char_scores=scores, char_x=xs, corners=quads[0])]


def read_one(known: CaptionAndValue) -> TextLine:
    quad = rectangle_quad(10.0 * len(known.narrowed), 20)
    (read,) = read_narrowed(PAGE, [quad], cast(TextReader, known))
    return read


@pytest.mark.parametrize("value", ["TRẦN THỊ ÁNH", ": TRẦN THỊ ÁNH"])
def test_of_a_caption_and_an_unsure_value_the_value_alone_is_read_again(value: str) -> None:
    known = CaptionAndValue(value)
    read = read_one(known)
    begins_px = 10.0 * (len(CAPTION) + 0.5)
    assert [left for left, _ in known.read] == [0.0, pytest.approx(begins_px, abs=6)]
    assert read.text == f"{CAPTION} TRẦN THỊ ÁNH"
    assert len(read.char_scores) == len(read.char_x) == len(read.text)
    assert read.char_scores[len(CAPTION) + 1 :] == (0.99,) * 12
    assert list(read.char_x) == sorted(read.char_x)


@pytest.mark.parametrize(
    ("value", "narrowed"),
    [
        ("Quốc tịch", f"{CAPTION} TRÂN THỊ ANH"),  # cut where the value does not begin
        ("TRẦN THỊ ÁNH", f"{CAPTION[:-1]}TRÂN THỊ ANH"),  # nothing parts them
        ("TRẦN THỊ ÁNH", f"SPEC {CAPTION} TRÂN THỊ ANH"),  # something stands in front
    ],
)
def test_where_caption_and_value_are_not_told_apart_the_whole_line_is_read(
    value: str, narrowed: str
) -> None:
    known = CaptionAndValue(value, narrowed)
    assert read_one(known).text == f"{CAPTION} TRẦN THỊ ÁNH"
    assert known.read[-1] == (0.0, None)
