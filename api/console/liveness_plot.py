"""The signals of a clip as shapes: what a template needs to draw them, and nothing of how they look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.findings import ActionFinding, LivenessFinding
from pipeline.liveness.trace import LivenessTrace

#: In units of the drawing.
WIDTH, LEFT, LANE, GAP, HEAD, FOOT = 1000.0, 150.0, 88.0, 14.0, 32.0, 28.0
#: More than this between two samples is time without a face (pipeline/liveness/trace.py).
_LOST_S = 1 / 3
#: Similarity at the foot of its lane; strangers are below (docs/reports/face-liveness-2026-11.md).
LEAST_SIMILARITY = 0.4
#: Each signal: its key, lowest and highest value of the lane, where it rests, and lines to read values by.
_LANES = (
    ("opening", 0.0, 1.3, 1.0, (0.5,)),
    ("mouth_gain", 0.7, 1.6, 1.0, (1.2,)),
    ("yaw_deg", -45.0, 45.0, 0.0, (-25.0, 25.0)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One signal: `lines` are points "x,y x,y ...", broken where no face was seen."""

    key: str
    top: float
    bottom: float
    rest_y: float
    marks: tuple[tuple[float, float], ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time: a window of the challenge, or an event that was seen."""

    action: str
    x: float
    width: float
    peak_x: float
    state: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A frame whose face was compared with selfie or card, and how similar it was."""

    x: float
    y: float
    against: str
    similarity: float
    time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """All of it, in a box of `width` x `height`."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    duration_s: float
    lanes: tuple[Lane, ...]
    faces_top: float
    faces_bottom: float
    windows: tuple[Span, ...]
    events: tuple[Span, ...]
    faces: tuple[Dot, ...]
    seconds: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    duration_s: float

    def x(self, time_s: float) -> float:
        share = min(max(time_s / self.duration_s, 0.0), 1.0)
        return round(LEFT + share * (WIDTH - LEFT - 8), 1)


def draw_plot(finding: LivenessFinding) -> Plot | None:
    """Return the drawing of a clip's signals; None when it was not judged."""
    trace = finding.trace
    if trace is None or not trace.times_s:
        return None
    scale = _Scale(max(finding.duration_s, trace.times_s[-1], 0.1))
    count = len(_LANES) + 1
    bottom = HEAD + count * LANE + (count - 1) * GAP
    faces_top = bottom - LANE
    return Plot(
        width=WIDTH, height=bottom + FOOT, left=LEFT, right=scale.x(scale.duration_s), top=HEAD, bottom=bottom,
        duration_s=scale.duration_s,
        lanes=tuple(_lane(index, trace, scale) for index in range(len(_LANES))),
        faces_top=faces_top, faces_bottom=bottom,
        windows=tuple(_windows(trace, finding.actions, scale)),
        events=tuple(_events(trace, finding.actions, scale)),
        faces=tuple(_faces(trace, scale, faces_top)),
        seconds=tuple((scale.x(s), s) for s in range(0, int(scale.duration_s) + 1)),
    )  # fmt: skip


def _lane(index: int, trace: LivenessTrace, scale: _Scale) -> Lane:
    key, low, high, rest, marks = _LANES[index]
    top = HEAD + index * (LANE + GAP)

    def y(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return round(top + LANE * (1 - share), 1)

    values: Sequence[float] = getattr(trace, key)
    return Lane(
        key=key, top=top, bottom=top + LANE, rest_y=y(rest), marks=tuple((y(m), m) for m in marks),
        lines=tuple(
            " ".join(f"{scale.x(trace.times_s[i])},{y(values[i])}" for i in piece)
            for piece in _pieces(trace.times_s)
        ),
    )  # fmt: skip


def _pieces(times_s: Sequence[float]) -> Iterator[range]:
    """Ranges of samples between which a face was seen all the time."""
    start = 0
    for index in range(1, len(times_s) + 1):
        if index == len(times_s) or times_s[index] - times_s[index - 1] > _LOST_S:
            yield range(start, index)
            start = index


def _windows(
    trace: LivenessTrace, actions: Sequence[ActionFinding], scale: _Scale
) -> Iterator[Span]:
    for index, window in enumerate(trace.windows):
        passed = actions[index].passed if index < len(actions) else False
        yield _span(
            str(window.action), window.start_s, window.end_s, window.start_s, scale,
            "passed" if passed else "failed",
        )  # fmt: skip


def _events(
    trace: LivenessTrace, actions: Sequence[ActionFinding], scale: _Scale
) -> Iterator[Span]:
    """An event counts when a passed action of its kind contains it; others are shown faintly."""
    for event in trace.events:
        counts = any(
            action.passed
            and action.action is event.action
            and action.start_s is not None
            and action.end_s is not None
            and action.start_s - 0.05 <= event.peak_s <= action.end_s + 0.05
            for action in actions
        )
        yield _span(
            str(event.action), event.start_s, event.end_s, event.peak_s, scale,
            "counted" if counts else "extra",
        )  # fmt: skip


def _span(
    action: str, start_s: float, end_s: float, peak_s: float, scale: _Scale, state: str
) -> Span:  # fmt: skip
    x = scale.x(start_s)
    return Span(
        action=action, x=x, width=round(max(scale.x(end_s) - x, 2.0), 1), peak_x=scale.x(peak_s),
        state=state, start_s=start_s, end_s=end_s,
    )  # fmt: skip


def _faces(trace: LivenessTrace, scale: _Scale, top: float) -> Iterator[Dot]:
    for frame in trace.compared:
        said = {"selfie": frame.selfie_similarity, "card": frame.card_similarity}
        for against, similarity in said.items():
            if similarity is not None:
                share = (min(max(similarity, LEAST_SIMILARITY), 1.0) - LEAST_SIMILARITY) / (
                    1 - LEAST_SIMILARITY
                )
                yield Dot(
                    x=scale.x(frame.time_s), y=round(top + LANE * (1 - share), 1), against=against,
                    similarity=similarity, time_s=frame.time_s,
                )  # fmt: skip
