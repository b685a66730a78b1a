"""The title of who issued a card, drawn by hand with a stamp on it, for a reader that lost it at first."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.card.authority import read_authority
from pipeline.card.geometry import CARD_ASPECT, Quad
from pipeline.card.phrases import POLICE_DEPARTMENT
from pipeline.card.reader import CardReader
from pipeline.card.second_look import look_again_for_issuer
from pipeline.card.text import TextLine, TextReader
from pipeline.findings import CardVersion
from pipeline.image import RgbImage
from specimen.canvas import BOLD, font

WIDTH, HEIGHT = 1000, round(1000 / CARD_ASPECT)
RED = (196, 24, 30)


def draw_stamped_title(rows: Sequence[str]) -> RgbImage:
    page = Image.new("RGB", (WIDTH, HEIGHT), (222, 236, 240))
    pen = ImageDraw.Draw(page)
    face = font(BOLD, 20)
    for i, row in enumerate(rows):
        pen.text((620, 330 + 26 * i), row, font=face, fill=(20, 40, 70), anchor="mm")
    pen.ellipse((470, 345, 650, 525), outline=RED, width=7)
    pen.ellipse((510, 385, 610, 485), fill=RED)
    return RgbImage(np.asarray(page))


@pytest.mark.parametrize("title", POLICE_DEPARTMENT)
def test_a_title_under_a_stamp_is_read(reader: CardReader, title: str) -> None:
    office = "CỤC TRƯỞNG CỤC CẢNH SÁT"
    picture = draw_stamped_title([office, title.removeprefix(office + " ")])
    lines = look_again_for_issuer(picture, [], reader._text)
    authority = read_authority(lines, CardVersion.BARCODE_2016)
    assert authority is not None
    assert authority.value == title


def test_a_back_without_a_title_gets_none(reader: CardReader) -> None:
    picture = draw_stamped_title(["Nguyễn Văn Mẫu"])
    lines = look_again_for_issuer(picture, [], reader._text)
    assert read_authority(lines, CardVersion.BARCODE_2016) is None


class OneLine:
    """Stands for a text reader that sees one line, in the middle of what it is shown, and counts what it reads."""

    def __init__(self) -> None:
        self.read: list[Quad] = []

    def detect(self, image: RgbImage, long_side_px: int) -> list[Quad]:
        assert np.ptp(image, axis=2).max() == 0, "red ink is to be gone"
        height, width = image.shape[:2]
        x, y = width / 2, height / 2
        corners = [[x - 100, y - 10], [x + 100, y - 10], [x + 100, y + 10], [x - 100, y + 10]]
        return [Quad(np.array(corners, np.float32))]

    def read_lines(self, image: RgbImage, quads: Sequence[Quad]) -> list[TextLine]:
        self.read += quads
        return []


def test_only_what_was_read_well_in_its_own_row_is_not_read_again() -> None:
    picture = RgbImage(np.full((HEIGHT, WIDTH, 3), (200, 180, 160), np.uint8))
    place = (400.0, 278.0, 600.0, 302.0)
    for score, reach_px, again in ((0.99, 0, 0), (0.4, 0, 1), (0.99, 20, 1)):
        stub = OneLine()
        read = TextLine(
            text="Ô",
            char_scores=(score,),
            char_x=(0.0,),
            corners=_corners(place, reach_px),
            box=place,
        )
        look_again_for_issuer(picture, [read], cast(TextReader, stub))
        assert len(stub.read) == again


def _corners(box: tuple[float, float, float, float], reach_px: float) -> Quad:
    """A quad that may reach up into the row above."""
    x1, y1, x2, y2 = box[0], box[1] - reach_px, *box[2:]
    return Quad(np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32))
