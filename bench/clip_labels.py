"""What labelled clips show, read from a labels.csv: label, visible, blink_count, yaw_peak and the description.

Seconds stand in the description of long clips ("blinks 1.3, 4.5 (half), 6.86; turns right 1.4-2.4 (-19)"); cuts hold
one action and its count.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.challenge import Action

#: Least turn that must be found: a smaller one may be.
MUST_TURN_DEG = 18
_SECONDS = re.compile(r"(\d+\.\d+)( \(half\))?")
#: "left (30) 0.8-1.4" and "right 1.4-2.4 (-19)"; a turn that the clip starts or ends with never came from rest.
_TURN = re.compile(
    r"(right|left) (?:\((-?\d+)\) (?:at )?(\d+\.\d+)|(\d+\.\d+)(?:-\d+\.\d+)? \((-?\d+)\))"
)
#: Smiles that only the descriptions tell, or nothing does (6.2-6.7 s of tps_driving); looked at on 30 Nov 2026.
_SMILES = ("em_a", "st_katiehill", "tps_driving")
#: Seen by eye in clips whose labels say nothing about it: no false alarm, and no must.
_ALSO_SEEN = {
    "intel_head-pose-face-detection-female-and-male": {Action.BLINK},
    "em_a": {Action.BLINK},  # 9.3 s
    "intel_head-pose-face-detection-male": {Action.BLINK},  # 5.0 s, eyes shut
    "intel_asl_yes": {Action.BLINK},  # 1.9 s, half shut
    "intel_asl_please": {Action.SMILE},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a clip shows.

    Attributes:
        file: path under the folder of the labels.
        blinks_s: seconds of each listed blink of a long clip.
        blink_count: of a cut; None when only `blinks_s` or nothing is known.
        must: actions that have to be found.
        may: actions that are visible, found or not.
    """

    file: str
    blinks_s: tuple[float, ...]
    blink_count: int | None
    must: frozenset[Action]
    may: frozenset[Action]

    @property
    def name(self) -> str:
        """The file without folder and ending."""
        return Path(self.file).stem

    def mirrored(self) -> Shown:
        """The same clip with left and right swapped."""
        swap = {Action.TURN_LEFT: Action.TURN_RIGHT, Action.TURN_RIGHT: Action.TURN_LEFT}
        return Shown(
            file=self.file, blinks_s=self.blinks_s, blink_count=self.blink_count,
            must=frozenset(swap.get(a, a) for a in self.must),
            may=frozenset(swap.get(a, a) for a in self.may),
        )  # fmt: skip


def read_labels(folder: Path) -> list[Shown]:
    """Return the clips of one or two people whose actions are known, in the order of the file."""
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [_shown(row) for row in rows if _is_known(row)]


def _is_known(row: dict[str, str]) -> bool:
    unknown = ("multi_shot", "spoof_demo", "three_faces")
    return row["kind"] in ("challenge", "full") and row["visible"] not in unknown


def _shown(row: dict[str, str]) -> Shown:
    blinks_s = _blinks_s(row["description"]) if row["kind"] == "full" else ()
    turns = _turns(row)
    must = {action for action, deg in turns if abs(deg) >= MUST_TURN_DEG}
    if blinks_s or (row["label"] == "blink"):
        must.add(Action.BLINK)
    if row["label"] == "smile" or Path(row["file"]).stem in _SMILES:
        must.add(Action.SMILE)
    return Shown(
        file=row["file"], blinks_s=blinks_s,
        blink_count=int(row["blink_count"]) if row["blink_count"] else None,
        must=frozenset(must), may=frozenset(must | _may(row) | {action for action, _ in turns}),
    )  # fmt: skip


def _may(row: dict[str, str]) -> set[Action]:
    text = row["description"]
    found = set(_ALSO_SEEN.get(Path(row["file"]).stem, ()))
    if "blink" in text or "closure" in text or row["blink_count"] not in ("", "0"):
        found.add(Action.BLINK)
    if "smile" in row["visible"].split(";") or "smile " in text or row["smile_s"] == "yes":
        found.add(Action.SMILE)
    words = re.findall(r"(right|left) (?:\(|\d)", text)
    return found | {Action(f"turn_{word}") for word in words}


def _blinks_s(text: str) -> tuple[float, ...]:
    _, _, listed = text.partition("blinks")
    marks = _SECONDS.findall(listed.partition(";")[0])
    return tuple(float(seconds) for seconds, half in marks if not half)


def _turns(row: dict[str, str]) -> list[tuple[Action, float]]:
    if row["yaw_peak"]:
        peak = float(row["yaw_peak"])
        return [(Action.TURN_LEFT if peak > 0 else Action.TURN_RIGHT, peak)]
    found = []
    for word, deg, at_s, other_at_s, other_deg in _TURN.findall(row["description"]):
        if float(at_s or other_at_s) > 0:
            found.append((Action(f"turn_{word}"), float(deg or other_deg)))
    return found
