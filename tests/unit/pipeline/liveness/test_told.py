"""Everything that can be wrong with what a person does has its own name, seen from drawn signals to the reason."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.challenge import Action, ChallengeStep
from pipeline.liveness.events import find_events, find_neutral
from pipeline.liveness.limits import FACEMESH
from pipeline.liveness.scorer import rest_of
from pipeline.liveness.sequence import judge_steps
from pipeline.reasons import REASONS, ReasonCode, Severity
from tests.unit.pipeline.liveness.tracks import bump, times_of, track

SMILE = ChallengeStep(action=Action.SMILE, count=1, start_s=1.2, end_s=4.4)
BLINK = ChallengeStep(action=Action.BLINK, count=2, start_s=4.4, end_s=7.6)
LEFT = ChallengeStep(action=Action.TURN_LEFT, count=1, start_s=7.6, end_s=10.8)
STEPS = (SMILE, BLINK, LEFT)
TIMES = times_of(11.8)


def drawn(
    *, smile=(2.0, 3.6), blinks=(5.4, 6.6), turn=(8.4, 10.0), to=1, fps: float = 25.0
) -> dict[str, np.ndarray]:
    """The signals of a person who does everything right, but for what is given."""
    times = times_of(11.8, fps)
    closed = sum((bump(times, t - 0.12, t + 0.12, 0.06) for t in blinks), np.zeros(len(times)))
    return {
        "mouth": 0.36 * (1 + 0.3 * bump(times, *smile)),
        "opening": 0.3 * (1 - 0.9 * closed),
        "yaw_deg": 28 * to * bump(times, *turn, 0.4),
    }


def told(signals: dict[str, np.ndarray], times: np.ndarray = TIMES) -> list[ReasonCode | None]:
    seen = track(times, **signals)
    rest = rest_of(find_neutral(seen, FACEMESH), FACEMESH)
    return [found.reason for found in judge_steps(STEPS, find_events(seen, FACEMESH), rest)]


NEVER = (20.0, 21.0)
RIGHT = -1


def test_a_person_who_does_everything_passes():
    assert told(drawn()) == [None, None, None]


@pytest.mark.parametrize("fps", [10, 12, 15, 30, 60])
def test_whatever_the_rate(fps):
    assert told(drawn(fps=fps), times_of(11.8, fps)) == [None, None, None]


def test_or_the_camera_loses_frames_and_keeps_no_time():
    rng = np.random.default_rng(3)
    kept = np.sort(rng.permutation(len(TIMES))[: len(TIMES) * 2 // 3])
    late = TIMES[kept] + rng.uniform(0, 0.01, len(kept))
    assert told({k: v[kept] for k, v in drawn().items()}, late) == [None, None, None]


@pytest.mark.parametrize(
    ("index", "signals", "reason"),
    [
        (0, drawn(smile=NEVER), ReasonCode.ACTION_MISSING),
        (1, drawn(blinks=(5.4,)), ReasonCode.ACTION_MISSING),
        (2, drawn(turn=NEVER), ReasonCode.ACTION_MISSING),
        (2, drawn(turn=(8.4, 20.0)), ReasonCode.ACTION_MISSING),
        (2, drawn(to=RIGHT), ReasonCode.ACTION_WRONG),
        (1, drawn(blinks=(), smile=(5.0, 6.6)), ReasonCode.ACTION_WRONG),
        (0, drawn(smile=(0.2, 1.4)), ReasonCode.ACTION_TOO_EARLY),
        (2, drawn(turn=(10.4, 11.7)), ReasonCode.ACTION_TOO_LATE),
        (0, drawn(smile=(8.0, 9.6), turn=(2.0, 3.6)), ReasonCode.ACTION_ORDER),
        (2, drawn(smile=(8.0, 9.6), turn=(2.0, 3.6)), ReasonCode.ACTION_ORDER),
        (0, drawn(smile=(-1.0, 3.0)), ReasonCode.NOT_RELAXED),
        (0, drawn(smile=NEVER) | {"mouth": np.full(len(TIMES), 0.5)}, ReasonCode.NOT_RELAXED),
        (2, drawn() | {"yaw_deg": np.full(len(TIMES), 25.0)}, ReasonCode.NOT_RELAXED),
    ],
    ids=[
        "no smile", "one blink of two", "no turn", "a turn that never comes back",
        "the other way", "a smile for a blink", "too early", "too late", "first last", "last first",
        "smiles from the start", "always smiles", "always turned",
    ],
)  # fmt: skip
def test_each_fault_has_its_name_and_is_asked_for_again(index, signals, reason):
    assert told(signals)[index] is reason
    assert REASONS[reason].severity is Severity.RETAKE
