"""Which frames are looked at, on a tracker that follows a script instead of pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from pipeline.image import RgbImage
from pipeline.liveness.clip import ClipFrame
from pipeline.liveness.limits import DLIB68, FACEMESH, EventLimits
from pipeline.liveness.looks import CloseLooks, Look
from pipeline.liveness.signals import Signals
from tests.unit.pipeline.liveness.tracks import EYES_PX, points

NOTHING = RgbImage(np.zeros((2, 2, 3), np.uint8))
REST = Signals(
    time_s=0.0, open_right=0.3, open_left=0.3, mouth=0.36, yaw_deg=0.0, tall=0.7,
    eyes_px=EYES_PX, rigid=points(0.0, flat=False), box=np.array([200.0, 150.0, 400.0, 400.0]),
)  # fmt: skip
Script = Callable[[float], Signals | None]


@dataclass
class Scripted:
    """Stands for a tracker: what is in a frame, and when lids move, was written before."""

    script: Script
    moves_s: tuple[float, float] = (-1.0, -1.0)
    moving: bool = False
    asked_s: list[float] = field(default_factory=list)

    def signals(self, rgb: RgbImage, time_s: float) -> Signals | None:
        self.asked_s.append(time_s)
        self.moving = self.moves_s[0] <= time_s <= self.moves_s[1]
        found = self.script(time_s)
        return None if found is None else replace(found, time_s=time_s)

    def face_areas(self, rgb: RgbImage) -> list[float]:
        return []


def times_of(fps: float, duration_s: float = 3.0) -> list[float]:
    return [round(i / fps, 3) for i in range(round(duration_s * fps))]


def watch(
    tracker: Scripted, times: list[float], limits: EventLimits = FACEMESH
) -> tuple[list[float], list[Look]]:
    """The times of all looks in order of time, and the looks in the order they came."""
    looks = CloseLooks(tracker, limits)
    seen = [look for t in times for look in looks.see(ClipFrame(rgb=NOTHING, time_s=t))]
    seen += looks.end()
    return sorted(look.frame.time_s for look in seen), seen


def at_rest(time_s: float) -> Signals:
    return REST


@pytest.mark.parametrize(
    ("fps", "share"), [(10, 1), (12, 1), (15, 1), (20, 1), (25, 0.5), (30, 0.5), (60, 0.2)]
)
def test_a_face_at_rest_is_looked_at_twelve_times_a_second_at_least(fps: float, share: float):
    times = times_of(fps)
    looked, _ = watch(Scripted(at_rest), times)
    assert np.diff(looked).max() <= max(1 / 12, 1 / fps) + 0.002
    assert len(looked) == pytest.approx(share * len(times), abs=2)
    assert (looked[0], looked[-1]) == (times[0], times[-1])


def test_no_frame_is_looked_at_twice():
    tracker = Scripted(at_rest, moves_s=(1.0, 1.3))
    watch(tracker, times_of(30))
    assert len(set(tracker.asked_s)) == len(tracker.asked_s)


def test_where_lids_move_every_frame_is_looked_at_and_the_ones_just_before():
    times = times_of(25)
    looked, _ = watch(Scripted(at_rest, moves_s=(1.0, 1.3)), times)
    assert {t for t in times if 0.97 < t < 1.35} <= set(looked)
    assert len(looked) < 0.7 * len(times)


@pytest.mark.parametrize("yaw_deg", [15.0, -17.0, 22.0])
def test_a_turn_near_the_angle_that_counts_is_looked_at_frame_by_frame(yaw_deg: float):
    times = times_of(25)
    looked, _ = watch(Scripted(lambda t: replace(REST, yaw_deg=yaw_deg)), times)
    assert looked == times


def test_a_face_held_to_the_side_is_not():
    looked, _ = watch(Scripted(lambda t: replace(REST, yaw_deg=35.0)), times_of(25))
    assert len(looked) < 45


def test_a_lost_face_is_looked_for_in_every_frame():
    times = times_of(25)
    looked, seen = watch(Scripted(lambda t: None if 1 <= t < 2 else REST), times)
    lost = [t for t in times if 1 <= t < 2]
    assert set(lost) <= set(looked)
    assert sum(look.signals is None for look in seen) == len(lost)


def test_a_backend_that_never_rests_sees_every_frame():
    times = times_of(30)
    looked, _ = watch(Scripted(at_rest, moves_s=(0.0, 99.0)), times, DLIB68)
    assert looked == times
