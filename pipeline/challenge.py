"""The challenge: an ordered set of actions, drawn at random by the server, each with its window in the clip."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """Something the person is asked to do. Left and right are the person's own."""

    BLINK = "blink"
    SMILE = "smile"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeStep:
    """One action, how often, and when (seconds from the first frame of the clip)."""

    action: Action
    count: int
    start_s: float
    end_s: float


#: Time for a relaxed, frontal face before the first action: every signal is relative to the person's own neutral.
LEAD_IN_S = 1.2
#: Long enough for two blinks or a turn there and back, short enough that three actions stay under 12 s
#: (users dislike long gestures: knowledge of field complaints, docs/thresholds.md).
WINDOW_S = 3.2
STEPS = 3
#: One dip of the eyelids is no proof (7 false blinks in 15 long clips); two at a stated time are.
BLINK_COUNT = 2


def draw_steps(
    rng: random.Random, *, excluded: Collection[Action] = (), steps: int = STEPS
) -> tuple[ChallengeStep, ...]:
    """Draw `steps` different actions in random order; at least one of them is a turn.

    A turn is the strongest action (it shows depth), so it is always among them.

    Args:
        rng: source of randomness; the gateway passes `random.SystemRandom()`.
        excluded: actions the person cannot perform (recorded with the challenge).
        steps: how many actions to draw.

    Raises:
        ValueError: too few actions are left to draw from.
    """
    left = [action for action in Action if action not in excluded]
    turns = [action for action in left if action in (Action.TURN_LEFT, Action.TURN_RIGHT)]
    if len(left) < steps or not turns:
        raise ValueError(f"cannot draw {steps} actions with a turn from {[str(a) for a in left]}")
    turn = rng.choice(turns)
    others = rng.sample([action for action in left if action is not turn], steps - 1)
    drawn = rng.sample([turn, *others], steps)
    return tuple(
        ChallengeStep(
            action=action,
            count=BLINK_COUNT if action is Action.BLINK else 1,
            start_s=round(LEAD_IN_S + index * WINDOW_S, 3),
            end_s=round(LEAD_IN_S + (index + 1) * WINDOW_S, 3),
        )
        for index, action in enumerate(drawn)
    )
