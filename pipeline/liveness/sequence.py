"""Does the challenge's order and timing hold? Each step's action, from neutral to neutral, inside its own window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.challenge import Action, ChallengeStep
from pipeline.findings import ActionFinding
from pipeline.liveness.trace import Event
from pipeline.reasons import ReasonCode

#: A person reacts to the sign, hardly ever before it; at the end of a window many are still on their way back.
EARLY_S, LATE_S = 0.3, 0.6
#: Natural blinks come on top of those asked for (people who speak: up to 1.3 a second, 13 in 10 s of development
#: clips); a fluttering lid is no answer.
_LEAST_EXTRA_BLINKS, _EXTRA_BLINKS_HZ = 2, 1.3
_TURNS = (Action.TURN_LEFT, Action.TURN_RIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What of the person's rest the clip never showed, so that nothing relative to it can be judged."""

    never_frontal: bool
    always_smiling: bool


def judge_steps(
    steps: Sequence[ChallengeStep], events: Sequence[Event], rest: Rest, *, must_return: bool = True
) -> tuple[ActionFinding, ...]:
    """Return one finding per step.

    Args:
        steps: the challenge in order.
        events: everything the person did, see `find_events`.
        rest: what could not be seen.
        must_return: an action counts only when the face went back to neutral; a cut that ends with the action
            (no challenge, only a command line) is judged without.
    """
    usable = [event for event in events if event.from_rest and (event.returned or not must_return)]
    return tuple(
        _judge(index, steps, usable, relaxed=_is_relaxed(steps[index], events, rest))
        for index in range(len(steps))
    )


def _is_relaxed(step: ChallengeStep, events: Sequence[Event], rest: Rest) -> bool:
    """Whether the person was at rest before the window opened, as far as this action needs it."""
    if rest.never_frontal or (step.action is Action.SMILE and rest.always_smiling):
        return False
    held = (e for e in events if e.action is step.action and not e.from_rest)
    return all(event.end_s < step.start_s for event in held)


def _judge(
    index: int, steps: Sequence[ChallengeStep], events: Sequence[Event], *, relaxed: bool
) -> ActionFinding:
    step = steps[index]
    done = [event for event in events if event.action is step.action and _inside(event, step)]
    if _enough(step, done):
        fault = _extra(step, events)
    else:
        fault = _fault(index, steps, events) if relaxed else ReasonCode.NOT_RELAXED
    return ActionFinding(
        action=step.action,
        passed=fault is None,
        start_s=done[0].start_s if done else None,
        end_s=done[-1].end_s if done else None,
        reason=fault,
    )


def _inside(event: Event, step: ChallengeStep) -> bool:
    timely = event.start_s >= step.start_s - EARLY_S and event.end_s <= step.end_s + LATE_S
    return timely and step.start_s <= event.peak_s <= step.end_s


def _enough(step: ChallengeStep, done: Sequence[Event]) -> bool:
    if step.action is Action.BLINK:
        extra = max(_LEAST_EXTRA_BLINKS, int(_EXTRA_BLINKS_HZ * (step.end_s - step.start_s)))
        return step.count <= len(done) <= step.count + extra
    return len(done) >= step.count


def _extra(step: ChallengeStep, events: Sequence[Event]) -> ReasonCode | None:
    """Nobody turns the head by accident: a turn that was not asked for is a wrong action."""
    others = [e for e in events if e.action in _TURNS and e.action is not step.action]
    wrong = any(step.start_s < event.peak_s < step.end_s for event in others)
    return ReasonCode.ACTION_WRONG if wrong else None


def _fault(index: int, steps: Sequence[ChallengeStep], events: Sequence[Event]) -> ReasonCode:
    """Why a step's action was not found, the most telling reason first."""
    step = steps[index]
    peaks = [event.peak_s for event in events if event.action is step.action]
    elsewhere = [other for other in steps if other is not step and _holds(other, peaks)]
    # One natural blink in another window is no blink out of order.
    if elsewhere and (step.action is not Action.BLINK or _blinked(step, elsewhere, peaks)):
        return ReasonCode.ACTION_ORDER
    deliberate = [e for e in events if e.action is not Action.BLINK and e.action is not step.action]
    if any(step.start_s <= event.peak_s <= step.end_s for event in deliberate):
        return ReasonCode.ACTION_WRONG
    return _timing(step, peaks)


def _holds(step: ChallengeStep, peaks: Sequence[float]) -> bool:
    return any(step.start_s <= peak <= step.end_s for peak in peaks)


def _blinked(step: ChallengeStep, others: Sequence[ChallengeStep], peaks: Sequence[float]) -> bool:
    return any(sum(o.start_s <= peak <= o.end_s for peak in peaks) >= step.count for o in others)


def _timing(step: ChallengeStep, peaks: Sequence[float]) -> ReasonCode:
    if step.action is Action.BLINK and len(peaks) < step.count:
        return ReasonCode.ACTION_MISSING
    if any(peak < step.start_s for peak in peaks):
        return ReasonCode.ACTION_TOO_EARLY
    return ReasonCode.ACTION_TOO_LATE if peaks else ReasonCode.ACTION_MISSING
