"""What reading one side of a card costs, step by step, with either engine in the same run.

    python -m bench.card_speed DATASET --cards 10

DATASET is a folder that `ekyc specimen dataset` wrote. Every photo is read by every engine in turn, so that both meet
the same load of the machine; the clock is that of the process, so that waiting for the processor does not count.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from pipeline.card.fields import read_fields
from pipeline.card.side import Stopwatch, read_side
from pipeline.card.text import TextEngine, TextReader, load_text_reader
from pipeline.errors import CannotJudge
from pipeline.image import RgbImage, decode_image
from pipeline.weights import DEFAULT_ROOT

STEPS = ("find", "detect", "recognise", "fields")


def photos(dataset: Path, cards: int) -> Iterator[RgbImage]:
    """Decode both photos of the first cards of a data set."""
    with (dataset / "cards.jsonl").open(encoding="utf-8") as rows:
        for _, row in zip(range(cards), rows, strict=False):
            card = json.loads(row)
            for side in ("front", "back"):
                if card[side]:
                    yield decode_image((dataset / card[side]).read_bytes(), evidence="card_front")


def time_side(photo: RgbImage, reader: TextReader) -> dict[str, float]:
    """Read one side; return CPU milliseconds by step. A side that is refused costs what was tried."""
    watch = Stopwatch(time.process_time)
    try:
        side = read_side(photo, reader, watch)
        watch.run("fields", lambda: read_fields(side.lines, side.kind.version, side.kind.side))
    except CannotJudge:
        watch.timing_ms["refused"] = 0.0
    return watch.timing_ms


def main(
    dataset: Annotated[Path, typer.Argument(help="Folder with cards.jsonl.")],
    cards: Annotated[int, typer.Option(help="The first so many cards, both sides.")] = 10,
    engines: Annotated[str, typer.Option(help="Comma-separated.")] = "direct,paddleocr",
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
) -> None:
    """Measure the cost of a side."""
    cv2.setNumThreads(1)
    readers = {
        name: load_text_reader(weights, engine=TextEngine(name)) for name in engines.split(",")
    }
    blank = RgbImage(np.full((96, 320, 3), 200, np.uint8))
    for reader in readers.values():
        reader.detect(blank, 320)
        reader.recognise([blank])
    spent: dict[str, list[dict[str, float]]] = defaultdict(list)
    for photo in photos(dataset, cards):
        for name, reader in readers.items():
            spent[name].append(time_side(photo, reader))
    _show(spent)


def _show(spent: dict[str, list[dict[str, float]]]) -> None:
    table = Table("CPU ms a side", *STEPS, "median", "p95", "sides", "refused")
    for name, sides in spent.items():
        means = [f"{np.mean([side.get(step, 0.0) for side in sides]):.0f}" for step in STEPS]
        totals = [sum(side.values()) for side in sides]
        median, p95 = np.percentile(totals, (50, 95))
        refused = sum("refused" in side for side in sides)
        table.add_row(name, *means, f"{median:.0f}", f"{p95:.0f}", str(len(sides)), str(refused))
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
