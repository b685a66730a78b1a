"""What a reviewer is shown of a clip: its signals over time, thinned, with what was found in them.

Plain values without numpy: the gateway draws them. Part of the sealed finding, never of the plain summary: when
somebody blinked is nobody's business but the reviewer's.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.challenge import Action, ChallengeStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One action; `from_rest` says whether it was seen to start from neutral, `returned` to go back to it.

    `strength` is the lowest opening of a blink, the widening of a smile, the change of a turn in degrees.
    All times are seconds from the clip's first frame.
    """

    action: Action
    start_s: float
    peak_s: float
    end_s: float
    strength: float
    returned: bool
    from_rest: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedFrame:
    """A frame whose face was compared; None where there was no selfie, or no portrait, to compare it with."""

    time_s: float
    selfie_similarity: float | None
    card_similarity: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessTrace:
    """A clip's signals, at most 15 samples a second, and what was found in them.

    The first four are of one length; samples are in order of time, and a gap of more than a third of a second between
    two of them is time without a face: break the line there. Where frames came faster, each signal shows the smallest
    and the largest value of every 2/15 s in the order they came, so that a blink survives; its time may then be off
    by that much, while `events` has the time itself.

    Attributes:
        times_s: seconds from the first frame, rounded to .001.
        opening: both lid gaps over the person's own open eye: 1 open, 0 shut; rounded to .001.
        mouth_gain: mouth width over the person's own relaxed one: 1 relaxed; rounded to .001.
        yaw_deg: turn of the head, positive to the person's own left; rounded to .1.
        events: all actions seen in order of their peaks, asked for or not.
        windows: the steps of the challenge with their seconds.
        compared: the frames whose face was compared with selfie and card, in order of time.
    """

    times_s: tuple[float, ...]
    opening: tuple[float, ...]
    mouth_gain: tuple[float, ...]
    yaw_deg: tuple[float, ...]
    events: tuple[Event, ...]
    windows: tuple[ChallengeStep, ...]
    compared: tuple[ComparedFrame, ...]
