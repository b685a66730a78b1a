from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.liveness.motion import HeadFilm, motions, motions_in_uneven_light, robust_fit
from pipeline.liveness.picture import HEIGHT, WIDTH

SIZE_PX, EYES_PX = (640, 480), 80.0
BOX = np.array([200.0, 150.0, 400.0, 400.0])


def film(shifts_px: list[float], gains: list[np.ndarray | float]) -> HeadFilm:
    """A smooth scene that is moved to the right by so many pixels of the frame, each picture in its own light."""
    rough = np.random.default_rng(4).uniform(0, 255, (HEIGHT, WIDTH)).astype(np.float32)
    smooth = cv2.GaussianBlur(rough, (0, 0), 2.0)
    whole = 128 + (smooth - smooth.mean()) * (45 / smooth.std())
    pictures = []
    for shift, gain in zip(shifts_px, gains, strict=True):
        by = np.array([[1, 0, shift * WIDTH / SIZE_PX[0]], [0, 1, 0]], np.float32)
        moved = cv2.warpAffine(whole, by, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        pictures.append((moved * gain).astype(np.float32))
    boxes = np.tile(BOX, (len(pictures), 1))
    return HeadFilm(pictures=np.stack(pictures), boxes=boxes, eyes_px=EYES_PX, size_px=SIZE_PX)


def lamp(share: float) -> np.ndarray:
    return 1 + share * np.linspace(-1, 1, WIDTH, dtype=np.float32)[None]


def test_motion_is_measured_in_eye_distances_under_light_that_changes_as_a_whole():
    moved = motions(film([0.0, 1.6, 0.8], [1.0, 1.0, 1.1]))
    assert moved.shape == (2, 6)
    assert moved[:, 0] == pytest.approx([0.02, -0.01], abs=0.003)
    assert np.abs(moved[:, 3]).max() < 0.002


@pytest.mark.parametrize("shift", [0.0, 0.012])
def test_a_lamp_to_one_side_is_no_motion_when_light_may_be_uneven(shift: float):
    lit = film([0.0, shift * EYES_PX], [1.0, lamp(0.2)])
    seemed, moved = motions(lit)[0], motions_in_uneven_light(lit, np.array([0]))[0]
    assert np.abs(moved - [shift, 0, 0, 0, 0, 0]).max() < 0.003
    assert np.abs(seemed - [shift, 0, 0, 0, 0, 0]).max() > 0.006


def test_only_the_steps_asked_for_are_measured():
    moving = film([0.0, 0.0, 1.6, 1.6], [1.0] * 4)
    assert motions_in_uneven_light(moving, np.array([1]))[0, 0] == pytest.approx(0.02, abs=0.002)
    assert motions_in_uneven_light(moving, np.array([], np.intp)).shape == (0, 6)


def test_far_off_pixels_hardly_count_in_a_fit():
    x = np.linspace(-1, 1, 48, dtype=np.float32)
    table = np.stack([np.ones_like(x), x])[None]
    change = (3 + 2 * x)[None]
    change[0, 6:40:7] += 80
    honest = robust_fit(table, change)[0]
    everything = np.linalg.lstsq(table[0].T, change[0], rcond=None)[0]
    assert np.abs(honest - [3, 2]).max() < 0.5 * np.abs(everything - [3, 2]).max()
