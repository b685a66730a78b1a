"""Whether fields are found in layouts of many kinds, apart from how well lines are read.

    python -m bench.field_layouts DATASET --seed 1

Takes the true lines of a data set (prints.jsonl), leans and shifts them, joins neighbours on a row as detectors do, and
hands them to the field reader.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import typer
from rich.console import Console

from pipeline.card.fields import read_fields
from pipeline.card.geometry import CARD_MM, Quad, bounding_box
from pipeline.card.text import TextLine
from pipeline.findings import Box, CardVersion

_WIDTH_PX = 1400.0
_MOST_LEAN_DEG, _JITTER_DEG, _JITTER_PX = 4.0, 0.3, 2.0
#: Neighbours on a row that a detector may take for one line stand this close, millimetres.
_JOINED_MM = 2.5
Printed = tuple[str, Box]


def detected(lines: Sequence[Printed], share: float, rng: random.Random) -> list[Printed]:
    """Join that share of the neighbours on a row."""
    found: list[Printed] = []
    for text, box in sorted(lines, key=lambda line: line[1][0]):
        for i, (before, left) in enumerate(found):
            near = _on_one_row(left, box) and -1 < box[0] - left[2] < _JOINED_MM
            if near and rng.random() < share:
                joined = left[0], min(left[1], box[1]), box[2], max(left[3], box[3])
                found[i] = (f"{before} {text}", joined)
                break
        else:
            found.append((text, box))
    return found


def _on_one_row(a: Box, b: Box) -> bool:
    return min(a[3], b[3]) - max(a[1], b[1]) >= 0.5 * min(a[3] - a[1], b[3] - b[1])


def as_line(printed: Printed, lean_deg: float, rng: random.Random) -> TextLine:
    """Place a printed line on a card that stands askew."""
    text, box = printed
    x1, y1, x2, y2 = (value * _WIDTH_PX / CARD_MM[0] for value in box)
    turn = np.radians(lean_deg + rng.gauss(0, _JITTER_DEG))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = np.array([_WIDTH_PX / 2, _WIDTH_PX * CARD_MM[1] / CARD_MM[0] / 2])
    shift = np.array([rng.gauss(0, _JITTER_PX), rng.gauss(0, _JITTER_PX)])
    corners = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]]) - middle
    quad = Quad((corners @ rotation.T + middle + shift).astype(np.float32))
    left, right = float(quad[[0, 3], 0].mean()), float(quad[[1, 2], 0].mean())
    steps = (np.arange(len(text)) + 0.5) / max(len(text), 1)
    return TextLine(
        text=text,
        char_scores=(0.99,) * len(text),
        char_x=tuple((left + (right - left) * steps).tolist()),
        corners=quad,
        box=bounding_box(quad),
    )


def read(prints: dict[str, Any], version: CardVersion, rng: random.Random) -> dict[str, str]:
    """Return the fields of both sides of a card."""
    share, lean_deg = rng.choice((0.0, 0.5, 1.0)), rng.uniform(-_MOST_LEAN_DEG, _MOST_LEAN_DEG)
    found: dict[str, str] = {}
    for side in ("front", "back"):
        printed = [(line["text"], tuple(line["box_mm"])) for line in prints[side]["lines"]]
        lines = [as_line(line, lean_deg, rng) for line in detected(printed, share, rng)]
        fields = read_fields(lines, version, side, _WIDTH_PX)
        found |= {str(name): field.value for name, field in fields.items()}
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def main(dataset: Path, seed: int = 1) -> None:
    """Print what was not found right, and how much was."""
    console = Console()
    truth = {row["id"]: row for row in _rows(dataset / "cards.jsonl")}
    counts: Counter[bool] = Counter()
    for prints in _rows(dataset / "prints.jsonl"):
        row = truth[prints["id"]]
        rng = random.Random(f"{seed}:{prints['id']}")
        found = read(prints, CardVersion(row["version"]), rng)
        for name in row["fields"].keys() | found.keys():
            right = found.get(name) == row["fields"].get(name)
            counts[right] += 1
            if not right:
                console.print(row["id"], name, row["fields"].get(name), "|", found.get(name))
    console.print(f"{counts[True]} of {sum(counts.values())} fields right")


if __name__ == "__main__":
    typer.run(main)
