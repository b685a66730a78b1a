"""How often the card reader is right on photographed SPECIMEN cards, what it costs, and how honest its confidence is.

    python -m bench.card_accuracy --cards 40 --seed 1000 --out docs/reports/card-2026-11.json

Truth is what was printed. Fields are compared exactly after NFC; `fused` is the reader's own value, `printed` what was
read from print alone (QR code and MRZ off).
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from pipeline.card.reader import CardReader, load_card_reader
from pipeline.findings import CardFinding, FieldName
from pipeline.image import RgbImage, decode_image
from pipeline.weights import DEFAULT_ROOT
from specimen.card import CardOrder, PrintedSide, print_card
from specimen.cast import card_portrait
from specimen.people import NO_EXPIRY, CardVersion, draw_person
from specimen.photos import Subject
from specimen.scene import Shot, draw_shot, photograph

TODAY = date(2026, 11, 23)
SEVERITIES = ("flat", "careful", "turned", "tilted", "poor")
_EDGES = (0.0, 0.5, 0.8, 0.9, 0.98, 0.995, 1.0001)
console = Console()


@dataclass(slots=True)
class Score:
    """Counts of one severity."""

    cards: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    fused: Counter[str] = field(default_factory=Counter)
    printed: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    all_right: int = 0
    failed_checks: Counter[str] = field(default_factory=Counter)
    cpu_s: list[float] = field(default_factory=list)


def draw_severity(severity: str, rng: np.random.Generator) -> Shot:
    """Draw how a card is photographed."""
    shot = draw_shot(rng, any_rotation=severity in ("turned", "tilted"))
    if severity == "tilted":
        lean = {f"tilt_{axis}_deg": float(rng.uniform(-27, 27)) for axis in "xy"}
        return replace(shot, share=float(rng.uniform(0.5, 0.97)), **lean)
    if severity == "poor":
        look = replace(
            shot.look, blur_px=float(rng.uniform(0.6, 1.8)), noise=float(rng.uniform(3, 7))
        )
        return replace(shot, look=look, share=float(rng.uniform(0.6, 0.9)), jpeg_quality=60)
    return shot


def take(side: PrintedSide, severity: str, rng: np.random.Generator) -> RgbImage:
    """Take a photo of a printed side; `flat` is the print itself."""
    if severity == "flat":
        return side.image
    photo = photograph(side.image, draw_severity(severity, rng), rng)
    return decode_image(photo.jpeg, evidence="card_front")


def truth_of(sides: tuple[PrintedSide, PrintedSide]) -> dict[str, str]:
    """The printed fields in the reader's form."""
    truth: dict[str, str] = {}
    for side in sides:
        for name in FieldName:
            text = side.field_text(str(name))
            if text:
                truth[str(name)] = _normal(str(name), text)
    return truth


def _normal(name: str, text: str) -> str:
    if name.startswith("date_") and text != NO_EXPIRY:
        day, month, year = text.split("/")
        return f"{year}-{month}-{day}"
    return text


def add(
    score: Score, finding: CardFinding, truth: Mapping[str, str], bins: dict[int, list[bool]]
) -> list[str]:
    """Count one card; returns what was wrong, for looking at."""
    score.cards += 1
    if finding.rejected is not None:
        score.refused[str(finding.rejected.code)] += 1
        return [f"refused {finding.rejected.code} {dict(finding.rejected.facts)}"]
    wrong = []
    for name, value in truth.items():
        reading = finding.fields.get(FieldName(name))
        score.seen[name] += 1
        right = reading is not None and reading.value == value
        score.fused[name] += right
        score.printed[name] += reading is not None and reading.readings.get("ocr") == value
        if reading is not None:
            bins[int(np.digitize(reading.confidence, _EDGES))].append(right)
        if not right:
            said = f"{reading.value!r} {reading.confidence}" if reading else "nothing"
            wrong.append(f"{name}: {value!r} read {said}")
    score.all_right += not wrong
    failed = [str(check.code) for check in finding.checks if check.passed is False]
    score.failed_checks.update(failed)
    return [*wrong, *(f"failed {code}" for code in failed)]


def run_card(
    reader: CardReader, severity: str, seed: int, score: Score, bins: dict[int, list[bool]]
) -> list[str]:
    """Draw, photograph and read one card."""
    rng = np.random.default_rng(seed)
    version = tuple(CardVersion)[seed % 2]
    subject = tuple(Subject)[seed // 2 % len(Subject)]
    person = draw_person(rng, version=version, today=TODAY)
    sides = print_card(CardOrder(person=person, version=version, portrait=card_portrait(subject)))
    front, back = (take(side, severity, rng) for side in sides)
    start_s = time.process_time()
    finding = reader.read(front, back, today=TODAY)
    score.cpu_s.append(time.process_time() - start_s)
    return add(score, finding, truth_of(sides), bins)


def main(
    cards: Annotated[int, typer.Option(help="Cards per severity.")] = 8,
    seed: Annotated[
        int, typer.Option(help="First seed; the same seeds draw the same cards.")
    ] = 1000,
    severities: Annotated[str, typer.Option(help="Comma-separated.")] = ",".join(SEVERITIES),
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
    out: Annotated[Path | None, typer.Option(help="Write the counts as JSON.")] = None,
) -> None:
    """Measure the card reader on drawn photos."""
    cv2.setNumThreads(1)
    reader = load_card_reader(weights)
    reader.warm_up()
    bins: dict[int, list[bool]] = defaultdict(list)
    scores = {severity: Score() for severity in severities.split(",")}
    for severity, score in scores.items():
        for n in track(range(cards), severity, console=Console(stderr=True)):
            wrong = run_card(reader, severity, seed + n, score, bins)
            if wrong:
                console.print(
                    f"{severity} {seed + n}: {'; '.join(wrong)}", markup=False, highlight=False
                )
    _show(scores, bins)
    if out is not None:
        out.write_text(
            json.dumps(_table(scores, bins), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )


def _share(part: float, whole: float) -> str:
    return f"{part:g}/{whole:g}" if whole else "-"


def _show(scores: Mapping[str, Score], bins: Mapping[int, list[bool]]) -> None:
    table = Table("field", *scores, title="right values, fused (printed alone)")
    for name in FieldName:
        cells = [
            f"{_share(s.fused[name], s.seen[name])} ({s.printed[name]})" if s.seen[name] else "-"
            for s in scores.values()
        ]
        table.add_row(str(name), *cells)
    table.add_row("all fields right", *[_share(s.all_right, s.cards) for s in scores.values()])
    table.add_row("refused", *[str(dict(s.refused) or 0) for s in scores.values()])
    table.add_row("failed checks", *[str(dict(s.failed_checks) or 0) for s in scores.values()])
    table.add_row("CPU-s per card, median", *[f"{np.median(s.cpu_s):.2f}" for s in scores.values()])
    console.print(table)
    reliability = Table("confidence", "fields", "right")
    for i in sorted(bins):
        reliability.add_row(
            f"{_EDGES[i - 1]:g} - {min(_EDGES[i], 1.0):g}",
            str(len(bins[i])),
            f"{np.mean(bins[i]):.3f}",
        )
    console.print(reliability)


def _table(scores: Mapping[str, Score], bins: Mapping[int, list[bool]]) -> dict[str, object]:
    return {
        "severities": {
            name: {
                "cards": s.cards, "all_right": s.all_right, "refused": dict(s.refused),
                "seen": dict(s.seen), "fused": dict(s.fused), "printed": dict(s.printed),
                "failed_checks": dict(s.failed_checks), "median_cpu_s": round(float(np.median(s.cpu_s)), 3),
            }
            for name, s in scores.items()
        },
        "confidence": [
            {"from": _EDGES[i - 1], "fields": len(bins[i]), "right": sum(bins[i])} for i in sorted(bins)
        ],
    }  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
