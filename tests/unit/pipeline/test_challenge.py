from __future__ import annotations

import itertools
import random

import pytest

from pipeline.challenge import BLINK_COUNT, STEPS, Action, draw_steps

TURNS = {Action.TURN_LEFT, Action.TURN_RIGHT}


@pytest.mark.parametrize("seed", range(200))
def test_actions_differ_include_a_turn_and_their_windows_follow_each_other(seed: int) -> None:
    steps = draw_steps(random.Random(seed))
    actions = [step.action for step in steps]
    assert len(set(actions)) == STEPS
    assert TURNS & set(actions)
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(steps))
    assert all(s.count == (BLINK_COUNT if s.action is Action.BLINK else 1) for s in steps)


def test_every_action_comes_first_sometimes() -> None:
    firsts = {draw_steps(random.Random(seed))[0].action for seed in range(200)}
    assert firsts == set(Action)


def test_an_excluded_action_is_never_drawn() -> None:
    drawn = {
        s.action for i in range(50) for s in draw_steps(random.Random(i), excluded={Action.BLINK})
    }
    assert drawn == set(Action) - {Action.BLINK}


def test_a_challenge_without_any_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="with a turn"):
        draw_steps(random.Random(1), excluded=TURNS, steps=2)
