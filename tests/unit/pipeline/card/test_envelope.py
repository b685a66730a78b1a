"""The border of a card whose text alone was found."""

import numpy as np
import pytest

from pipeline.card.envelope import border_around_text
from pipeline.card.geometry import CARD_ASPECT, Quad, quad_size, rectangle_quad


def rows(count: int, turn_deg: float = 0.0) -> list[Quad]:
    turn = np.radians(turn_deg)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
    lines = (rectangle_quad(800, 24) + np.array([0, 60 * i], np.float32) for i in range(count))
    return [Quad((line @ matrix + 500).astype(np.float32)) for line in lines]


@pytest.mark.parametrize("turn_deg", [0.0, 20.0, -35.0])
def test_the_border_has_a_cards_shape_and_holds_the_text(turn_deg: float) -> None:
    border = border_around_text(rows(8, turn_deg))
    width, height = sorted(quad_size(border), reverse=True)
    assert width / height == pytest.approx(CARD_ASPECT, rel=0.01)
    assert width == pytest.approx(1000, rel=0.02)


def test_a_line_far_away_does_not_widen_the_border() -> None:
    poster = Quad(rectangle_quad(300, 60) + np.float32(4000))
    assert np.allclose(border_around_text([*rows(8), poster]), border_around_text(rows(8)))
