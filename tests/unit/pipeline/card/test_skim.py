"""Which lines are read, which are left out, and which way up; with a reader that knows what stands where."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import pytest

from pipeline.card.geometry import CARD_ASPECT, Quad, bounding_box, rectangle_quad
from pipeline.card.rectify import Rectified
from pipeline.card.skim import SkimmedSide, skim_side
from pipeline.card.text import TextLine, TextReader
from pipeline.findings import CardVersion
from pipeline.image import RgbImage

WIDTH, HEIGHT = 1000, round(1000 / CARD_ASPECT)
#: text: x, y, width, height
FRONT = {
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM": (320, 30, 520, 24),
    "SOCIALIST REPUBLIC OF VIET NAM": (400, 80, 360, 22),
    "CĂN CƯỚC CÔNG DÂN": (340, 165, 460, 40),
    "Citizen Identity Card": (420, 210, 260, 26),
    "Số / No.: 038195000000": (340, 250, 460, 50),
    "Họ và tên / Full name:": (280, 330, 240, 24),
    "ĐẶNG THỊ ÁNH NGUYỆT": (280, 360, 330, 32),
    "Quê quán / Place of origin:": (280, 480, 270, 24),
}
BACK = {
    "Đặc điểm nhân dạng / Personal identification:": (40, 30, 440, 26),
    "Sẹo chấm cách 2cm": (40, 62, 300, 26),
    "Ngày, tháng, năm / Date, month, year: 03/06/2021": (40, 120, 560, 30),
    "CỤC TRƯỞNG CỤC CẢNH SÁT": (200, 160, 280, 24),
    "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI": (150, 190, 380, 24),
    "DIRECTOR GENERAL OF THE POLICE DEPARTMENT": (160, 220, 360, 14),
    "IDVNM1950000009038195000000<<6": (50, 430, 900, 36),
    "9508152F3508150VNM<<<<<<<<<<<6": (50, 490, 900, 36),
    "DANG<<THI<ANH<NGUYET<<<<<<<<<<": (50, 550, 900, 36),
}
Layout = dict[str, tuple[int, int, int, int]]


@dataclass
class KnownPage:
    """Stands for a text reader: lines are known by their place; turned pictures read badly."""

    layout: Layout
    read: list[str] = field(default_factory=list)
    narrowed: list[str] = field(default_factory=list)
    turned_score: float = 0.3

    @property
    def seen(self) -> list[str]:
        return [*self.read, *self.narrowed]

    def read_lines(
        self, image: RgbImage, quads: Sequence[Quad], *, input_width_px: float | None = None
    ) -> list[TextLine]:
        upright = image[0, 0, 0] == 0
        return [
            self._line(quad, narrow=input_width_px is not None, upright=upright) for quad in quads
        ]

    def _line(self, quad: Quad, *, narrow: bool, upright: bool) -> TextLine:
        middle = quad.mean(axis=0)
        if not upright:
            middle = np.array([WIDTH - 1, HEIGHT - 1]) - middle
        text = min(
            self.layout,
            key=lambda t: (
                abs(self.layout[t][0] + self.layout[t][2] / 2 - middle[0])
                + abs(self.layout[t][1] + self.layout[t][3] / 2 - middle[1])
            ),
        )
        (self.narrowed if narrow else self.read).append(text)
        score = 0.99 if upright else self.turned_score
        shown = text if upright else text[::-1]
        return TextLine(
            text=shown, char_scores=(score,) * len(text), char_x=(0.0,) * len(text),
            corners=quad, box=bounding_box(quad),
        )  # fmt: skip


def page(layout: Layout, *, upside_down: bool = False) -> tuple[Rectified, list[Quad]]:
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[-1, -1] = 255  # the corner that tells the fake reader which way up the picture is
    quads = [
        Quad(rectangle_quad(w, h) + np.array([x, y], np.float32)) for x, y, w, h in layout.values()
    ]
    card = Rectified(
        image=RgbImage(image), corners=rectangle_quad(WIDTH, HEIGHT), native_width_px=1000
    )
    if not upside_down:
        return card, quads
    corner = np.array([WIDTH - 1, HEIGHT - 1], np.float32)
    return card.turned(), [Quad(np.roll(corner - quad, -2, axis=0)) for quad in quads]


def skim(known: KnownPage, card: Rectified, quads: list[Quad]) -> SkimmedSide:
    return skim_side(card, quads, cast(TextReader, known))


def test_the_heading_of_a_front_is_left_out_and_every_other_line_read_once() -> None:
    known = KnownPage(FRONT)
    side = skim(known, *page(FRONT))
    assert side.kind is not None
    assert (side.kind.version, side.kind.side) == (CardVersion.CHIP_2021, "front")
    assert sorted(known.seen) == sorted(list(FRONT)[2:])
    assert len(side.left_out) == 2


def test_the_zone_of_a_back_is_read_narrowed_and_fine_print_left_out() -> None:
    known = KnownPage(BACK)
    side = skim(known, *page(BACK))
    assert side.kind is not None
    assert (side.kind.version, side.kind.side) == (CardVersion.CHIP_2021, "back")
    assert set(list(BACK)[6:]) <= set(known.narrowed)
    assert "DIRECTOR GENERAL OF THE POLICE DEPARTMENT" not in known.seen
    assert {line.text for line in side.lines} == set(BACK) - {
        "DIRECTOR GENERAL OF THE POLICE DEPARTMENT"
    }


def test_fine_print_is_read_where_no_issuer_was() -> None:
    without = {text: box for text, box in BACK.items() if "TRẬT TỰ" not in text}
    known = KnownPage(without)
    side = skim(known, *page(without))
    assert "DIRECTOR GENERAL OF THE POLICE DEPARTMENT" in known.seen
    assert side.left_out == ()


BORN = {"Ngày sinh / Date of birth: 15/08/1995": (280, 410, 420, 24)}
ENGLISH_TITLE = "Citizen Identity Card"
BESIDE_AND_BELOW = {
    "Ngón trỏ trái / Left index finger": (720, 40, 230, 22),
    "Nguyễn Văn Mẫu": (380, 390, 120, 30),
    "SPECIMEN": (930, 300, 60, 30),
}


def test_what_stands_between_title_and_number_is_left_out_once_the_front_was_read() -> None:
    front = FRONT | BORN | {ENGLISH_TITLE: (420, 210, 330, 22)}
    known = KnownPage(front)
    side = skim(known, *page(front))
    assert ENGLISH_TITLE not in known.seen
    assert "CĂN CƯỚC CÔNG DÂN" in known.seen
    assert len(side.left_out) == 3


def test_above_a_number_that_stands_elsewhere_all_is_read() -> None:
    low = (
        FRONT
        | BORN
        | {ENGLISH_TITLE: (420, 210, 330, 22), "Số / No.: 038195000000": (340, 560, 460, 50)}
    )
    known = KnownPage(low)
    skim(known, *page(low))
    assert ENGLISH_TITLE in known.seen


def test_beside_and_below_the_values_of_a_back_nothing_is_read() -> None:
    back = BACK | BESIDE_AND_BELOW
    known = KnownPage(back)
    side = skim(known, *page(back))
    assert not set(BESIDE_AND_BELOW) & set(known.seen)
    assert len(side.left_out) == 4
    assert set(list(BACK)[:5]) <= set(known.seen)


@pytest.mark.parametrize("lacking", ["Ngày", "Đặc điểm", "TRẬT TỰ"])
def test_a_back_is_read_whole_while_one_of_its_values_is_missing(lacking: str) -> None:
    back = {t: box for t, box in (BACK | BESIDE_AND_BELOW).items() if lacking not in t}
    known = KnownPage(back)
    skim(known, *page(back))
    assert set(BESIDE_AND_BELOW) <= set(known.seen)


def test_the_second_part_of_a_broken_description_is_no_column_of_its_own() -> None:
    back = BACK | BESIDE_AND_BELOW | {"trước tai trái": (610, 34, 150, 26)}
    back |= {"Ngày, tháng, năm / Date, month, year: 03/06/2021": (40, 120, 600, 30)}
    known = KnownPage(back)
    skim(known, *page(back))
    assert "trước tai trái" in known.seen


def test_a_zone_that_lacks_letters_when_narrowed_is_read_wider() -> None:
    @dataclass
    class Losing(KnownPage):
        widths_px: list[float | None] = field(default_factory=list)

        def read_lines(
            self, image: RgbImage, quads: Sequence[Quad], *, input_width_px: float | None = None
        ) -> list[TextLine]:
            lines = super().read_lines(image, quads, input_width_px=input_width_px)
            if lines and "<<" in lines[0].text:
                self.widths_px.append(input_width_px)
                if input_width_px == 368.0:
                    return [replace(lines[0], text=lines[0].text[:-1])]
            return lines

    known = Losing(BACK)
    side = skim(known, *page(BACK))
    assert known.widths_px == [368.0, 480.0] * 3
    assert {line.text for line in side.lines} >= set(list(BACK)[6:])


def test_all_is_read_where_the_side_is_not_sure() -> None:
    unclear = {
        t: FRONT[t] for t in FRONT if "CĂN" not in t and "Citizen" not in t and "Quê" not in t
    }
    known = KnownPage(unclear)
    assert skim(known, *page(unclear)).kind is None
    assert all(known.seen.count(text) >= 2 for text in unclear)  # either way up


def test_a_side_upside_down_is_turned_and_its_lines_read() -> None:
    for layout in (FRONT, BACK):
        known = KnownPage(layout)
        side = skim(known, *page(layout, upside_down=True))
        assert side.kind is not None
        assert side.card.image[0, 0, 0] == 0


def test_a_side_that_is_legible_upside_down_is_turned_all_the_same() -> None:
    for layout in (FRONT, BACK):
        known = KnownPage(layout, turned_score=0.97)
        side = skim(known, *page(layout, upside_down=True))
        assert side.kind is not None
        assert side.card.image[0, 0, 0] == 0


def test_no_line_is_read_to_tell_which_way_up_that_needs_no_reading_on_a_front() -> None:
    layout = FRONT | BORN | {ENGLISH_TITLE: (420, 210, 208, 26)}  # its shape tells best
    known = KnownPage(layout)
    skim(known, *page(layout))
    assert ENGLISH_TITLE not in known.seen


def test_labels_of_2024_alone_spare_what_stands_above_the_number() -> None:
    above = "Số định danh cá nhân / Personal identification number:"
    front = {
        "Độc lập - Tự do - Hạnh phúc": (400, 60, 300, 24),
        above: (280, 200, 420, 24),
        "038195000000": (280, 230, 260, 40),
        "Họ, chữ đệm và tên khai sinh / Full name:": (280, 290, 380, 24),
        "ĐẶNG THỊ ÁNH NGUYỆT": (280, 320, 330, 32),
        "Ngày, tháng, năm sinh / Date of birth:": (280, 380, 340, 24),
        "15/08/1995": (640, 380, 140, 24),
        "Giới tính / Sex: Nữ": (280, 430, 190, 24),
    }
    known = KnownPage(front)
    side = skim(known, *page(front))
    assert above not in known.seen
    assert side.kind is not None
    assert side.kind.version is CardVersion.CAN_CUOC_2024
