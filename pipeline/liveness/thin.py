"""Make the series of a clip short enough to be kept and drawn, without losing a peak."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from pipeline.challenge import ChallengeStep
from pipeline.liveness.signals import Series, Track
from pipeline.liveness.trace import ComparedFrame, Event, LivenessTrace

#: Two samples in each span this long: 15 a second, and a blink of a tenth of a second shows.
SPAN_S = 2 / 15


def trace_of(
    track: Track, mouth_rest: float | None, events: Sequence[Event],
    windows: Sequence[ChallengeStep], compared: Sequence[ComparedFrame],
) -> LivenessTrace:  # fmt: skip
    """Return what is kept of a clip.

    Args:
        track: signals of the frames with a face.
        mouth_rest: the person's relaxed mouth width; None when it was never seen, then the narrower end of all widths.
        events: everything the person did.
        windows: the challenge.
        compared: the frames that were compared with selfie and card.
    """
    rest = mouth_rest if mouth_rest is not None else float(np.percentile(track.mouth, 20))
    series = (track.opening, track.mouth / rest, track.yaw_deg)
    times, opening, mouth_gain, yaw_deg = _thinned(track.time_s, *series)
    return LivenessTrace(
        times_s=_rounded(times, 3), opening=_rounded(opening, 3),
        mouth_gain=_rounded(mouth_gain, 3), yaw_deg=_rounded(yaw_deg, 1),
        events=tuple(events), windows=tuple(windows), compared=tuple(compared),
    )  # fmt: skip


def _rounded(values: Series, digits: int) -> tuple[float, ...]:
    return tuple(round(float(value), digits) for value in values)


def _thinned(times: Series, *series: Series) -> list[Series]:
    picked: list[list[float]] = [[] for _ in range(1 + len(series))]
    for span in _spans(times):
        picked[0].extend(_ends(times[span]))
        for kept, values in zip(picked[1:], series, strict=True):
            kept.extend(_extremes(values[span]))
    return [np.array(values, float) for values in picked]


def _spans(times: Series) -> Iterator[slice]:
    span = np.floor((times - times[0]) / SPAN_S)
    edges = [0, *(np.flatnonzero(np.diff(span)) + 1), len(times)]
    yield from (slice(int(a), int(b)) for a, b in pairwise(edges))


def _ends(times: Series) -> Series:
    return times if len(times) <= 2 else times[[0, -1]]


def _extremes(values: Series) -> Series:
    """The smallest and the largest value in the order they came."""
    if len(values) <= 2:
        return values
    return values[sorted((int(np.argmin(values)), int(np.argmax(values))))]
