from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.image import RgbImage
from pipeline.liveness.attacks import spliced
from pipeline.liveness.picture import HEIGHT, WIDTH, thumbnail
from pipeline.liveness.seams import SEAM_RATIO, Seam, strongest_seam
from pipeline.liveness.signals import Track
from tests.unit.pipeline.liveness.tracks import EYES_PX, times_of, track

SIZE_PX = (640, 480)


def scene(seed: int = 4) -> np.ndarray:
    rough = np.random.default_rng(seed).uniform(0, 255, (SIZE_PX[1], SIZE_PX[0])).astype(np.float32)
    smooth = cv2.GaussianBlur(rough, (0, 0), 14)
    return 128 + (smooth - smooth.mean()) * (45 / smooth.std())


def filmed(shifts: np.ndarray, gains: np.ndarray | float = 1.0) -> np.ndarray:
    """Thumbnails of a head (the whole scene) that is moved by so many eye distances in each frame, with noise."""
    rng, whole, rows = np.random.default_rng(5), scene(), []
    for shift, gain in zip(shifts, np.broadcast_to(gains, shifts.shape), strict=True):
        by = np.array([[1, 0, shift * EYES_PX], [0, 1, 0]], np.float32)
        moved = cv2.warpAffine(whole, by, SIZE_PX, borderMode=cv2.BORDER_REFLECT)
        rows.append(thumbnail(rgb_of(moved * gain + rng.normal(0, 2, moved.shape))))
    return np.stack(rows)


def rgb_of(grey: np.ndarray) -> RgbImage:
    return RgbImage(np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2))


def seam_of(times: np.ndarray, shifts: np.ndarray, gains: np.ndarray | float = 1.0) -> Seam | None:
    return strongest_seam(track(times), times, filmed(shifts, gains), SIZE_PX)


def drift(times: np.ndarray, speed: float = 0.05, jump: float = 0.0) -> np.ndarray:
    return speed * times + np.where(times >= 1.0, jump, 0.0)


@pytest.mark.parametrize("jump", [0.02, 0.05, 0.1])
def test_a_head_at_rest_that_is_suddenly_elsewhere_is_a_seam(jump: float):
    times = times_of(2, 12.0)
    seam = seam_of(times, drift(times, jump=jump))
    assert seam is not None
    assert seam.ratio > SEAM_RATIO
    assert seam.time_s == pytest.approx(1.0, abs=0.05)
    assert spliced(seam).suspicious is True


def test_a_seam_shows_right_behind_the_end_of_an_action():
    times = times_of(2, 12.0)
    ending = (
        0.4 * np.maximum(0.85 - times, 0) ** 2
    )  # the head comes to rest two frames before the seam
    assert spliced(seam_of(times, drift(times, 0.01, jump=0.03) - ending)).suspicious is True
    assert spliced(seam_of(times, drift(times, 0.01) - ending)).suspicious is False


def test_a_small_seam_shows_beside_the_end_of_an_action_because_the_light_jumps_too():
    times = times_of(2, 12.0)
    ending = 0.6 * np.maximum(0.9 - times, 0) ** 2  # the neighbour before the last still moves
    moved = drift(times, 0.01, jump=0.02) - ending
    head_alone, in_another_light = (
        seam_of(times, moved, np.where(times >= 1.0, gain, 1.0)) for gain in (1.0, 1.12)
    )
    assert head_alone is not None
    assert in_another_light is not None
    assert in_another_light.ratio > 1.5 * head_alone.ratio
    assert spliced(in_another_light).suspicious is True


@pytest.mark.parametrize("fps", [12.0, 25.0, 30.0])
def test_a_drifting_head_has_no_seam_at_any_rate(fps: float):
    times = times_of(2, fps)
    assert spliced(seam_of(times, drift(times, 0.15))).suspicious is False


def test_a_head_that_starts_to_turn_has_no_seam():
    times = times_of(2, 12.0)
    starts = 0.8 * np.maximum(times - 1.0, 0) ** 2
    assert spliced(seam_of(times, starts)).suspicious is False


def test_a_step_within_the_noise_is_no_seam():
    times = times_of(2, 12.0)
    assert spliced(seam_of(times, drift(times, jump=0.006))).suspicious is False


def two_rooms(jump: float, second: float, uneven: float = 0.0) -> Seam | None:
    """A head cut from one recording into another: so far off, a share of another room behind it, in uneven light."""
    times = times_of(2, 12.0)
    after = (times >= 1.0)[:, None]
    whole, other = filmed(drift(times, 0.01, jump)), thumbnail(rgb_of(scene(seed=9)))
    behind = np.full((HEIGHT, WIDTH), second, np.float32)
    behind[2:42, 15:45] = 0.0
    fall = 1 + uneven * np.tile(np.linspace(-1, 1, WIDTH, dtype=np.float32), HEIGHT)
    mixed = (whole + behind.ravel() * (other - whole)) * fall
    return strongest_seam(track(times), times, np.where(after, mixed, whole), SIZE_PX)


def test_a_step_within_the_noise_is_a_seam_where_the_scene_changes_too():
    nothing_else, another_scene = two_rooms(0.006, 0.0), two_rooms(0.006, 0.15)
    assert nothing_else is not None
    assert another_scene is not None
    assert nothing_else.ratio == 0.0
    assert another_scene.ratio > SEAM_RATIO
    assert another_scene.time_s == pytest.approx(1.0, abs=0.05)


def test_a_seam_counts_more_where_the_scene_changes_and_never_less():
    plain, changed = two_rooms(0.02, 0.0), two_rooms(0.02, 0.15)
    assert plain is not None
    assert changed is not None
    assert plain.ratio > SEAM_RATIO
    assert changed.ratio > 1.5 * plain.ratio


def test_another_scene_behind_a_head_that_stays_is_no_seam():
    assert spliced(two_rooms(0.0, 0.15)).suspicious is False


def test_a_lamp_to_one_side_moves_no_head_and_hides_none():
    assert spliced(two_rooms(0.0, 0.0, uneven=0.12)).suspicious is False
    assert spliced(two_rooms(0.012, 0.0, uneven=0.12)).suspicious is True
    assert spliced(two_rooms(0.012, 0.0, uneven=-0.12)).suspicious is True


def test_a_lamp_that_is_switched_on_moves_no_head():
    times = times_of(2, 12.0)
    seam = seam_of(times, drift(times), np.where(times >= 1.0, 1.08, 1.0))
    assert spliced(seam).suspicious is False


def test_pictures_that_are_shown_twice_make_no_seam():
    times = times_of(2, 25.0)
    pictures = filmed(drift(times, 0.15))
    held = np.arange(len(times))
    held[22:26] = 22
    assert spliced(strongest_seam(track(times), times, pictures[held], SIZE_PX)).suspicious is False


def test_a_head_that_never_rests_is_not_judged():
    times = times_of(2, 12.0)
    cue = spliced(seam_of(times, drift(times, speed=1.0, jump=0.05)))
    assert cue.suspicious is None
    assert cue.score is None


def test_too_few_frames_are_not_judged():
    times = times_of(0.4, 12.0)
    assert seam_of(times, drift(times)) is None
    assert strongest_seam(Track([]), times, filmed(drift(times)), SIZE_PX) is None
