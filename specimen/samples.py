"""One card of a data set: drawn, printed, photographed on both sides, and written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from pipeline.image import RgbImage
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
    #: All cards are valid on this day.
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A card as it is written down."""

    #: Its line of cards.jsonl.
    row: dict[str, Any]
    #: Its line of prints.jsonl; None where no card was printed.
    places: dict[str, Any] | None
    #: JPEG files by name.
    files: dict[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CardSample:
    """A card, photographed on both sides."""

    version: CardVersion
    severity: Severity
    person: Person
    sides: tuple[PrintedSide, PrintedSide]
    photos: tuple[CardPhoto, CardPhoto]


def schedule(number: int, seed: int) -> tuple[CardVersion, Severity]:
    """Version and severity of the card with this number: fixed shares, shuffled."""
    versions = [version for version, count in VERSION_MIX.items() for _ in range(count)]
    severities = list(Severity)
    turn, place = divmod(number, len(versions))
    shuffled = np.random.default_rng([seed, 1, turn]).permutation(len(versions))
    turn_of_severity, step = divmod(number, len(severities))
    order = np.random.default_rng([seed, 2, turn_of_severity]).permutation(len(severities))
    return versions[shuffled[place]], severities[order[step]]


def draw_order(
    version: CardVersion, source: Source, rng: np.random.Generator, *, expired: bool = False
) -> CardOrder:
    """Draw a person, a portrait and a design."""
    person = draw_person(
        rng, version=version, today=source.today, words=source.words, expired=expired
    )
    portrait = _vary_portrait(card_portrait(pick(rng, tuple(Subject))), rng)
    style = draw_style(rng, source.faces(rng))
    return CardOrder(person=person, version=version, portrait=portrait, style=style)


def _vary_portrait(portrait: RgbImage, rng: np.random.Generator) -> RgbImage:
    """Another light, crop and direction: two people must do for many."""
    height, width = portrait.shape[:2]
    crop = int(rng.integers(0, 24))
    cut = portrait[crop : height - crop, crop * width // height : width - crop * width // height]
    turned = cut[:, ::-1] if rng.random() < 0.5 else cut
    lit = turned * rng.uniform(0.85, 1.1) + rng.uniform(-12, 12, 3)
    return RgbImage(np.clip(lit, 0, 255).astype(np.uint8))


def photograph_card(order: CardOrder, severity: Severity, rng: np.random.Generator) -> CardSample:
    """Print a card and photograph both sides."""
    sides = print_card(order)
    front, back = (photograph(side.image, draw_severity(severity, rng), rng) for side in sides)
    return CardSample(
        version=order.version,
        severity=severity,
        person=order.person,
        sides=sides,
        photos=(front, back),
    )


def draw_sample(number: int, seed: int, source: Source) -> CardSample:
    """Draw, print and photograph the card with this number; it depends on nothing else."""
    rng = np.random.default_rng([seed, 0, number])
    version, severity = schedule(number, seed)
    return photograph_card(draw_order(version, source, rng), severity, rng)


def draw_entry(number: int, seed: int, source: Source) -> Entry:
    """The same, written down as a clean, readable card that must be read."""
    return entry_of(f"{number:04d}", seed, draw_sample(number, seed, source))


def entry_of(
    name: str,
    seed: int,
    sample: CardSample,
    *,
    condition: str = "clean",
    expect: tuple[str, ...] | None = None,
) -> Entry:
    """Write a sample down.

    Args:
        name: the card's id, and how its files begin.
        seed: of the data set.
        sample: the card.
        condition: what is special about it.
        expect: codes any of which is a right refusal or failed check; None = it must be read.
    """
    front, back = f"{name}-front.jpg", f"{name}-back.jpg"
    row = {
        "id": name,
        "front": front,
        "back": back,
        "version": str(sample.version),
        "severity": str(sample.severity),
        "condition": condition,
        "readable": True,
        "expect": list(expect) if expect else None,
        "fields": true_fields(sample.person, sample.version, sample.sides),
        "seed": seed,
    }
    files = {front: sample.photos[0].jpeg, back: sample.photos[1].jpeg}
    return Entry(row=row, places={"id": name, **_places(sample)}, files=files)


def _places(sample: CardSample) -> dict[str, Any]:
    """Per side the photo's size, the card's corners in it, and boxes in mm of the card."""
    return {
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


def _in_mm(box: tuple[float, float, float, float], side: PrintedSide) -> list[float]:
    scale = CARD_MM[0] / side.image.shape[1]
    return [round(value * scale, 2) for value in box]
