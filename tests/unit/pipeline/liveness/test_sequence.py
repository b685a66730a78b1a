from __future__ import annotations

import itertools

import pytest

from pipeline.challenge import Action, ChallengeStep
from pipeline.liveness.sequence import Rest, judge_steps
from pipeline.liveness.trace import Event
from pipeline.reasons import ReasonCode

RELAXED = Rest(never_frontal=False, always_smiling=False)


def step(action: Action, index: int, count: int = 1) -> ChallengeStep:
    start = 1.2 + 3.2 * index
    return ChallengeStep(action=action, count=count, start_s=start, end_s=start + 3.2)


def event(action: Action, start_s: float, length_s: float = 1.6, *, returned: bool = True) -> Event:
    return Event(
        action=action, start_s=start_s, peak_s=start_s + length_s / 2, end_s=start_s + length_s,
        strength=1.0, returned=returned,
    )  # fmt: skip


def performed(steps, shift_s: float = 0.0) -> list[Event]:
    found = []
    for s in steps:
        gap = (s.end_s - s.start_s) / (s.count + 1)
        length = 0.2 if s.action is Action.BLINK else 1.6
        for i in range(s.count):
            found.append(event(s.action, s.start_s + (i + 1) * gap - length / 2 + shift_s, length))
    return sorted(found, key=lambda e: e.peak_s)


def reasons(steps, events, rest=RELAXED, **options) -> list[ReasonCode | None]:
    return [f.reason for f in judge_steps(steps, events, rest, **options)]


CHALLENGE = (step(Action.BLINK, 0, 2), step(Action.TURN_LEFT, 1), step(Action.SMILE, 2))


def test_every_order_of_three_actions_passes_when_performed():
    for order in itertools.permutations(Action, 3):
        steps = tuple(step(a, i, 2 if a is Action.BLINK else 1) for i, a in enumerate(order))
        assert all(f.passed for f in judge_steps(steps, performed(steps), RELAXED)), order


def test_no_other_order_passes():
    for order in itertools.permutations(Action, 3):
        steps = tuple(step(a, i, 2 if a is Action.BLINK else 1) for i, a in enumerate(order))
        if [s.action for s in steps] == [s.action for s in CHALLENGE]:
            continue
        assert not all(f.passed for f in judge_steps(CHALLENGE, performed(steps), RELAXED)), order


def test_swapped_actions_are_out_of_order():
    swapped = (step(Action.TURN_LEFT, 0), step(Action.BLINK, 1, 2), step(Action.SMILE, 2))
    expected = [ReasonCode.ACTION_ORDER, ReasonCode.ACTION_ORDER, None]
    assert reasons(CHALLENGE, performed(swapped)) == expected


def test_nothing_done_is_missing():
    assert set(reasons(CHALLENGE, [])) == {ReasonCode.ACTION_MISSING}


def test_the_other_direction_is_a_wrong_action():
    steps = (step(Action.TURN_LEFT, 0),)
    assert reasons(steps, [event(Action.TURN_RIGHT, 2.0)]) == [ReasonCode.ACTION_WRONG]


def test_a_turn_nobody_asked_for_spoils_the_step():
    steps = (step(Action.SMILE, 0),)
    both = [event(Action.SMILE, 1.5), event(Action.TURN_LEFT, 2.0)]
    assert reasons(steps, both) == [ReasonCode.ACTION_WRONG]


@pytest.mark.parametrize(
    ("start_s", "reason"),
    [(0.0, ReasonCode.ACTION_TOO_EARLY), (4.0, ReasonCode.ACTION_TOO_LATE), (2.0, None)],
)
def test_early_and_late(start_s, reason):
    assert reasons((step(Action.SMILE, 0),), [event(Action.SMILE, start_s)]) == [reason]


@pytest.mark.parametrize(
    ("blinks", "passes"), [(0, False), (1, False), (2, True), (6, True), (7, False)]
)
def test_blinks_are_counted(blinks, passes):
    events = [event(Action.BLINK, 1.5 + 0.4 * i, 0.2) for i in range(blinks)]
    (found,) = judge_steps((step(Action.BLINK, 0, 2),), events, RELAXED)
    assert found.passed is passes


def test_natural_blinks_elsewhere_do_not_matter():
    events = sorted(
        [*performed(CHALLENGE), event(Action.BLINK, 5.0, 0.2), event(Action.BLINK, 9.0, 0.2)],
        key=lambda e: e.peak_s,
    )
    assert reasons(CHALLENGE, events) == [None, None, None]


def test_an_action_without_return_counts_only_where_no_return_is_wanted():
    steps = (step(Action.TURN_LEFT, 0),)
    open_end = [event(Action.TURN_LEFT, 2.0, returned=False)]
    assert reasons(steps, open_end) == [ReasonCode.ACTION_MISSING]
    assert reasons(steps, open_end, must_return=False) == [None]


@pytest.mark.parametrize(
    ("action", "rest"),
    [
        (Action.SMILE, Rest(never_frontal=False, always_smiling=True)),
        (Action.TURN_LEFT, Rest(never_frontal=True, always_smiling=False)),
    ],
)
def test_a_face_that_never_rests_is_asked_to_relax(action, rest):
    assert reasons((step(action, 0),), [], rest) == [ReasonCode.NOT_RELAXED]
