import numpy as np
import pytest

from pipeline.card.shrink import halved_towards


@pytest.mark.parametrize(
    ("size", "wanted", "expected"),
    [
        ((1009, 1600), (576, 352), (504, 800)),
        ((4000, 6000), (720, 480), (500, 750)),
        ((703, 1151), (576, 352), (703, 1151)),
        ((704, 1152), (576, 352), (352, 576)),
    ],
)
def test_a_picture_is_halved_down_to_less_than_twice_what_is_wanted(
    size: tuple[int, int], wanted: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert halved_towards(np.zeros((*size, 3), np.uint8), *wanted).shape == (*expected, 3)


def test_halving_takes_means_of_four() -> None:
    picture = np.array([[0, 100, 7], [50, 250, 7], [9, 9, 9]], np.uint8)
    assert halved_towards(picture, 1, 1).tolist() == [[100]]
