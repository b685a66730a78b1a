"""Folders of photographed SPECIMEN cards with their truth, for evaluations.

`cards.jsonl` holds one card a line: file names, version, severity and the values a reader should report.
`prints.jsonl` holds where everything lies: corners of the card in each photo, boxes of each line on the print.
`dataset.json` says how the folder was made. A card depends on seed and number alone, so a longer run begins with the
cards of a shorter one, and the number of processes changes nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

import cv2

from specimen.samples import Entry, Source


class Maker(Protocol):
    """Draws one card of a data set."""

    def __call__(self, number: int, seed: int, source: Source) -> Entry:
        """Draw the card with this number."""
        ...


def write_dataset(
    out: Path,
    make: Maker,
    *,
    cards: int,
    seed: int,
    source: Source,
    command: str,
    jobs: int = 1,
) -> Iterator[Entry]:
    """Write a data set; yields each card once it is on disk, so that a caller can show progress.

    Args:
        out: folder, made if it is not there.
        make: draws a card from number, seed and source: `draw_entry` or `draw_oddity`.
        cards: how many.
        seed: everything random follows from it.
        source: words and fonts.
        command: how to make the folder again, for the record.
        jobs: processes that draw.

    Raises:
        FileExistsError: the folder holds a data set already.
    """
    out.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    with (
        (out / "cards.jsonl").open("x", encoding="utf-8") as rows,
        (out / "prints.jsonl").open("x", encoding="utf-8") as prints,
    ):
        for entry in _draw_all(partial(make, seed=seed, source=source), cards, jobs):
            for name, data in entry.files.items():
                (out / name).write_bytes(data)
            rows.write(_json_line(entry.row))
            if entry.places is not None:
                prints.write(_json_line(entry.places))
            counts.update(entry.row[key] for key in ("version", "severity", "condition"))
            yield entry
    about = {
        "command": command,
        "part": source.part,
        "seed": seed,
        "today": source.today.isoformat(),
        "cards": cards,
        "counts": dict(sorted(counts.items())),
        "fonts": list(source.fonts),
    }
    (out / "dataset.json").write_text(
        json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def _draw_all(make: Callable[[int], Entry], cards: int, jobs: int) -> Iterator[Entry]:
    """All cards in order, drawn here or by processes that start afresh."""
    if jobs == 1:
        yield from map(make, range(cards))
        return
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        yield from pool.map(make, range(cards))


def _json_line(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"
