"""Which actions are found in labelled real clips, as filmed and made worse; run by hand, reports in docs/reports.

python -m bench.liveness_conditions ../shared/data/clips [--landmarks facemesh] [--only "12 a second"]
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.clip_labels import Shown, read_labels
from bench.degraded import Degrade, as_filmed, at_rate, face_of, jpeg, light, mirrored, uneven
from pipeline.challenge import Action, ChallengeStep
from pipeline.errors import CannotJudge
from pipeline.liveness.clip import ClipFrame, read_clip
from pipeline.liveness.events import find_events, find_neutral
from pipeline.liveness.landmarks import LandmarkBackend, load_landmarks
from pipeline.liveness.observe import Observation, observe_frames
from pipeline.liveness.scorer import rest_of
from pipeline.liveness.sequence import judge_steps
from pipeline.liveness.trace import Event
from pipeline.weights import DEFAULT_ROOT

console = Console(width=140)
#: A blink counts as the listed one when their times differ by no more (labels are rounded to a tenth or so).
_SAME_BLINK_S = 0.25
_SMALL_FACE_PX = 80.0
Trial = tuple[str, Shown, Iterable[ClipFrame]]
TURNS = (Action.TURN_LEFT, Action.TURN_RIGHT)


@dataclass(slots=True)
class Tally:
    """Hits and misses of one condition."""

    hits: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    worse: list[str] = field(default_factory=list)

    def add(self, what: str, name: str, *, hit: bool, wanted: bool = True) -> None:
        """Count one trial; one that is not as wanted is remembered by name."""
        self.of[what] += 1
        self.hits[what] += hit
        if hit is not wanted:
            self.worse.append(f"{what}: {name}")

    def cell(self, what: str) -> str:
        """Hits of trials."""
        return f"{self.hits[what]}/{self.of[what]}"


def conditions(face_px: float) -> dict[str, Degrade]:
    """Every condition by name, for a clip whose face is `face_px` high."""
    return {
        "as filmed": as_filmed,
        "15 a second": at_rate(15),
        "12 a second": at_rate(12),
        "a third lost": uneven,
        "face 80 px": face_of(_SMALL_FACE_PX, face_px),
        "JPEG 25": jpeg(25),
        "quarter light": light(0.25),
    }


def events_in(
    frames: Iterable[ClipFrame], backend: LandmarkBackend
) -> tuple[Observation, tuple[Event, ...]]:
    """Watch frames; raises CannotJudge like `observe`."""
    seen = observe_frames(frames, backend)
    return seen, find_events(seen.track, backend.limits)


def tally(shown: Shown, events: Sequence[Event], passes: set[Action], into: Tally) -> None:
    """Count what was found in one clip against what it shows."""
    found = {event.action for event in events}
    for action in shown.must:
        into.add("turn" if action in TURNS else str(action), shown.name, hit=action in found)
    for action in set(Action) - shown.may:
        what = "false turn" if action in TURNS else f"false {action}"
        into.add(what, shown.name, hit=action in found, wanted=False)
        into.add("passes unshown", f"{shown.name} {action}", hit=action in passes, wanted=False)
    peaks = [event.peak_s for event in events if event.action is Action.BLINK]
    for at_s in shown.blinks_s:
        near = any(abs(at_s - peak) <= _SAME_BLINK_S for peak in peaks)
        into.add("listed blink", f"{shown.name} {at_s}", hit=near)
    for action in shown.must:
        # A turn nobody asked for spoils any other action, on purpose.
        if not (shown.must - {action}) & set(TURNS):
            into.add("passes shown", f"{shown.name} {action}", hit=action in passes)


def passing(seen: Observation, events: Sequence[Event], backend: LandmarkBackend) -> set[Action]:
    """The actions that a challenge of that one action over the whole clip finds done."""
    rest = rest_of(find_neutral(seen.track, backend.limits), backend.limits)
    done = set()
    for action in Action:
        step = ChallengeStep(action=action, count=1, start_s=0.0, end_s=seen.duration_s)
        (judged,) = judge_steps([step], events, rest, must_return=False)
        done |= {action} if judged.passed else set()
    return done


def face_height_px(clip: bytes, backend: LandmarkBackend) -> float:
    """Median height of the face in a few frames."""
    tracker, heights = backend.start(), []
    for i, frame in enumerate(read_clip(clip)):
        signals = tracker.signals(frame.rgb, frame.time_s) if i < 10 else None
        heights += [signals.box[3] - signals.box[1]] if signals else []
    return float(np.median(heights))


def trials(folder: Path, backend: LandmarkBackend, only: str | None) -> Iterator[Trial]:
    """Every labelled clip in every condition, as filmed and mirrored."""
    for shown in read_labels(folder):
        clip = (folder / shown.file).read_bytes()
        for name, degrade in conditions(face_height_px(clip, backend)).items():
            if only in (None, name):
                yield name, shown, degrade(read_clip(clip))
                yield name, shown.mirrored(), degrade(mirrored(read_clip(clip)))


def run(folder: Path, backend: LandmarkBackend, only: str | None) -> dict[str, Tally]:
    """Measure all trials."""
    found: dict[str, Tally] = {}
    for name, shown, frames in trials(folder, backend, only):
        into = found.setdefault(name, Tally())
        try:
            seen, events = events_in(frames, backend)
        except CannotJudge as error:
            into.worse.append(f"{error.reason}: {shown.name}")
            into.of["not judged"] += 1
            continue
        tally(shown, events, passing(seen, events, backend), into)
    return found


COLUMNS = (
    "turn", "smile", "blink", "listed blink", "passes shown",
    "false turn", "false smile", "false blink", "passes unshown", "not judged",
)  # fmt: skip


def show(found: dict[str, Tally]) -> None:
    """Print one row a condition, then what was not as it should be."""
    table = Table("condition", *COLUMNS)
    for name, one in found.items():
        cells = (one.cell(what) if what != "not judged" else str(one.of[what]) for what in COLUMNS)
        table.add_row(name, *cells)
    console.print(table)
    for name, one in found.items():
        console.print(f"{name}: {json.dumps(Counter(one.worse))}", style="dim")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with labels.csv")
    parser.add_argument("--landmarks", default="facemesh")
    parser.add_argument("--only", help="one condition by name")
    options = parser.parse_args()
    started = time.process_time()
    show(run(options.folder, load_landmarks(options.landmarks, DEFAULT_ROOT), options.only))
    console.print(f"{time.process_time() - started:.0f} CPU-s")


if __name__ == "__main__":
    main()
