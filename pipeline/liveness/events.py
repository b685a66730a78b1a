"""Events in a clip: blinks, smiles and turns with start, peak and end in seconds, from the person's own neutral."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.challenge import Action
from pipeline.liveness.limits import EventLimits
from pipeline.liveness.signals import Series, Track, median3, runs
from pipeline.liveness.trace import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Neutral:
    """The person's own rest: frontal yaw and relaxed mouth. None when the clip never shows it."""

    yaw_deg: float | None
    mouth: float | None


def find_neutral(track: Track, limits: EventLimits) -> Neutral:
    """Return the person's own rest: the median of the frontal frames, and the relaxed end of their mouth widths."""
    frontal = np.abs(track.yaw_smooth_deg) < 1.2 * limits.neutral_deg
    if not frontal.any():
        return Neutral(yaw_deg=None, mouth=None)
    judged = np.abs(track.yaw_deg) < limits.smile_max_yaw_deg
    return Neutral(
        yaw_deg=float(np.median(track.yaw_smooth_deg[frontal])),
        mouth=float(np.percentile(track.mouth[judged], 20)) if judged.any() else None,
    )


def find_events(track: Track, limits: EventLimits) -> tuple[Event, ...]:
    """Return all events of a clip in order of their peaks."""
    neutral = find_neutral(track, limits)
    found = [
        *_blinks(track, limits),
        *_smiles(track, limits, neutral),
        *_turns(track, limits, neutral, Action.TURN_LEFT),
        *_turns(track, limits, neutral, Action.TURN_RIGHT),
    ]
    return tuple(sorted(found, key=lambda event: event.peak_s))


# ---------------------------------------------------------------- blink


def closings(track: Track, limits: EventLimits) -> list[tuple[int, int, int]]:
    """Return (first, lowest, last) frame of each closing that re-opens soon enough, honest or not."""
    opening, found, i = track.opening, list[tuple[int, int, int]](), 0
    while i < len(opening):
        if opening[i] >= limits.blink_closed:
            i += 1
            continue
        first, last = _widened(opening, i, limits.blink_open)
        low = first + int(np.argmin(opening[first : last + 1]))
        if _reopens(track, first, last, limits):
            found.append((first, low, last))
        i = last + 1
    return found


def _widened(opening: Series, i: int, level: float) -> tuple[int, int]:
    first = last = i
    while first > 0 and opening[first] < level:
        first -= 1
    while last < len(opening) - 1 and opening[last] < level:
        last += 1
    return first, last


def _reopens(track: Track, first: int, last: int, limits: EventLimits) -> bool:
    if track.opening[last] < limits.blink_open:
        return False
    # From half way between the last open frame and the first lower one, wherever the frames are.
    times = track.time_s
    took_s = (times[last - 1] + times[last] - times[first] - times[first + 1]) / 2
    return bool(took_s <= limits.blink_max_s)


def _blinks(track: Track, limits: EventLimits) -> list[Event]:
    usual = float(np.median(track.tall)) if len(track) else 1.0
    return [
        Event(
            action=Action.BLINK, start_s=float(track.time_s[first]), peak_s=float(track.time_s[low]),
            end_s=float(track.time_s[last]), strength=float(track.opening[low]), returned=True,
        )
        for first, low, last in closings(track, limits)
        if track.tall[low] >= limits.squash * usual
        and abs(track.yaw_smooth_deg[low]) < limits.blink_max_yaw_deg
    ]  # fmt: skip


# ---------------------------------------------------------------- smile


def _smiles(track: Track, limits: EventLimits, neutral: Neutral) -> list[Event]:
    if neutral.mouth is None:
        return []
    gain = median3(track.mouth) / neutral.mouth
    frontal = np.abs(track.yaw_smooth_deg) < limits.smile_max_yaw_deg
    # Back at rest: half the way; a mouth never returns to the very width it had.
    rest = 1 + (limits.smile_gain - 1) / 2
    course = _Course(
        strength=gain, strong=(gain > limits.smile_gain) & frontal, away=gain > rest,
        # A mouth is hardly ever at its very rest in the first frame; a smile it must not be.
        already=gain > limits.smile_gain,
    )  # fmt: skip
    return _episodes(track, Action.SMILE, course, min_s=limits.smile_min_s)


# ---------------------------------------------------------------- turn

_LATELY_S = 2.0


def _turns(track: Track, limits: EventLimits, neutral: Neutral, action: Action) -> list[Event]:
    if neutral.yaw_deg is None:
        return []
    sign = 1 if action is Action.TURN_LEFT else -1
    yaw = sign * track.yaw_smooth_deg
    change = yaw - sign * neutral.yaw_deg
    moved = np.maximum(change, yaw - _least_lately(track.time_s, yaw, -1.2 * limits.neutral_deg))
    away = change > limits.neutral_deg
    course = _Course(
        strength=change, strong=(yaw >= limits.turn_deg) & (moved >= limits.turn_change_deg),
        away=away, already=away,
    )  # fmt: skip
    return _episodes(track, action, course, min_s=limits.turn_min_s)


def _least_lately(times: Series, values: Series, floor: float) -> Series:
    """The smallest value of the last seconds before each time, at least `floor`."""
    ago_s = times[:, None] - times[None, :]
    lately = (ago_s >= 0) & (ago_s <= _LATELY_S)
    least: Series = np.maximum(np.where(lately, values[None, :], np.inf).min(1), floor)
    return least


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Course:
    """How far from rest a signal is in each frame.

    `strong`: this far is the action; `away`: no longer at rest; `already`: a first frame like this is no rest to
    start from.
    """

    strength: Series
    strong: NDArray[np.bool_]
    away: NDArray[np.bool_]
    already: NDArray[np.bool_]


def _episodes(track: Track, action: Action, course: _Course, *, min_s: float) -> list[Event]:
    """Runs away from neutral that are strong for long enough somewhere."""
    return [
        _episode(track, action, course, first, last)
        for first, last in runs(course.away | course.strong)
        if _longest_s(track, course, first, last) >= min_s
    ]


def _longest_s(track: Track, course: _Course, first: int, last: int) -> float:
    spans = _within(course.strong, first, last)
    return max((float(track.time_s[b] - track.time_s[a]) for a, b in spans), default=-1.0)


def _episode(track: Track, action: Action, course: _Course, first: int, last: int) -> Event:
    peak = first + int(np.argmax(course.strength[first : last + 1]))
    return Event(
        action=action, start_s=float(track.time_s[first]), peak_s=float(track.time_s[peak]),
        end_s=float(track.time_s[last]), strength=float(course.strength[peak]),
        returned=last < len(track) - 1, from_rest=first > 0 or not course.already[first],
    )  # fmt: skip


def _within(mask: NDArray[np.bool_], first: int, last: int) -> list[tuple[int, int]]:
    return [(first + a, first + b) for a, b in runs(mask[first : last + 1])]
