from __future__ import annotations

import numpy as np
import pytest

from pipeline.liveness.attacks import screen, spliced
from pipeline.liveness.screen import SCREEN_PEAK, screen_peak
from pipeline.liveness.seams import SEAM_RATIO, strongest_seam
from pipeline.liveness.signals import Signals, Track
from tests.unit.pipeline.liveness.tracks import EYES_PX, points, times_of


def swaying(jump: float, *, at_s: float = 2.0, fps: float = 12.0, speed: float = 0.05) -> Track:
    """A head that drifts by `speed` eye distances a second and jumps once by `jump` of them."""
    rows = []
    for t in times_of(4, fps):
        shift = EYES_PX * (speed * t + (jump if t >= at_s else 0.0))
        rows.append(
            Signals(
                time_s=float(t), open_right=0.3, open_left=0.3, mouth=0.36, yaw_deg=0.0, tall=0.7,
                eyes_px=EYES_PX, rigid=points(0, flat=False) + np.array([shift, 0.0]),
                box=np.array([200.0, 150.0, 400.0, 400.0]),
            )
        )  # fmt: skip
    return Track(rows)


def test_a_head_at_rest_that_is_suddenly_elsewhere_is_a_seam():
    seam = strongest_seam(swaying(0.05))
    assert seam is not None
    assert seam.ratio > SEAM_RATIO
    assert seam.time_s == pytest.approx(2.0, abs=0.1)
    assert spliced(swaying(0.05)).suspicious is True


@pytest.mark.parametrize("fps", [12.0, 25.0, 30.0])
def test_a_drifting_head_has_no_seam_at_any_rate(fps: float):
    assert spliced(swaying(0.0, fps=fps)).suspicious is False


def test_jitter_of_the_landmarks_is_no_seam():
    assert spliced(swaying(0.012)).suspicious is False


def test_a_head_that_never_rests_is_not_judged():
    cue = spliced(swaying(0.05, speed=1.0))
    assert cue.suspicious is None
    assert cue.score is None


def test_too_few_frames_are_not_judged():
    assert strongest_seam(Track([])) is None


def picture(moire: float, period_px: float = 5.0) -> np.ndarray:
    rng = np.random.default_rng(3)
    y, x = np.mgrid[:300, :400]
    scene = 120 + 60 * np.sin(x / 60) + rng.normal(0, 2, x.shape)
    wave = 2 * np.pi / period_px
    beat = np.sin(wave * (x + 0.1 * y)) * np.sin(wave * 0.97 * (y - 0.1 * x))
    grey = np.clip(scene * (1 + moire * beat), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def test_the_grid_of_a_screen_stands_out_of_the_spectrum():
    plain, filmed = screen_peak(picture(0.0)), screen_peak(picture(0.06))
    assert plain is not None
    assert filmed is not None
    assert plain < SCREEN_PEAK < filmed


def test_one_look_that_shows_a_pattern_is_not_enough():
    assert screen([1.3, 3.5, 1.4]).suspicious is False
    assert screen([3.1, 3.5, 1.4]).suspicious is True


def test_small_pictures_are_not_judged():
    assert screen_peak(np.zeros((200, 400, 3), np.uint8)) is None
    assert screen([]).suspicious is None
