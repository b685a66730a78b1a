"""What the quality gates of the card reader refuse and let pass, on cards photographed under conditions.

    python -m bench.card_gates --group clean --each 10 --seed 10000
    python -m bench.card_gates --group capture --each 3 --seed 20000
    python -m bench.card_gates --group copies --each 4 --seed 30000
    python -m bench.card_gates --group genuine --each 10 --seed 40000

Thresholds were chosen with seeds below 10,000. `harmed` are sides on which a part that the decision needs was not read
right; of them `told` were refused or failed a gate, `cause` with the reason that fits the condition. `silent` were
neither told nor doubted: a wrong value with a confidence of 0.8 or more, no gate, no contradiction of a code.
Of what was not harmed, `refused` failed a gate all the same. A copy counts as harmed by being one; copies, and the
genuine cards they are compared with, are judged where the card is, without reading it. Ctrl-C shows what was counted.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
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

from ekyc.evaluation.statistics import Share
from pipeline.card.crosscheck import same_text
from pipeline.card.gates import CAPTURE_GATES, CardRead, judge_sides, look_at
from pipeline.card.geometry import Quad
from pipeline.card.quality import measure_quality
from pipeline.card.reader import CardReader, load_card_reader
from pipeline.card.rectify import rectify
from pipeline.card.regions import REGIONS_MM
from pipeline.card.surface import measured_picture
from pipeline.findings import CardFinding, CardVersion, FieldName
from pipeline.image import RgbImage, decode_image
from pipeline.reasons import ReasonCode
from pipeline.weights import DEFAULT_ROOT
from specimen.card import CardOrder, PrintedSide, print_card
from specimen.cast import card_portrait
from specimen.conditions import Circumstance, Condition, photograph_under
from specimen.people import CardVersion as Printed
from specimen.people import Person, draw_person
from specimen.photos import Subject
from specimen.shots import Severity, draw_severity
from specimen.style import bundled_faces, draw_style
from specimen.truth import true_fields

_C, _CODE = Condition, ReasonCode
TODAY = date(2026, 11, 23)
FITTING = {
    _C.DEFOCUS: {_CODE.CARD_BLURRED},
    _C.MOTION: {_CODE.CARD_BLURRED},
    _C.GLARE: {_CODE.CARD_GLARE, _CODE.CARD_OVEREXPOSED},
    _C.FINGER: {_CODE.CARD_COVERED},
    _C.PAPER: {_CODE.CARD_COVERED},
    _C.CUT_OFF: {_CODE.CARD_CUT_OFF},
    _C.FAR: {_CODE.CARD_TOO_SMALL},
    _C.DARK: {_CODE.CARD_DARK},
    _C.OVEREXPOSED: {_CODE.CARD_OVEREXPOSED, _CODE.CARD_GLARE},
    _C.PHOTOCOPY: {_CODE.CARD_PHOTOCOPY},
    _C.GREY_SCAN: {_CODE.CARD_PHOTOCOPY},
    _C.SCREEN: {_CODE.CARD_SCREEN, _CODE.CARD_PRINT},
    _C.PRINT: {_CODE.CARD_SCREEN, _CODE.CARD_PRINT},
}
COPIES = (_C.PHOTOCOPY, _C.GREY_SCAN, _C.SCREEN, _C.PRINT)
CAPTURE = tuple(condition for condition in FITTING if condition not in COPIES)
GATES = {*CAPTURE_GATES, _CODE.CARD_PHOTOCOPY, _CODE.CARD_SCREEN, _CODE.CARD_PRINT}
_ON_A_PART = (_C.GLARE, _C.FINGER, _C.PAPER)
console = Console()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One photo to take."""

    condition: Condition
    strength: float
    severity: Severity
    seed: int


@dataclass(slots=True)
class Count:
    """What happened to the photos of one row."""

    photos: int = 0
    harmed: int = 0
    told: int = 0
    cause: int = 0
    silent: int = 0
    refused: int = 0
    gate_ms: list[float] = field(default_factory=list)


def trials(group: str, each: int, seed: int) -> Iterator[tuple[str, Trial]]:
    """The photos of a group, each with the name of its row."""
    numbers = iter(range(seed, seed + 100_000))
    if group in ("clean", "genuine"):
        for severity in Severity:
            for _ in range(each):
                number = next(numbers)
                yield (
                    severity,
                    Trial(condition=_C.CLEAN, strength=0, severity=severity, seed=number),
                )
        return
    conditions, strengths = (
        (COPIES, (0.0, 0.5, 1.0)) if group == "copies" else (CAPTURE, (0.3, 0.65, 1.0))
    )
    for condition in conditions:
        for strength in strengths:
            for _ in range(each):
                row = f"{condition} {strength:g}"
                yield row, Trial(
                    condition=condition, strength=strength, severity=Severity.CAREFUL, seed=next(numbers)
                )  # fmt: skip


def run_trial(reader: CardReader | None, trial: Trial, count: Count) -> str | None:
    """Print, photograph and read one side; returns what was silently wrong, for looking at."""
    rng = np.random.default_rng(trial.seed)
    version = (Printed.CHIP_2021, Printed.CAN_CUOC_2024)[trial.seed % 2]
    person = draw_person(rng, version=version, today=TODAY)
    portrait = card_portrait(tuple(Subject)[trial.seed // 4 % len(Subject)])
    style = draw_style(rng, bundled_faces(rng))
    order = CardOrder(
        person=person, version=version, portrait=portrait, width_px=1300, style=style
    )  # fmt: skip
    side = print_card(order)[trial.seed // 2 % 2]
    shot = draw_severity(trial.severity, rng)
    if max(shot.size) > 2100:  # large frames cost time and show the card no better
        shot = replace(shot, size=(2048, 1536))
    parts = sorted(REGIONS_MM[CardVersion(version), str(side.side)])
    part = str(rng.choice(parts)) if trial.condition in _ON_A_PART else None
    circumstance = Circumstance(condition=trial.condition, strength=trial.strength, region=part)
    photo = photograph_under(side, circumstance, shot, rng)
    image = decode_image(photo.jpeg, evidence="card_front")
    if reader is None:
        return add_copy(count, trial, copy_codes(image, Quad(photo.corners), version, side))
    finding = reader.read(image, None, today=TODAY)
    return add(count, trial, wrong_parts(person, version, side, finding), part, finding)


def copy_codes(
    image: RgbImage, corners: Quad, version: Printed, side: PrintedSide
) -> set[ReasonCode]:
    """The signs of a copy that the gates see when the card was found where it is; nothing is read."""
    card = rectify(image, corners)
    read = CardRead(version=CardVersion(version), fields={}, codes=frozenset())
    quality = measure_quality(card)
    look = look_at(
        str(side.side), read, photo=image, card=card, picture=measured_picture(card.image),
        quality=quality, bordered=True,
    )  # fmt: skip
    checks = judge_sides([look])
    return {check.code for check in checks if check.passed is False} - set(CAPTURE_GATES)


def add_copy(count: Count, trial: Trial, codes: set[ReasonCode]) -> str | None:
    """Count one photo of a copy, or of a card in the group `genuine`."""
    count.photos += 1
    if trial.condition is _C.CLEAN:
        count.refused += bool(codes)
        return f"refused {sorted(codes)}" if codes else None
    count.harmed += 1
    count.told += bool(codes)
    count.cause += bool(codes & FITTING[trial.condition])
    count.silent += not codes
    return None


def add(
    count: Count,
    trial: Trial,
    wrong: Mapping[str, float],
    part: str | None,
    finding: CardFinding,
) -> str | None:
    """Count one photo."""
    codes = {check.code for check in finding.checks if check.passed is False}
    if finding.rejected is not None:
        codes.add(finding.rejected.code)
    told = bool(codes & GATES) or finding.rejected is not None
    covers = trial.condition in (_C.FINGER, _C.PAPER) and part in ("qr", "mrz", "portrait")
    count.photos += 1
    count.gate_ms.append(finding.timing_ms.get("gates", 0.0))
    if not (wrong or covers):
        count.refused += told
        return f"refused {sorted(codes)}" if told else None
    count.harmed += 1
    count.told += told
    count.cause += bool(codes & FITTING.get(trial.condition, set()))
    doubted = told or _CODE.QR_MISMATCH in codes or _CODE.MRZ_MISMATCH in codes
    surely_wrong = [name for name, confidence in wrong.items() if confidence >= 0.8]
    silent = not doubted and bool(surely_wrong or not wrong)
    count.silent += silent
    return f"{part}: wrong {wrong}" if not told else None


def wrong_parts(
    person: Person, version: Printed, side: PrintedSide, finding: CardFinding
) -> dict[str, float]:
    """Parts that the decision needs and that were not read right, with the confidence of the wrong value."""
    if finding.rejected is not None:
        return {"everything": 0.0}
    wrong: dict[str, float] = {}
    truth = true_fields(person, version, (side,))
    for name in REGIONS_MM[CardVersion(version), str(side.side)]:
        if name not in truth:
            continue
        reading = finding.fields.get(FieldName(name))
        if reading is None or not same_text(reading.value, truth[name]):
            wrong[str(name)] = reading.confidence if reading else 0.0
    return wrong


def main(
    group: Annotated[str, typer.Option(help="clean, capture, copies or genuine.")],
    each: Annotated[int, typer.Option(help="Photos a row.")] = 4,
    seed: Annotated[
        int, typer.Option(help="First seed; 10000 and above were not tuned on.")
    ] = 10_000,
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
    out: Annotated[Path | None, typer.Option(help="Write the counts as JSON.")] = None,
) -> None:
    """Measure the quality gates on drawn photos."""
    cv2.setNumThreads(1)
    reader = load_card_reader(weights) if group in ("clean", "capture") else None
    counts: Mapping[str, Count] = defaultdict(Count)
    started_s = time.process_time()
    plan = list(trials(group, each, seed))
    order = np.random.default_rng(seed).permutation(
        len(plan)
    )  # so that a part of it is a sample of it
    try:
        for number in track(order, group, console=Console(stderr=True)):
            row, trial = plan[number]
            said = run_trial(reader, trial, counts[row])
            if said:
                console.print(f"{row} {trial.seed}: {said}", markup=False, highlight=False)
    except KeyboardInterrupt:
        console.print(
            f"stopped after {sum(c.photos for c in counts.values())} of {len(plan)} photos"
        )
    counts = {row: counts[row] for row in dict.fromkeys(row for row, _ in plan) if row in counts}
    _show(counts)
    console.print(f"{time.process_time() - started_s:.0f} CPU-s")
    if out is not None:
        table = {
            row: {k: v for k, v in _plain(c).items() if k != "gate_ms"} for row, c in counts.items()
        }
        out.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def _plain(count: Count) -> dict[str, object]:
    return {name: getattr(count, name) for name in Count.__slots__}


def interval(hits: int, of: int) -> str:
    """A share with its 95 % interval, per cent."""
    share = Share(part=hits, whole=of).interval
    return f"{hits}/{of} ({100 * share[0]:.0f}-{100 * share[1]:.0f} %)" if share else "-"


def _show(counts: Mapping[str, Count]) -> None:
    table = Table(
        "row", "photos", "harmed", "told", "cause", "silent", "refused though read (BPCER)"
    )
    total = Count()
    for row, c in counts.items():
        for name in ("photos", "harmed", "told", "cause", "silent", "refused"):
            setattr(total, name, getattr(total, name) + getattr(c, name))
        table.add_row(row, *_cells(c))
    table.add_row("all", *_cells(total))
    console.print(table)


def _cells(c: Count) -> tuple[str, ...]:
    read = c.photos - c.harmed
    return (
        str(c.photos), str(c.harmed), interval(c.told, c.harmed), interval(c.cause, c.harmed),
        interval(c.silent, c.harmed), interval(c.refused, read),
    )  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
