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
    frame_s = float(np.median(np.diff(track.time_s))) if len(track) > 1 else 0.0
    took_s = track.time_s[last] - track.time_s[first] - frame_s
    return bool(track.opening[last] >= limits.blink_open and took_s <= limits.blink_max_s)


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
    return _episodes(
        track, Action.SMILE, gain, strong=(gain > limits.smile_gain) & frontal,
        away=gain > rest, min_s=limits.smile_min_s,
    )  # fmt: skip


# ---------------------------------------------------------------- turn


def _turns(track: Track, limits: EventLimits, neutral: Neutral, action: Action) -> list[Event]:
    if neutral.yaw_deg is None:
        return []
    sign = 1 if action is Action.TURN_LEFT else -1
    yaw, change = sign * track.yaw_smooth_deg, sign * (track.yaw_smooth_deg - neutral.yaw_deg)
    strong = (yaw >= limits.turn_deg) & (change >= limits.turn_change_deg)
    found = _episodes(
        track, action, change, strong=strong, away=change > limits.neutral_deg, min_s=limits.turn_min_s
    )  # fmt: skip
    # A clip that starts turned has shown no turn.
    return [event for event in found if event.start_s > track.time_s[0]]


def _episodes(
    track: Track, action: Action, strength: Series, *,
    strong: NDArray[np.bool_], away: NDArray[np.bool_], min_s: float,
) -> list[Event]:  # fmt: skip
    """Runs away from neutral that are strong for long enough somewhere."""
    times = track.time_s
    found = []
    for first, last in runs(away | strong):
        longest = max((times[b] - times[a] for a, b in _within(strong, first, last)), default=-1.0)
        if longest < min_s:
            continue
        peak = first + int(np.argmax(strength[first : last + 1]))
        found.append(
            Event(
                action=action, start_s=float(times[first]), peak_s=float(times[peak]),
                end_s=float(times[last]), strength=float(strength[peak]),
                returned=last < len(times) - 1,
            )
        )  # fmt: skip
    return found


def _within(mask: NDArray[np.bool_], first: int, last: int) -> list[tuple[int, int]]:
    return [(first + a, first + b) for a, b in runs(mask[first : last + 1])]
