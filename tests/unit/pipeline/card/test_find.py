import numpy as np
import pytest

from pipeline.card.border import fit_borders, strongest_gradient
from pipeline.card.find import (
    Candidate,
    find_candidates,
    follow_card,
    without_doubles,
    without_edge_of,
)
from pipeline.card.geometry import (
    CARD_ASPECT,
    Quad,
    order_corners,
    quad_size,
    rectangle_quad,
    turn_corners,
)
from pipeline.card.rectify import rectify
from pipeline.image import RgbImage
from specimen.people import CardVersion
from specimen.scene import Shot, Surface, photograph
from tests.unit.pipeline.card.conftest import Print


@pytest.mark.parametrize(
    "shot",
    [
        Shot(),
        Shot(rotation_deg=37.0),
        Shot(rotation_deg=-100.0, share=0.6),
        Shot(rotation_deg=180.0, tilt_x_deg=20.0, tilt_y_deg=-15.0),
        Shot(share=0.35),
        Shot(surface=Surface.PALE, share=0.8),
    ],
    ids=["level", "turned", "standing", "tilted upside down", "small", "on a pale table"],
)
def test_corners_are_found_within_three_hundredths_of_the_width(
    shot: Shot, print_person: Print
) -> None:
    _, (front, _) = print_person(CardVersion.CHIP_2021)
    photo = photograph(front.image, shot, np.random.default_rng(3))
    best = find_candidates(photo.image)[0].corners
    errors = [float(np.abs(turn_corners(best, turn) - photo.corners).max()) for turn in range(4)]
    assert min(errors) < 0.03 * quad_size(order_corners(photo.corners))[0]


def test_an_empty_table_has_no_candidate() -> None:
    noise = np.random.default_rng(0).normal(120, 3, (600, 800, 3))
    assert find_candidates(RgbImage(noise.astype(np.uint8))) == []


def test_a_cut_out_card_is_its_own_candidate(print_person: Print) -> None:
    _, (front, _) = print_person(CardVersion.CHIP_2021)
    height, width = front.image.shape[:2]
    assert any(
        np.abs(candidate.corners[2] - (width - 1, height - 1)).max() < 1
        for candidate in find_candidates(front.image)
    )


def test_rectified_cards_lie_and_keep_their_resolution() -> None:
    photo = RgbImage(np.zeros((3000, 4000, 3), np.uint8))
    standing = order_corners(
        np.array([[100, 100], [1000, 100], [1000, 1520], [100, 1520]], np.float32)
    )
    card = rectify(photo, standing)
    assert card.image.shape[:2] == (900, 1427)  # the card is a little wider than 900 x 1420 at ID-1
    assert card.native_width_px == pytest.approx(1427, abs=1)


@pytest.mark.parametrize("width_px", [1500, 2600, 5200])
def test_a_fine_photo_is_shrunk_on_the_way_and_nothing_moves(width_px: int) -> None:
    height_px = round(width_px / CARD_ASPECT)
    photo = np.full((height_px + 401, width_px + 303, 3), 90, np.uint8)
    photo[200 : 200 + height_px, 100 : 100 + width_px] = 200
    left, top = 100 + width_px // 4, 200 + height_px // 4
    photo[top : top + height_px // 4, left : left + width_px // 4] = 20
    corners = Quad(rectangle_quad(width_px, height_px) + np.array([100, 200], np.float32) - 0.5)
    card = rectify(RgbImage(photo), corners).image
    height, width = card.shape[:2]
    dark = np.argwhere(card[..., 0] < 110)
    assert dark.min(axis=0) == pytest.approx((height / 4, width / 4), abs=2)
    assert dark.max(axis=0) == pytest.approx((height / 2, width / 2), abs=2)


def test_borders_are_fitted_together_as_they_are_alone() -> None:
    gradient = np.zeros((400, 600), np.float32)
    x1, y1, x2, y2 = 100, 80, 400, 270
    gradient[[y1, y2], x1:x2] = 50.0
    gradient[y1:y2, [x1, x2]] = 50.0
    near = Quad(rectangle_quad(300, 190) + np.array([103, 77], np.float32))
    away = Quad(rectangle_quad(120, 80) + np.array([440, 300], np.float32))
    (found, support), (_, none) = fit_borders([near, away], gradient)
    assert np.abs(found - (rectangle_quad(300, 190) + np.array([x1, y1]))).max() < 1
    assert support == pytest.approx(1.0)
    assert none == pytest.approx(0.0)
    alone, its_support = fit_borders([near], gradient)[0]
    assert np.allclose(alone, found)
    assert its_support == pytest.approx(support)
    assert fit_borders([], gradient) == []


def test_a_card_that_moved_a_little_is_followed_to_where_it_is_found(print_person: Print) -> None:
    _, (front, _) = print_person(CardVersion.CHIP_2021)
    photo = photograph(front.image, Shot(rotation_deg=4.0), np.random.default_rng(3)).image
    found = find_candidates(photo)[0].corners
    moved = Quad(found + np.float32(0.02) * quad_size(found)[0])
    followed = follow_card(photo, moved)
    assert followed is not None
    assert np.abs(followed.corners - found).max() < 0.01 * quad_size(found)[0]


def test_a_card_that_is_gone_is_not_followed() -> None:
    noise = np.random.default_rng(0).normal(120, 3, (600, 800, 3)).astype(np.uint8)
    assert follow_card(RgbImage(noise), Quad(rectangle_quad(400, 252) + 100)) is None


def test_of_two_borders_at_one_place_the_surer_one_is_taken() -> None:
    card, cut = rectangle_quad(856, 540), rectangle_quad(856, 500)
    other = Quad(rectangle_quad(856, 540) + np.array([2000, 0], np.float32))
    better_shape = Candidate(corners=cut, support=0.95, score=0.96)
    surer = Candidate(corners=card, support=1.0, score=0.94)
    much_worse = Candidate(corners=card, support=1.0, score=0.5)
    elsewhere = Candidate(corners=other, support=0.7, score=0.4)
    assert without_doubles([better_shape, surer, elsewhere]) == [surer, elsewhere]
    assert without_doubles([better_shape, much_worse]) == [better_shape]


def test_a_row_of_print_is_not_taken_for_the_border_above_it() -> None:
    card, cut = rectangle_quad(856, 540), rectangle_quad(856, 500)
    border = Candidate(corners=card, support=0.99, score=0.99)
    row = Candidate(corners=cut, support=1.0, score=0.93)
    doubtful = Candidate(corners=card, support=0.9, score=0.99)
    assert without_doubles([border, row]) == [border]
    assert without_doubles([doubtful, row]) == [row]


@pytest.mark.parametrize(
    ("share", "support", "kept"), [(0.95, 0.56, 0), (0.95, 0.95, 1), (0.6, 0.56, 1)]
)
def test_a_doubtful_border_along_the_edge_of_a_card_shaped_picture_is_none(
    share: float, support: float, kept: int
) -> None:
    whole = Candidate(corners=rectangle_quad(1000, 631), support=0.0, score=0.0)
    border = Candidate(corners=rectangle_quad(1000 * share, 631), support=support, score=0.5)
    assert len(without_edge_of([whole], [border])) == kept
    assert without_edge_of([], [border]) == [border]


def test_gradients_do_not_depend_on_where_arrays_lie_in_memory() -> None:
    rng = np.random.default_rng(1)
    planes = tuple(rng.integers(0, 255, (271, 386), np.uint8) for _ in range(3))
    found, elsewhere = set(), []
    for size in range(1, 60):
        elsewhere.append(np.empty(size * 37, np.float32))  # moves what is allocated next
        found.add(strongest_gradient(planes).tobytes())
    assert len(found) == 1
