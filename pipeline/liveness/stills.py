"""A few frames of a judged clip for people: the peak of every action, the compared faces between, every doubtful one.

Which frames tell something is known only after the clip was judged, so it is decoded once more, as far as the last of
them: the frames of ten seconds would take 250 MB until then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.challenge import Action
from pipeline.findings import Band, LivenessFinding
from pipeline.image import RgbImage
from pipeline.liveness.clip import frames_at
from pipeline.liveness.trace import ComparedFrame, Event, LivenessTrace
from pipeline.pictures import STILL, Picture

MOST = 8
NEUTRAL = "neutral"
#: Two moments this close look the same.
_APART_S = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time worth a still: seconds from the first frame, and what it shows."""

    time_s: float
    shows: str
    compared: ComparedFrame | None = None


def moments_of(trace: LivenessTrace) -> tuple[Moment, ...]:
    """Return at most `MOST` moments in order of time, the most telling first when there are more."""
    kept: list[Moment] = []
    for moment in _by_weight(trace):
        if len(kept) < MOST and all(abs(moment.time_s - k.time_s) >= _APART_S for k in kept):
            kept.append(moment)
    return tuple(sorted(kept, key=lambda moment: moment.time_s))


def _by_weight(trace: LivenessTrace) -> Iterator[Moment]:
    """The least similar face, one peak of each action, two more faces, then whatever else there is."""
    faces = sorted(trace.compared, key=_closeness)
    neutral = [
        Moment(time_s=f.time_s, shows=_held_at(f.time_s, trace.events), compared=f) for f in faces
    ]
    first = {event.action: event for event in reversed(trace.events)}.values()
    peaks = [event for event in trace.events if event in first]
    peaks += [event for event in trace.events if event not in first]
    shown = [Moment(time_s=event.peak_s, shows=str(event.action)) for event in peaks]
    yield from (*neutral[:1], *shown[: len(first)], *neutral[1:3], *shown[len(first) :])
    yield from neutral[3:]


def _held_at(time_s: float, events: Sequence[Event]) -> str:
    """The action that is held at a time: a compared face may well smile. A blink is over before one can tell."""
    held = (e.action for e in events if e.start_s <= time_s <= e.end_s)
    return next((str(action) for action in held if action is not Action.BLINK), NEUTRAL)


def _closeness(face: ComparedFrame) -> float:
    known = (face.selfie_similarity, face.card_similarity)
    return min((value for value in known if value is not None), default=1.0)


def take_stills(
    clip: bytes, finding: LivenessFinding, band_of: Callable[[float], Band]
) -> tuple[Picture, ...]:
    """Return frames of a clip that was judged; none of one that was not.

    Args:
        clip: an encoded clip, see `read_clip`.
        finding: what was found in it.
        band_of: how sure a similarity of the finding's face model is.

    Raises:
        CannotJudge: see `read_clip`.
    """
    if finding.trace is None:
        return ()
    found = _frames_at(clip, moments_of(finding.trace))
    return tuple(_picture(index, *pair, band_of) for index, pair in enumerate(found))


def _frames_at(clip: bytes, moments: Sequence[Moment]) -> list[tuple[Moment, RgbImage]]:
    """The frame nearest to each moment, where there is one."""
    frames = frames_at(clip, [moment.time_s for moment in moments], within_s=_APART_S)
    pairs = zip(moments, frames, strict=True)
    return [(moment, rgb) for moment, rgb in pairs if rgb is not None]


def _picture(
    index: int, moment: Moment, rgb: RgbImage, band_of: Callable[[float], Band]
) -> Picture:
    face = moment.compared
    known = (face.selfie_similarity, face.card_similarity) if face else ()
    values = [value for value in known if value is not None]
    return Picture(
        name=f"{STILL}_{index:02}",
        rgb=rgb,
        time_s=round(moment.time_s, 3),
        shows=moment.shows,
        selfie_similarity=face.selfie_similarity if face else None,
        card_similarity=face.card_similarity if face else None,
        band=band_of(min(values)) if values else None,
    )
