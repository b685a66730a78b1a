from __future__ import annotations

import numpy as np
import pytest

from pipeline.face.region import (
    Region,
    crop,
    crop_sharpened,
    lift_dark,
    overlap,
    project,
    region_around,
)
from pipeline.image import RgbImage


def test_a_region_maps_its_crop_onto_its_square():
    matrix = Region(x=100, y=50, side=40, angle=0).to_picture(192)
    corners = np.array([[0, 0, 0], [192, 0, 0], [192, 192, 96], [96, 96, 0]], np.float32)
    assert project(corners, matrix) == pytest.approx(
        np.array([[80, 30, 0], [120, 30, 0], [120, 70, 20], [100, 50, 0]])
    )


def test_a_mirrored_region_swaps_left_and_right():
    region = Region(x=100, y=50, side=64, angle=0)
    left = project(np.array([[0, 0, 0]], np.float32), region.to_picture(64, mirrored=True))
    assert left[0, :2] == pytest.approx([132, 18])


def test_a_region_is_upright_along_the_eyes():
    low, high = np.array([0.0, 0.0]), np.array([10.0, 20.0])
    right, left = np.array([2.0, 5.0]), np.array([8.0, 5.0])
    region = region_around(low, high, right, left, scale=1.5)
    assert (region.x, region.y, region.side, region.angle) == (5, 10, 30, 0)
    assert region_around(low, high, left, right, scale=1).angle == pytest.approx(np.pi)


def test_what_is_enlarged_keeps_a_steeper_edge():
    picture = RgbImage(np.full((60, 60, 3), 180, np.uint8))
    picture[30:] = 60
    small, large = (Region(x=30, y=30, side=s, angle=0).to_picture(64) for s in (32, 64))
    steepest = [
        np.abs(np.diff(cut(picture, small, 64)[:, 32, 0])).max() for cut in (crop, crop_sharpened)
    ]
    assert steepest[1] > 1.3 * steepest[0]
    assert np.array_equal(crop(picture, large, 64), crop_sharpened(picture, large, 64))


def test_flat_skin_stays_flat_when_it_is_enlarged():
    picture = RgbImage(np.full((60, 60, 3), 180, np.uint8))
    matrix = Region(x=30, y=30, side=32, angle=0).to_picture(64)
    assert crop_sharpened(picture, matrix, 64) == pytest.approx(180 / 255, abs=1e-3)


def test_overlap_is_the_share_of_the_union():
    boxes = np.array([[0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6]], float)
    assert overlap(boxes[0], boxes) == pytest.approx([1, 1 / 3, 0])


def test_only_a_dark_picture_is_lifted():
    dark, bright = (RgbImage(np.full((64, 64, 3), v, np.uint8)) for v in (30, 180))
    assert lift_dark(dark).max() == pytest.approx(235, abs=1)
    assert lift_dark(bright) is bright
