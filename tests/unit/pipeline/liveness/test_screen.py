from __future__ import annotations

import numpy as np
import pytest

from pipeline.liveness.attacks import screen, screen_rim
from pipeline.liveness.screen import (
    SCREEN_PEAK,
    SCREEN_RIM,
    ScreenSigns,
    ScreenWatch,
    rim_step,
    screen_peak,
)


def picture(
    moire: float, period_px: float = 5.0, *, seed: int = 3, noise: float = 2.0
) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:300, :400]
    scene = 120 + 60 * np.sin(x / 60) + rng.normal(0, noise, x.shape)
    wave = 2 * np.pi / period_px
    beat = np.sin(wave * (x + 0.1 * y)) * np.sin(wave * 0.97 * (y - 0.1 * x))
    grey = np.clip(scene * (1 + moire * beat), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def watched(*pictures: np.ndarray) -> ScreenSigns:
    watch = ScreenWatch()
    for one in pictures:
        watch.see(one)
        watch.look(one)
    return watch.signs()


def framed(width: int, level: int = 20) -> np.ndarray:
    y, x = np.mgrid[:300, :400]
    scene = (128 + 60 * np.sin(x / 31) + 30 * np.cos(y / 23)).astype(np.float32)
    if width:
        inner = scene[width:-width, width:-width].copy()
        scene[:] = level
        scene[width:-width, width:-width] = inner
    return scene


@pytest.mark.parametrize("period_px", [2.5, 3.0, 5.0])
def test_the_grid_of_a_screen_stands_out_of_the_spectrum(period_px: float):
    plain, filmed = screen_peak(picture(0.0)), screen_peak(picture(0.06, period_px))
    assert plain is not None
    assert filmed is not None
    assert plain < SCREEN_PEAK < filmed


def test_a_faint_grid_stands_out_of_many_pictures_and_not_of_one():
    pictures = [picture(0.005, seed=seed, noise=6.0) for seed in range(40)]
    first = screen_peak(pictures[0])
    assert first is not None
    assert first < SCREEN_PEAK
    assert screen(watched(*pictures)).suspicious is True


def test_many_pictures_without_a_grid_show_none():
    pictures = [picture(0.0, seed=seed, noise=6.0) for seed in range(40)]
    assert screen(watched(*pictures)).suspicious is False


def test_small_pictures_are_not_judged():
    small = np.zeros((200, 400, 3), np.uint8)
    assert screen_peak(small) is None
    assert screen(watched(small)).suspicious is None


@pytest.mark.parametrize("width", [1, 5, 20])
def test_an_even_frame_around_the_picture_is_a_rim(width: int):
    signs = ScreenSigns(peak=None, rim=rim_step(framed(width)))
    assert signs.rim > SCREEN_RIM
    assert screen_rim(signs).suspicious is True


def test_a_picture_without_a_frame_has_no_rim():
    assert rim_step(framed(0)) == 0.0


def test_bars_on_two_sides_are_no_rim():
    barred = framed(0)
    barred[:, :30] = barred[:, -30:] = 0
    assert rim_step(barred) < SCREEN_RIM


def test_an_even_picture_has_no_rim():
    even = ScreenSigns(peak=None, rim=rim_step(np.full((300, 400), 30, np.float32)))
    assert even.rim == 0.0
    assert screen_rim(even).suspicious is False
