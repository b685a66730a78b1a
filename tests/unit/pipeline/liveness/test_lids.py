from __future__ import annotations

import numpy as np
import pytest

from pipeline.face.mesh import Eye
from pipeline.face.mesh_points import EYE_LEFT_CORNERS, EYE_RIGHT_CORNERS, LIDS
from pipeline.liveness.lids import LidWatch

#: Eyes of 40 pixels in a picture of 200 x 100: outer and inner corners.
CORNERS = {EYE_RIGHT_CORNERS: ((30, 50), (70, 50)), EYE_LEFT_CORNERS: ((170, 50), (130, 50))}
OPEN = 0.3


class DrawnEyes:
    """Stands for the eye model: knows how far the drawn eyes are open, and counts how often it is asked."""

    def __init__(self) -> None:
        self.opening, self.asked = OPEN, 0

    def ring(self, rgb: np.ndarray, mesh: np.ndarray, eye: Eye, *, sharpen: bool) -> np.ndarray:
        self.asked += 1
        ring = np.zeros((71, 2))
        lids = ring[LIDS]
        lids[8] = (1, 0)
        lids[2:7, 1], lids[10:15, 1] = self.opening / 2, -self.opening / 2
        return ring


def mesh() -> np.ndarray:
    points = np.zeros((468, 3))
    for indices, places in CORNERS.items():
        points[list(indices), :2] = places
    return points


def picture(opening: float) -> np.ndarray:
    """Two dark slits on skin."""
    rgb = np.full((100, 200, 3), 170, np.uint8)
    half = max(round(20 * opening), 0)
    for x in (30, 130):
        rgb[50 - half : 50 + half, x : x + 40] = 40
    return rgb


def watched(openings: list[float], fps: float = 25, yaw_deg: float = 0) -> tuple[list[float], int]:
    model = DrawnEyes()
    watch, gaps = LidWatch(model), []
    for i, opening in enumerate(openings):
        model.opening = opening
        gaps.append(watch.gaps(picture(opening), mesh(), i / fps, yaw_deg)[0])
    return gaps, model.asked


def test_an_eye_that_does_not_move_is_measured_now_and_then():
    gaps, asked = watched([OPEN] * 75)
    assert gaps[0] == pytest.approx(OPEN)
    assert asked <= 2 * 3 / 0.4 + 2
    assert np.nanmax(np.diff(np.flatnonzero(~np.isnan(gaps)))) / 25 <= 0.45


def test_every_frame_of_a_closing_is_measured():
    dip = [0.28, 0.2, 0.1, 0.02, 0.1, 0.2, 0.28]
    gaps, _ = watched([*[OPEN] * 30, *dip, *[OPEN] * 30])
    assert np.nanmin(gaps) == pytest.approx(0.02)
    assert not np.isnan(gaps[32:36]).any()


def test_a_blink_of_a_single_frame_is_measured():
    gaps, _ = watched([*[OPEN] * 30, 0.02, *[OPEN] * 30])
    assert np.nanmin(gaps) == pytest.approx(0.02)


def test_lids_of_a_turned_head_are_not_measured():
    assert watched([OPEN] * 30, yaw_deg=40)[1] == 2


class WaveringEyes(DrawnEyes):
    """Reads an eye wider in a crop right of it, and narrower, by more, in one left of it."""

    def ring(self, rgb: np.ndarray, mesh: np.ndarray, eye: Eye, *, sharpen: bool) -> np.ndarray:
        ring = super().ring(rgb, mesh, eye, sharpen=sharpen)
        aside = np.sign(mesh[EYE_RIGHT_CORNERS[0], 0] - CORNERS[EYE_RIGHT_CORNERS][0][0])
        ring[LIDS][10:15, 1] -= {0: 0.0, 1: 0.015, -1: -0.045}[int(aside)]
        return ring


@pytest.mark.parametrize(
    ("share", "read"), [(0.4, 0.4), (0.62, 0.62 - 0.03 / 3 / OPEN), (0.8, 0.8)]
)
def test_lids_that_may_or_may_not_be_a_blink_are_measured_in_three_crops(share, read):
    model = WaveringEyes()
    watch = LidWatch(model)
    for i in range(60):
        watch.gaps(picture(OPEN), mesh(), i / 25, 0)
    model.opening, asked = share * OPEN, model.asked
    right, left = watch.gaps(picture(share * OPEN), mesh(), 2.9, 0)
    assert (right, left) == pytest.approx((read * OPEN, read * OPEN))
    assert model.asked - asked == (6 if share == 0.62 else 2)
