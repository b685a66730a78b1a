from __future__ import annotations

import numpy as np

from pipeline.liveness.attacks import (
    cut,
    flat_turn,
    frozen,
    plane_residual,
    several_faces,
    squashed_blink,
)
from pipeline.liveness.events import find_events
from pipeline.liveness.limits import FACEMESH
from pipeline.liveness.signals import Signals, Track
from tests.unit.pipeline.liveness.tracks import bump, points, times_of, track


def moving_pictures(times: np.ndarray, seed: int = 0) -> np.ndarray:
    """A scene that drifts: no two pictures are alike."""
    rng = np.random.default_rng(seed)
    base, drift = rng.uniform(0, 255, (2, 3072))
    return (base + np.outer(times, drift - 127) * 0.2).astype(np.float32)


def test_a_plane_explains_a_photo_and_not_a_head():
    flat = plane_residual(points(0, flat=True), points(28, flat=True), 80)
    head = plane_residual(points(0, flat=False), points(28, flat=False), 80)
    assert flat < 0.001
    assert head > FACEMESH.flat_residual


def test_a_turning_head_is_not_flat():
    times = times_of(4)
    yaw = 28 * bump(times, 1, 3, 0.5)
    head = track(times, yaw_deg=yaw)
    cue = flat_turn(head, find_events(head, FACEMESH), FACEMESH)
    assert cue.suspicious is False


def test_a_small_turn_is_judged_from_rest_and_not_from_half_way():
    times = times_of(4)
    head = track(times, yaw_deg=20 * bump(times, 1, 3, 0.5))
    cue = flat_turn(head, find_events(head, FACEMESH), FACEMESH)
    assert cue.score > 1.5 * cue.threshold


def test_a_flat_face_that_reads_as_a_turn_is_flat():
    times = times_of(4)
    yaw = 28 * bump(times, 1, 3, 0.5)
    photo = track(times, yaw_deg=yaw, flat=True)
    assert flat_turn(photo, find_events(photo, FACEMESH), FACEMESH).suspicious is True


def test_a_waved_photo_that_never_reads_as_a_turn_is_flat_too():
    times = times_of(4)
    swing = 30 * bump(times, 1, 3, 0.5)
    photo = track(
        times, yaw_deg=swing * 0.15, turn_deg=swing, tall=0.7 / np.cos(np.radians(swing)), flat=True
    )
    assert find_events(photo, FACEMESH) == ()
    assert flat_turn(photo, (), FACEMESH).suspicious is True


def test_nothing_turned_is_not_evaluated():
    still = track(times_of(4))
    assert flat_turn(still, (), FACEMESH).suspicious is None


def test_a_print_tilted_for_a_blink_is_squashed():
    times = times_of(4)
    dip = bump(times, 1.8, 2.4, 0.1)
    tilted = track(times, opening=0.3 * (1 - 0.5 * dip), tall=0.7 * (1 - 0.35 * dip))
    blinking = track(times, opening=0.3 * (1 - 0.9 * dip))
    assert squashed_blink(tilted, FACEMESH).suspicious is True
    assert squashed_blink(blinking, FACEMESH).suspicious is False
    assert squashed_blink(track(times), FACEMESH).suspicious is False


def test_frozen_and_looped_pictures_are_found_and_moving_ones_are_not():
    times = times_of(8)
    moving = moving_pictures(times)
    stands = moving.copy()
    stands[100:] = stands[100]
    looped = np.concatenate([moving[:50]] * 4)
    assert frozen(times, moving).suspicious is False
    assert frozen(times, stands).suspicious is True
    assert frozen(times, looped).suspicious is True


def test_a_dark_moving_scene_is_not_frozen():
    times = times_of(8)
    assert frozen(times, moving_pictures(times) * np.float32(0.1)).suspicious is False


def test_a_still_under_camera_noise_is_frozen():
    times = times_of(8)
    noise = np.random.default_rng(1).normal(0, 0.1, (len(times), 3072))
    still = moving_pictures(times)[:1] + noise
    assert frozen(times, still.astype(np.float32)).suspicious is True


def test_a_cut_in_the_picture_and_a_jump_of_the_face_are_found():
    times = times_of(4)
    calm, moving = track(times), moving_pictures(times)
    spliced = np.concatenate([moving[:50], moving_pictures(times, seed=9)[50:]])
    assert cut(calm, moving).suspicious is False
    assert cut(calm, spliced).suspicious is True
    assert cut(jumping(times), moving).suspicious is True


def test_a_quiet_scene_whose_light_changes_at_once_is_cut():
    times = times_of(4)
    still = np.tile(np.linspace(40, 200, 3072, dtype=np.float32), (len(times), 1))
    noise = np.random.default_rng(2).normal(0, 0.25, still.shape).astype(np.float32)
    brighter, a_little = still.copy(), still.copy()
    brighter[50:] += 6.5
    a_little[50:] += 4.0
    assert cut(track(times), brighter + noise).suspicious is True
    assert cut(track(times), a_little + noise).suspicious is False


def jumping(times: np.ndarray) -> Track:
    rows = [
        Signals(
            time_s=float(t), open_right=0.3, open_left=0.3, mouth=0.36, yaw_deg=0.0, tall=0.7,
            eyes_px=80.0, rigid=points(0, flat=False),
            box=np.array([100.0, 100, 300, 300]) + (100 if t > 2 else 0),
        )
        for t in times
    ]  # fmt: skip
    return Track(rows)


def test_a_second_face_needs_two_looks():
    assert several_faces([0, 0, 0.9, 0]).suspicious is False
    assert several_faces([0, 0.6, 0.9, 0]).suspicious is True
    assert several_faces([0.1, 0.2, 0.2]).suspicious is False
    assert several_faces([0.9]).suspicious is None
