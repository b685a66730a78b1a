"""The thresholds of events, per landmark backend: they belong to the landmarks they were measured with.

All were chosen on development clips and scored once on others (face-liveness figures of 22 Nov 2026): facemesh finds
18 of 18 blink cuts, 7 of 7 smiles and all turns of 18 degrees and more, with no false event in 13 still cuts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLimits:
    """When a series of signals is an event; everything is relative to the person's own neutral."""

    #: Opening below `blink_closed` is a closing; above `blink_open` the eye is open again.
    blink_closed: float
    blink_open: float
    blink_max_s: float
    #: Lids are not judged on a turned or turning head.
    blink_max_yaw_deg: float
    #: Nose length at the dip over the clip's median: below it the picture was squashed, not the lid shut.
    squash: float
    #: Mouth width over the person's own 20th percentile.
    smile_gain: float
    smile_min_s: float
    smile_max_yaw_deg: float
    #: Mouth over face width at which a face that never relaxes is smiling already.
    smile_always: float
    #: A turn reaches this far, this long, and moved at least this much: from neutral, or from the least turned
    #: position of the last two seconds (people drift: a rest of half a minute ago is not where this turn began).
    turn_deg: float
    turn_min_s: float
    turn_change_deg: float
    #: Within this of the person's own frontal position the head is at rest.
    neutral_deg: float
    #: Residual of a plane through the turn, over the eye distance: a real head is above it.
    flat_residual: float
    #: Looks a second at a face at rest; more where something begins (`pipeline/liveness/looks.py`).
    least_looks_hz: float


FACEMESH = EventLimits(
    blink_closed=0.62, blink_open=0.80, blink_max_s=0.6, blink_max_yaw_deg=20, squash=0.82,
    smile_gain=1.18, smile_min_s=0.3, smile_max_yaw_deg=20, smile_always=0.45,
    # No false turn in seven conditions (dark, JPEG 25, small); 15 / 12 takes a drifting still face for one.
    # .06 s: two frames at 15 a second, three at 25.
    turn_deg=18, turn_min_s=0.06, turn_change_deg=15, neutral_deg=10,
    flat_residual=0.025,
    # At 12 frames a second every event is found that is found at 25 (docs/reports/liveness-2026-11-30.md).
    least_looks_hz=12,
)  # fmt: skip

DLIB68 = EventLimits(
    blink_closed=0.68, blink_open=0.85, blink_max_s=0.6, blink_max_yaw_deg=20, squash=0.90,
    smile_gain=1.20, smile_min_s=0.3, smile_max_yaw_deg=20, smile_always=0.45,
    turn_deg=18, turn_min_s=0.06, turn_change_deg=15, neutral_deg=10,
    flat_residual=0.025,
    # Never measured at fewer: every frame of the fastest clip.
    least_looks_hz=60,
)  # fmt: skip
