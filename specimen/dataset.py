"""Folders of photographed SPECIMEN cards with their truth, for evaluations.

`cards.jsonl` holds one card a line: file names, version, severity and the values a reader should report.
`prints.jsonl` holds where everything lies: corners of the card in each photo, boxes of each line on the print.
`dataset.json` says how the folder was made. A card depends on seed and place in the row alone, so a longer run begins
with the cards of a shorter one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from specimen.card import CardOrder, PrintedSide, print_card
from specimen.cast import card_portrait
from specimen.dice import pick
from specimen.layout import CARD_MM
from specimen.lexicon import Words
from specimen.people import CardVersion, Person, draw_person
from specimen.photos import Subject
from specimen.scene import CardPhoto, photograph
from specimen.shots import Severity, draw_severity
from specimen.style import Faces, draw_style
from specimen.truth import true_fields

#: Versions of twenty cards in a row: 45 %, 45 %, 10 %.
VERSION_MIX = {
    CardVersion.CHIP_2021: 9,
    CardVersion.CAN_CUOC_2024: 9,
    CardVersion.BARCODE_2016: 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What cards of a data set are drawn from."""

    #: "user", "validation" or "test": what the set may be used for.
    part: str
    words: Words
    #: Draws the fonts of one card.
    faces: Callable[[np.random.Generator], Faces]
    #: Names of all fonts that can be drawn, for the record.
    fonts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CardSample:
    """A card, photographed on both sides."""

    number: int
    version: CardVersion
    severity: Severity
    person: Person
    sides: tuple[PrintedSide, PrintedSide]
    photos: tuple[CardPhoto, CardPhoto]

    @property
    def name(self) -> str:
        """Name in file names and rows."""
        return f"{self.number:04d}"

    def file_names(self) -> tuple[str, str]:
        """Names of the two photos."""
        return f"{self.name}-front.jpg", f"{self.name}-back.jpg"


def schedule(number: int, seed: int) -> tuple[CardVersion, Severity]:
    """Version and severity of the card with this number: fixed shares, shuffled."""
    versions = [version for version, count in VERSION_MIX.items() for _ in range(count)]
    severities = list(Severity)
    turn, place = divmod(number, len(versions))
    shuffled = np.random.default_rng([seed, 1, turn]).permutation(len(versions))
    turn_of_severity, step = divmod(number, len(severities))
    order = np.random.default_rng([seed, 2, turn_of_severity]).permutation(len(severities))
    return versions[shuffled[place]], severities[order[step]]


def draw_sample(number: int, seed: int, source: Source, today: date) -> CardSample:
    """Draw, print and photograph one card.

    Args:
        number: its place in the data set, from 0.
        seed: of the data set.
        source: words and fonts.
        today: the card is valid on this day.
    """
    rng = np.random.default_rng([seed, 0, number])
    version, severity = schedule(number, seed)
    person = draw_person(rng, version=version, today=today, words=source.words)
    portrait = card_portrait(pick(rng, tuple(Subject)))
    style = draw_style(rng, source.faces(rng))
    order = CardOrder(person=person, version=version, portrait=portrait, style=style)
    sides = print_card(order)
    front, back = (photograph(side.image, draw_severity(severity, rng), rng) for side in sides)
    return CardSample(
        number=number,
        version=version,
        severity=severity,
        person=person,
        sides=sides,
        photos=(front, back),
    )


def write_dataset(
    out: Path, *, cards: int, seed: int, source: Source, today: date, command: str
) -> Iterator[CardSample]:
    """Write a data set; yields each card once it is on disk, so that a caller can show progress.

    Args:
        out: folder, made if it is not there; must not hold a data set yet.
        cards: how many.
        seed: everything random follows from it.
        source: words and fonts.
        today: all cards are valid on this day.
        command: how to make the folder again, for the record.

    Raises:
        FileExistsError: the folder holds a data set.
    """
    out.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    with (
        (out / "cards.jsonl").open("x", encoding="utf-8") as rows,
        (out / "prints.jsonl").open("x", encoding="utf-8") as prints,
    ):
        for number in range(cards):
            sample = draw_sample(number, seed, source, today)
            for name, photo in zip(sample.file_names(), sample.photos, strict=True):
                (out / name).write_bytes(photo.jpeg)
            rows.write(_json(row(sample, seed)))
            prints.write(_json(print_row(sample)))
            counts.update((str(sample.version), str(sample.severity)))
            yield sample
    about = {
        "command": command,
        "part": source.part,
        "seed": seed,
        "today": today.isoformat(),
        "cards": cards,
        "counts": dict(sorted(counts.items())),
        "fonts": list(source.fonts),
    }
    (out / "dataset.json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n")


def row(sample: CardSample, seed: int) -> dict[str, Any]:
    """One line of cards.jsonl."""
    front, back = sample.file_names()
    return {
        "id": sample.name,
        "front": front,
        "back": back,
        "version": str(sample.version),
        "severity": str(sample.severity),
        "condition": "clean",
        "readable": True,
        "expect": None,
        "fields": true_fields(sample.person, sample.version, sample.sides),
        "seed": seed,
    }


def print_row(sample: CardSample) -> dict[str, Any]:
    """One line of prints.jsonl: per side the photo's size, the card's corners in it, and boxes in mm of the card."""
    sides = {
        str(side.side): {
            "size_px": [photo.image.shape[1], photo.image.shape[0]],
            "corners_px": np.round(photo.corners, 1).tolist(),
            "lines": [
                {"role": line.role, "text": line.text, "box_mm": _in_mm(line.box, side)}
                for line in side.lines
            ],
            "regions_mm": {name: _in_mm(box, side) for name, box in side.regions.items()},
        }
        for side, photo in zip(sample.sides, sample.photos, strict=True)
    }
    return {"id": sample.name, **sides}


def _in_mm(box: tuple[float, float, float, float], side: PrintedSide) -> list[float]:
    scale = CARD_MM[0] / side.image.shape[1]
    return [round(value * scale, 2) for value in box]


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"
