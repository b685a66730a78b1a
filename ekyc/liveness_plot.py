"""One picture of a judged clip: signals, events, windows, identity, cues and frames, for a person who reviews it.

matplotlib comes with the extra `specimen`; it is imported where it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from ekyc.cue_score import cue_score
from pipeline.challenge import Action
from pipeline.findings import ActionFinding, Band, Cue, LivenessFinding
from pipeline.liveness.limits import EventLimits
from pipeline.liveness.trace import Event, LivenessTrace
from pipeline.pictures import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

_GOOD, _BAD, _DOUBT, _GREY = "#1a7f37", "#c62828", "#b26a00", "#6b7280"
_COLOUR = {
    Action.BLINK: "#1f6feb", Action.SMILE: "#bf5af2",
    Action.TURN_LEFT: "#0e8a8a", Action.TURN_RIGHT: "#d9730d",
}  # fmt: skip
_WORD = {
    Action.BLINK: "blink", Action.SMILE: "smile",
    Action.TURN_LEFT: "turn left", Action.TURN_RIGHT: "turn right",
}  # fmt: skip
_BAND_COLOUR = {Band.MATCH: _GOOD, Band.REVIEW: _DOUBT, Band.NO_MATCH: _BAD, None: _GREY}
_SIZE_IN, _DPI = (15.0, 10.5), 100
#: A line is broken where no face was seen for longer than this.
_GAP_S = 0.34
_LANE_OF_EVENTS = {Action.BLINK: 0, Action.SMILE: 1, Action.TURN_LEFT: 2, Action.TURN_RIGHT: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """What the lines of the picture mean: limits of the events, and the least similarity of each band."""

    limits: EventLimits
    band_of: Callable[[float], Band]

    def edges(self) -> tuple[float | None, float | None]:
        """The least similarities of a review and of a match, to .005; None for a band that is never said."""
        steps = np.arange(-1, 1.0001, 0.005)
        bands = [self.band_of(float(step)) for step in steps]
        return tuple(  # type: ignore[return-value]
            float(steps[bands.index(band)]) if band in bands else None
            for band in (Band.REVIEW, Band.MATCH)
        )


def plot(
    finding: LivenessFinding, stills: Sequence[Picture], scales: Scales, title: str, out: Path
) -> None:
    """Write the picture.

    Args:
        finding: of a clip that was judged.
        stills: frames of it, see `LivenessScorer.stills`.
        scales: limits and bands of the models that judged.
        title: what the clip is called.
        out: a PNG, or another format by its ending.

    Raises:
        ValueError: the clip was not judged, so there is nothing to draw.
        ModuleNotFoundError: matplotlib is not installed.
    """
    from matplotlib.figure import Figure

    trace = finding.trace
    if trace is None:
        raise ValueError("a clip that was not judged has no signals to draw")
    figure = Figure(figsize=_SIZE_IN, dpi=_DPI, layout="constrained")
    head, middle, foot = _parts(figure.subfigures(3, 1, height_ratios=(0.8, 7.2, 2.6)))
    _head(head, finding, title)
    left, right = _parts(middle.subfigures(1, 2, width_ratios=(3.6, 1.15), wspace=0.03))
    _signals(left, finding, trace, scales)
    _cues(right, finding)
    _stills(foot, stills)
    figure.savefig(out)


def _parts(subfigures: object) -> Sequence[SubFigure]:
    """Subfigures come in an array, whose elements no type checker knows."""
    return cast("Sequence[SubFigure]", subfigures)


# ---------------------------------------------------------------- head


def _head(part: SubFigure, finding: LivenessFinding, title: str) -> None:
    word, colour = ("PASSED", _GOOD) if finding.passed else ("NOT PASSED", _BAD)
    part.text(0.012, 0.66, word, color=colour, size=19, weight="bold", va="center")
    part.text(
        0.012, 0.16, "   ".join(_faults(finding)) or "nothing against it", size=10, va="center"
    )
    what = f"{title}   {finding.duration_s:.1f} s, {finding.fps:.1f} frames/s   {finding.backend}"
    part.text(0.988, 0.66, what, color=_GREY, size=10, va="center", ha="right")


def _faults(finding: LivenessFinding) -> list[str]:
    steps = [f"{_WORD[a.action]}: {a.reason}" for a in finding.actions if a.reason]
    cues = [f"cue {cue.name}" for cue in finding.cues if cue.suspicious]
    reason = finding.identity.reason
    return [*steps, *cues, *([f"identity: {reason}"] if reason else [])]


# ---------------------------------------------------------------- signals


def _signals(
    part: SubFigure, finding: LivenessFinding, trace: LivenessTrace, scales: Scales
) -> None:
    axes = part.subplots(4, 1, sharex=True, height_ratios=(1, 1, 1, 0.9))
    times, limits = np.array(trace.times_s), scales.limits
    series = (
        (trace.opening, "eyes open", (limits.blink_closed,), (-0.1, 1.35)),
        (trace.mouth_gain, "mouth width", (limits.smile_gain,), (0.8, 1.6)),
        (trace.yaw_deg, "turn, degrees\nright      left", (-limits.turn_deg, limits.turn_deg), (-50, 50)),
    )  # fmt: skip
    for lane, (axis, (values, name, marks, span)) in enumerate(zip(axes[:3], series, strict=True)):
        _line(axis, times, np.array(values), name, span)
        for mark in marks:
            axis.axhline(mark, color=_GREY, lw=0.8, ls="--")
        _windows(axis, finding.actions, trace, named=lane == 0)
        _events(axis, [e for e in trace.events if _LANE_OF_EVENTS[e.action] == lane])
    _identity(axes[3], finding, trace, scales)
    axes[3].set_xlim(0, max(finding.duration_s, 0.1))
    axes[3].set_xlabel("seconds")


def _line(
    axis: Axes, times: np.ndarray, values: np.ndarray, name: str, span: tuple[float, float]
) -> None:
    broken = np.flatnonzero(np.diff(times) > _GAP_S) + 1
    axis.plot(
        np.insert(times, broken, np.nan), np.insert(values, broken, np.nan), color="#111827", lw=1.3
    )
    low, high = min(span[0], float(values.min())), max(span[1], float(values.max()))
    axis.set_ylim(low, high)
    axis.set_ylabel(name, size=9)
    axis.grid(visible=True, axis="x", color="#e5e7eb", lw=0.6)
    axis.spines[["top", "right"]].set_visible(False)


def _windows(
    axis: Axes, found: Sequence[ActionFinding], trace: LivenessTrace, *, named: bool
) -> None:
    for step, judged in zip(trace.windows, found, strict=True):
        colour = _GOOD if judged.passed else _BAD
        axis.axvspan(step.start_s, step.end_s, color=colour, alpha=0.07, lw=0)
        axis.axvline(step.start_s, color=colour, lw=0.8, alpha=0.5)
        if named:
            count = f" x {step.count}" if step.count > 1 else ""
            verdict = "done" if judged.passed else str(judged.reason).replace("_", " ")
            axis.text(
                (step.start_s + step.end_s) / 2, 1.03, f"{_WORD[step.action]}{count}\n{verdict}",
                transform=axis.get_xaxis_transform(), ha="center", size=10, color=colour, weight="bold",
            )  # fmt: skip


def _events(axis: Axes, events: Sequence[Event]) -> None:
    """Each seen action as a bar at the foot of its signal with its peak; hollow when rest was not seen around it."""
    for event in events:
        whole = event.returned and event.from_rest
        axis.axvspan(
            event.start_s, event.end_s, ymax=0.07, color=_COLOUR[event.action], lw=0,
            alpha=0.9 if whole else 0.35,
        )  # fmt: skip
        axis.plot(
            [event.peak_s], [0.035], transform=axis.get_xaxis_transform(), marker="^", ms=6,
            color="white", mec=_COLOUR[event.action], zorder=5,
        )  # fmt: skip
        axis.text(
            event.peak_s, 0.09, _WORD[event.action] + ("" if whole else " (part)"), size=8,
            transform=axis.get_xaxis_transform(), ha="center", color=_COLOUR[event.action],
        )  # fmt: skip


def _identity(axis: Axes, finding: LivenessFinding, trace: LivenessTrace, scales: Scales) -> None:
    _bands(axis, scales)
    marks = [
        (frame.time_s, value, marker)
        for frame in trace.compared
        for value, marker in ((frame.selfie_similarity, "o"), (frame.card_similarity, "s"))
        if value is not None
    ]
    for time_s, value, marker in marks:
        colour = _BAND_COLOUR[scales.band_of(value)]
        axis.plot([time_s], [value], marker=marker, ms=6, color=colour, alpha=0.85, clip_on=False)
    axis.set_ylim(min([0.2, *(value - 0.05 for _, value, _ in marks)]), 1.0)
    axis.set_ylabel("same person\n● selfie  ■ card", size=9)
    axis.spines[["top", "right"]].set_visible(False)
    if not marks:
        text = f"nobody to compare with ({finding.identity.frames_judged} frames)"
        axis.text(0.5, 0.5, text, transform=axis.transAxes, ha="center", color=_GREY)


def _bands(axis: Axes, scales: Scales) -> None:
    for edge, band in zip(scales.edges(), (Band.REVIEW, Band.MATCH), strict=True):
        if edge is not None:
            colour, across = _BAND_COLOUR[band], axis.get_yaxis_transform()
            axis.axhline(edge, color=colour, lw=0.9, ls="--")
            axis.text(1.002, edge, str(band), transform=across, size=8, va="center", color=colour)


# ---------------------------------------------------------------- cues and frames


def _cues(part: SubFigure, finding: LivenessFinding) -> None:
    axis = part.subplots()
    axis.axis("off")
    axis.text(0, 1.0, "Signs of an attack", weight="bold", size=12, va="top")
    for row, cue in enumerate(finding.cues):
        _cue(axis, 0.93 - 0.062 * row, cue)
    low = 0.93 - 0.062 * len(finding.cues) - 0.05
    identity = finding.identity
    axis.text(0, low, "Identity", weight="bold", size=12, va="top")
    lines = (
        f"band: {identity.band or 'not judged'}", f"to the selfie: {_number(identity.selfie_similarity)}",
        f"to the card: {_number(identity.card_similarity)}", f"lowest to the selfie: {_number(identity.lowest)}",
        f"frames: {identity.frames_judged}",
    )  # fmt: skip
    for row, line in enumerate(lines):
        colour = _BAND_COLOUR[identity.band] if row == 0 else "#111827"
        axis.text(0.02, low - 0.055 - 0.045 * row, line, size=10, va="top", color=colour)


def _cue(axis: Axes, y: float, cue: Cue) -> None:
    word, colour = {
        None: ("not evaluated", _GREY), True: ("SUSPICIOUS", _BAD), False: ("clear", _GOOD),
    }[cue.suspicious]  # fmt: skip
    axis.text(0.02, y, cue.name.replace("_", " "), size=10, va="top")
    axis.text(0.98, y, word, size=10, va="top", ha="right", color=colour, weight="bold")
    axis.text(0.02, y - 0.027, cue_score(cue), size=8, va="top", color=_GREY)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _stills(part: SubFigure, stills: Sequence[Picture]) -> None:
    if not stills:
        return
    for axis, still in zip(np.atleast_1d(part.subplots(1, len(stills))), stills, strict=True):
        axis.imshow(still.rgb)
        axis.set_xticks([])
        axis.set_yticks([])
        shows = _WORD[Action(still.shows)] if still.shows in set(Action) else str(still.shows)
        axis.set_title(f"{still.time_s:.2f} s  {shows}", size=9)
        colour = _BAND_COLOUR[still.band]
        axis.spines[:].set(color=colour, linewidth=2.5 if still.band else 0.5)
        known = [(still.selfie_similarity, "selfie"), (still.card_similarity, "card")]
        axis.set_xlabel(
            "  ".join(f"{name} {value:.2f}" for value, name in known if value is not None),
            size=8,
            color=colour,
        )
