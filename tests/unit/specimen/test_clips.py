from __future__ import annotations

import io
from collections.abc import Iterator

import av
import numpy as np
import pytest

from pipeline.challenge import LEAD_IN_S, WINDOW_S, Action, ChallengeStep
from pipeline.image import RgbImage
from specimen.cast import clip_puppet
from specimen.clips import (
    Frame,
    clip_times,
    drop_frames,
    encode_clip,
    perform,
    rehearse,
    steps_of,
)
from specimen.photos import Subject
from specimen.puppet import Mouth
from specimen.sitters import PARTS

STEPS = steps_of([(Action.BLINK, 2), (Action.TURN_LEFT, None), (Action.SMILE, None)])
MOUTH = Mouth(relaxed=0.0, smiling=1.0)


def test_steps_follow_one_another_as_the_servers_do() -> None:
    assert STEPS[0] == ChallengeStep(
        action=Action.BLINK, count=2, start_s=LEAD_IN_S, end_s=LEAD_IN_S + WINDOW_S
    )
    assert STEPS[1].start_s == STEPS[0].end_s
    assert STEPS[2].count == 1


def test_each_action_stays_inside_its_window_and_returns() -> None:
    performance = rehearse(STEPS, MOUTH, np.random.default_rng(1))
    for t in np.arange(0, STEPS[-1].end_s + 0.4, 0.01):
        for step in STEPS:
            amount = performance.amount(step.action, float(t))
            assert 0 <= amount <= 1
            if not step.start_s <= t <= step.end_s:
                assert amount == 0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_blinks_are_counted_and_quick(count: int) -> None:
    steps = steps_of([(Action.BLINK, count)])
    performance = rehearse(steps, MOUTH, np.random.default_rng(1))
    times = np.arange(0, 5, 0.01)
    shut = np.array([performance.amount(Action.BLINK, float(t)) for t in times]) > 0.9
    assert np.count_nonzero(np.diff(shut.astype(int)) == 1) == count
    assert shut.sum() * 0.01 / count < 0.3


def test_turns_go_to_the_asked_side() -> None:
    steps = steps_of([(Action.TURN_LEFT, None), (Action.TURN_RIGHT, None)])
    performance = rehearse(steps, MOUTH, np.random.default_rng(1))
    left, right = (performance.pose((s.start_s + s.end_s) / 2).yaw_deg for s in steps)
    assert left > 28
    assert right < -28
    assert abs(performance.pose(0.5).yaw_deg) < 3


def test_frames_come_at_the_asked_times() -> None:
    puppet = clip_puppet(Subject.ASTRONAUT, np.random.default_rng(1))
    performance = rehearse(steps_of([]), PARTS[Subject.ASTRONAUT].mouth, np.random.default_rng(1))
    frames = list(perform(puppet, performance, np.random.default_rng(1), fps=15))
    assert [frame.time_s for frame in frames] == clip_times((), 15)
    assert frames[0].image.shape == (480, 640, 3)
    assert not np.array_equal(frames[0].image, frames[1].image)


def test_clips_decode_with_the_times_they_were_made_with() -> None:
    times = [0.0, 0.04, 0.08, 0.2, 0.25, 0.31]
    shown = _decoded(encode_clip(_plain(times)))
    assert [round(time_s, 3) for time_s, _ in shown] == times
    for i, (_, image) in enumerate(shown):
        assert abs(float(image.mean()) - 30 * i - 40) < 6


def test_lost_frames_leave_gaps() -> None:
    frames = list(drop_frames(_plain([i / 25 for i in range(100)]), 0.3, np.random.default_rng(1)))
    assert 55 < len(frames) < 85
    assert max(np.diff([frame.time_s for frame in frames])) > 0.06
    assert frames[0].time_s == 0


def test_a_clip_needs_a_frame() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        encode_clip(iter(()))


def _plain(times: list[float]) -> Iterator[Frame]:
    for i, t in enumerate(times):
        image = RgbImage(np.full((48, 64, 3), 40 + 30 * i % 210, np.uint8))
        yield Frame(image=image, time_s=t)


def _decoded(data: bytes) -> list[tuple[float, np.ndarray]]:
    with av.open(io.BytesIO(data)) as container:
        return [
            (frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)
        ]
