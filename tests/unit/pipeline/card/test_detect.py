"""From the net's map to lines: what is one line, what is none, and what is a line with something that touches it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.detect import line_corners
from pipeline.card.geometry import bounding_box

MAP_HEIGHT, MAP_WIDTH = 352, 576


def bar(x: int, y: int, width: int, height: int, chance: float = 0.95) -> NDArray[np.float32]:
    found = np.zeros((MAP_HEIGHT, MAP_WIDTH), np.float32)
    found[y : y + height, x : x + width] = chance
    return found


def boxes(probability: NDArray[np.float32], scale: int = 1) -> list[list[int]]:
    size = (MAP_HEIGHT * scale, MAP_WIDTH * scale)
    return [[round(v) for v in bounding_box(quad)] for quad in line_corners(probability, size)]


def test_a_line_is_widened_by_what_training_shrank_it() -> None:
    assert boxes(bar(100, 50, 180, 8), scale=2) == [[190, 90, 568, 124]]


def test_what_is_no_text_for_sure_is_no_line() -> None:
    assert boxes(bar(100, 50, 180, 8, chance=0.45)) == []


def test_a_line_is_parted_from_the_stamp_that_touches_it() -> None:
    found = bar(100, 50, 180, 7)
    cv2.circle(found, (140, 68), 12, 0.4, 3)
    (left, top, right, bottom), *others = boxes(found)
    assert not others
    assert abs(left - 95) <= 6
    assert abs(right - 284) <= 6
    assert 38 <= top <= 48
    assert 58 <= bottom <= 66


def test_a_stamp_alone_is_no_line() -> None:
    found = np.zeros((MAP_HEIGHT, MAP_WIDTH), np.float32)
    cv2.circle(found, (140, 90), 40, 0.9, 4)
    assert boxes(found) == []
