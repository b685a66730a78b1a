"""Which place in a photo is read as the card, with a reader that knows what each place shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pytest

from pipeline.card import side as side_module
from pipeline.card.find import Candidate
from pipeline.card.geometry import Quad, bounding_box, rectangle_quad
from pipeline.card.side import Stopwatch, read_side
from pipeline.card.text import TextLine, TextReader
from pipeline.image import RgbImage

WORDS = (
    "CĂN CƯỚC CÔNG DÂN",
    "Citizen Identity Card",
    "Quê quán / Place of origin:",
    "Họ và tên / Full name:",
    "038195000000",
)
WHOLE = Quad(rectangle_quad(856, 540) + np.float32(60))
PART = Quad(rectangle_quad(600, 378) + np.array([300, 200], np.float32))


@dataclass
class Desk:
    """Stands for a text reader: every place shows the same lines, from a margin on."""

    margin_px: float
    widths_px: list[int] = field(default_factory=list)

    def detect(self, image: RgbImage, long_side_px: int) -> list[Quad]:
        if long_side_px > 1000:
            return []  # the whole photo: its text alone tells nothing here
        self.widths_px.append(image.shape[1])
        rows = (np.array([self.margin_px, 200 + 60 * i], np.float32) for i in range(len(WORDS)))
        return [Quad(rectangle_quad(400, 40) + corner) for corner in rows]

    def read_lines(
        self, _image: RgbImage, quads: Sequence[Quad], *, input_width_px: float | None = None
    ) -> list[TextLine]:
        return [self._line(quad) for quad in quads]

    def _line(self, quad: Quad) -> TextLine:
        text = WORDS[min(len(WORDS) - 1, max(0, round(float(quad[0][1] - 200) / 60)))]
        ones = (1.0,) * len(text)
        return TextLine(text=text, char_scores=ones, char_x=ones, corners=quad, box=bounding_box(quad))  # fmt: skip


@pytest.mark.parametrize(
    ("margin_px", "part_support", "looked_at"), [(60.0, 0.7, 1), (0.0, 0.7, 1), (0.0, 1.0, 2)]
)
def test_a_part_of_a_place_that_shows_more_is_not_read(
    monkeypatch: pytest.MonkeyPatch, margin_px: float, part_support: float, looked_at: int
) -> None:
    candidates = [
        Candidate(corners=WHOLE, support=0.8, score=0.8),
        Candidate(corners=PART, support=part_support, score=0.5),
    ]
    monkeypatch.setattr(side_module, "find_candidates", lambda _photo: candidates)
    photo = RgbImage(np.full((700, 1000, 3), 200, np.uint8))
    desk = Desk(margin_px)
    read = read_side(photo, cast(TextReader, desk), Stopwatch())
    assert np.allclose(np.sort(read.card.corners, axis=0), np.sort(WHOLE, axis=0))
    assert len(desk.widths_px) == looked_at


def test_a_border_that_cuts_lines_of_a_card_that_fills_the_picture_is_not_its_border(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    picture = rectangle_quad(999, 630)
    candidates = [
        Candidate(corners=PART, support=0.7, score=0.5),
        Candidate(corners=picture, support=0.0, score=0.0),
    ]
    monkeypatch.setattr(side_module, "find_candidates", lambda _photo: candidates)
    photo = RgbImage(np.full((631, 1000, 3), 200, np.uint8))
    read = read_side(photo, cast(TextReader, Desk(60.0)), Stopwatch())
    assert np.allclose(np.sort(read.card.corners, axis=0), np.sort(picture, axis=0))


@dataclass
class FullDesk(Desk):
    """Every place shows lines that fill it."""

    def detect(self, image: RgbImage, long_side_px: int) -> list[Quad]:
        (height, width), quads = image.shape[:2], super().detect(image, long_side_px)
        corner = np.array([width - 460, height - 100], np.float32)
        return [Quad(rectangle_quad(400, 40) + 60), *quads, Quad(rectangle_quad(400, 40) + corner)]


@pytest.mark.parametrize(("support", "is_whole"), [(0.7, True), (0.8, False)])
def test_a_picture_that_a_card_fills_is_looked_at_before_doubtful_borders(
    monkeypatch: pytest.MonkeyPatch, support: float, *, is_whole: bool
) -> None:
    near = Quad(rectangle_quad(900, 568) + np.array([50, 30], np.float32))
    picture = rectangle_quad(999, 630)
    candidates = [
        Candidate(corners=near, support=support, score=0.5),
        Candidate(corners=picture, support=0.0, score=0.0),
    ]
    monkeypatch.setattr(side_module, "find_candidates", lambda _photo: candidates)
    desk = FullDesk(60.0)
    photo = RgbImage(np.full((631, 1000, 3), 200, np.uint8))
    read = read_side(photo, cast(TextReader, desk), Stopwatch())
    expected = picture if is_whole else near
    assert np.allclose(np.sort(read.card.corners, axis=0), np.sort(expected, axis=0))
    assert len(desk.widths_px) == (1 if is_whole else 2)


def test_a_card_beside_other_print_is_read_within_its_own_border(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card = Quad(rectangle_quad(480, 430) + np.array([20, 150], np.float32))
    candidates = [
        Candidate(corners=card, support=0.7, score=0.5),
        Candidate(corners=rectangle_quad(999, 630), support=0.0, score=0.0),
    ]
    monkeypatch.setattr(side_module, "find_candidates", lambda _photo: candidates)
    photo = RgbImage(np.full((631, 1000, 3), 200, np.uint8))
    read = read_side(photo, cast(TextReader, Desk(60.0)), Stopwatch())
    assert np.allclose(np.sort(read.card.corners, axis=0), np.sort(card, axis=0))


def test_a_doubtful_border_around_too_much_is_read_last(monkeypatch: pytest.MonkeyPatch) -> None:
    much = Quad(rectangle_quad(700, 441) + np.float32(20))
    candidates = [
        Candidate(corners=much, support=0.67, score=0.7),
        Candidate(corners=PART, support=0.82, score=0.5),
    ]
    monkeypatch.setattr(side_module, "find_candidates", lambda _photo: candidates)
    photo = RgbImage(np.full((700, 1000, 3), 200, np.uint8))
    read = read_side(photo, cast(TextReader, Desk(60.0)), Stopwatch())
    assert np.allclose(np.sort(read.card.corners, axis=0), np.sort(PART, axis=0))
    monkeypatch.setattr(side_module, "find_candidates", lambda _photo: candidates[:1])
    read = read_side(photo, cast(TextReader, Desk(60.0)), Stopwatch())
    assert np.allclose(np.sort(read.card.corners, axis=0), np.sort(much, axis=0))
