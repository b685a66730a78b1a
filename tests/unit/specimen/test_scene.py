from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.image import decode_image
from specimen.camera import Look
from specimen.card import PrintedSide
from specimen.scene import Shot, draw_shot, photograph

Sides = tuple[PrintedSide, PrintedSide]


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, -45, 137])
@pytest.mark.parametrize("tilt_deg", [0, 14])
def test_corners_are_the_cards_own_and_inside_the_photo(
    sides: Sides, rotation_deg: float, tilt_deg: float
) -> None:
    shot = Shot(
        size=(960, 720), rotation_deg=rotation_deg, tilt_x_deg=tilt_deg, tilt_y_deg=-tilt_deg
    )
    photo = photograph(sides[0].image, shot, np.random.default_rng(1))
    assert photo.image.shape == (720, 960, 3)
    assert (photo.corners >= 0).all()
    assert (photo.corners <= [960, 720]).all()
    top = photo.corners[1] - photo.corners[0]
    angle = np.degrees(np.arctan2(top[1], top[0]))
    assert abs((angle - rotation_deg + 180) % 360 - 180) < 12


def test_homography_leads_back_to_the_print(sides: Sides) -> None:
    front = sides[0].image
    shot = Shot(rotation_deg=30, tilt_x_deg=8, look=Look(noise=0.5))
    photo = photograph(front, shot, np.random.default_rng(1))
    flat = cv2.warpPerspective(
        photo.image, np.linalg.inv(photo.homography), (front.shape[1], front.shape[0])
    )
    inner = (slice(100, -100), slice(100, -100))
    error = (
        cv2.GaussianBlur(flat, (0, 0), 4)[inner].astype(int)
        - cv2.GaussianBlur(front, (0, 0), 4)[inner]
    )
    assert np.abs(error).mean() < 4


def test_share_is_how_far_the_card_fills_the_frame(sides: Sides) -> None:
    photo = photograph(sides[0].image, Shot(size=(1000, 1000), share=0.6), np.random.default_rng(1))
    assert np.ptp(photo.corners[:, 0]) == pytest.approx(600, abs=2)


def test_blur_takes_the_detail_away(sides: Sides) -> None:
    shot = Shot(size=(960, 720))
    sharp, blurred = (
        photograph(sides[0].image, replace(shot, look=look), np.random.default_rng(1)).image
        for look in (Look(noise=0), Look(noise=0, blur_px=5))
    )
    assert _detail(blurred) < 0.1 * _detail(sharp)


def test_glare_burns_a_spot(sides: Sides) -> None:
    shot = Shot(size=(960, 720), glare=1.0, glare_at=(0.5, 0.5))
    photo = photograph(sides[0].image, shot, np.random.default_rng(1))
    assert photo.image[350:370, 470:490].min() > 240


def test_jpeg_is_the_photo(sides: Sides) -> None:
    photo = photograph(sides[0].image, Shot(size=(960, 720)), np.random.default_rng(1))
    decoded = decode_image(photo.jpeg, evidence="card_front").astype(int)
    assert np.abs(decoded - photo.image).mean() < 4


def test_the_same_state_takes_the_same_photo(sides: Sides) -> None:
    def take(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        shot = replace(draw_shot(rng, any_rotation=True), size=(640, 480))
        return photograph(sides[0].image, shot, rng).jpeg

    assert take(5) == take(5)
    assert take(5) != take(6)


def _detail(image: np.ndarray) -> float:
    return float(cv2.Laplacian(image, cv2.CV_64F).var())
