"""What the quality gates of the card reader say of cards photographed under conditions.

    python -m bench.card_gates --group clean --each 24 --seed 61000 --out clean.jsonl
    python -m bench.card_gates --group capture --each 4 --seed 62000 --out capture.jsonl
    python -m bench.card_gates --group copies --each 12 --seed 63000 --out copies.jsonl
    python -m bench.card_gates --group genuine --each 24 --seed 64000 --out genuine.jsonl
    python -m bench.card_gate_rates clean.jsonl capture.jsonl copies.jsonl genuine.jsonl

Thresholds were chosen with seeds below 10,000. One line is written for each photo; what the file holds already is not
taken again, and Ctrl-C shows what there is. Copies, and the genuine cards they are compared with, are judged where the
card is, without reading it. `card_gate_rates` says what is counted as what.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from bench.card_gate_rates import (
    BELIEVED,
    CAPTURE,
    COPIES,
    OUTCOME,
    Outcome,
    load_outcomes,
    show,
)
from pipeline.card.crosscheck import same_text
from pipeline.card.gates import CAPTURE_GATES, judge_sides
from pipeline.card.geometry import Quad
from pipeline.card.look import CardRead, look_at
from pipeline.card.quality import measure_quality
from pipeline.card.reader import CardReader, load_card_reader
from pipeline.card.rectify import rectify
from pipeline.card.regions import REGIONS_MM
from pipeline.card.surface import measured_picture
from pipeline.findings import CardFinding, CardVersion, Check, FieldName
from pipeline.image import RgbImage, decode_image
from pipeline.reasons import ReasonCode
from pipeline.weights import DEFAULT_ROOT
from specimen.card import CardOrder, PrintedSide, print_card
from specimen.cast import card_portrait
from specimen.conditions import Circumstance, Condition, photograph_under
from specimen.people import CardVersion as Printed
from specimen.people import Person, draw_person
from specimen.photos import Subject
from specimen.scene import CardPhoto, Shot
from specimen.shots import Severity, card_width_px, draw_severity
from specimen.style import bundled_faces, draw_style
from specimen.truth import true_fields

_C, _CODE = Condition, ReasonCode
TODAY = date(2026, 11, 23)
_ON_A_PART = (_C.GLARE, _C.FINGER, _C.PAPER)
#: How wide a side is printed; a photo in which it is much wider costs time and shows no more of it.
_PRINT_PX, _WIDEST_PX = 1300, 1600


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One photo to take."""

    group: str
    condition: Condition
    strength: float
    severity: Severity
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taken:
    """A photo and what it shows: `part` is where glare, a finger or paper was put."""

    person: Person
    version: Printed
    side: PrintedSide
    part: str | None
    photo: CardPhoto
    image: RgbImage


# ---------------------------------------------------------------- photos


def trials(group: str, each: int, seed: int) -> list[Trial]:
    """The photos of a group, as many of each severity, or of each condition and strength."""
    rows: list[tuple[Condition, float, Severity]]
    if group in ("clean", "genuine"):
        rows = [(_C.CLEAN, 0.0, severity) for severity in Severity]
    elif group == "copies":
        rows = [(c, strength, Severity.CAREFUL) for c in COPIES for strength in (0.0, 0.5, 1.0)]
    else:
        rows = [(c, strength, Severity.CAREFUL) for c in CAPTURE for strength in (0.3, 0.65, 1.0)]
    return [
        Trial(group=group, condition=c, strength=strength, severity=severity, seed=seed + number)
        for number, (c, strength, severity) in enumerate(row for row in rows for _ in range(each))
    ]


def take(trial: Trial) -> Taken:
    """Print and photograph one side."""
    rng = np.random.default_rng(trial.seed)
    person, version, side = draw_side(trial.seed, rng)
    shot = _no_wider(draw_severity(trial.severity, rng))
    parts = sorted(REGIONS_MM[CardVersion(version), str(side.side)])
    part = str(rng.choice(parts)) if trial.condition in _ON_A_PART else None
    circumstance = Circumstance(condition=trial.condition, strength=trial.strength, region=part)
    photo = photograph_under(side, circumstance, shot, rng)
    image = decode_image(photo.jpeg, evidence="card_front")
    return Taken(person=person, version=version, side=side, part=part, photo=photo, image=image)


def draw_side(seed: int, rng: np.random.Generator) -> tuple[Person, Printed, PrintedSide]:
    """Print one side; version and side follow from the seed so that four in a row are one of each."""
    version = (Printed.CHIP_2021, Printed.CAN_CUOC_2024)[seed % 2]
    person = draw_person(rng, version=version, today=TODAY)
    order = CardOrder(
        person=person,
        version=version,
        portrait=card_portrait(tuple(Subject)[seed // 4 % len(Subject)]),
        width_px=_PRINT_PX,
        style=draw_style(rng, bundled_faces(rng)),
    )
    return person, version, print_card(order)[seed // 2 % 2]


def _no_wider(shot: Shot) -> Shot:
    scale = min(1.0, _WIDEST_PX / card_width_px(shot))
    width, height = shot.size
    return replace(shot, size=(round(width * scale), round(height * scale)))


# ---------------------------------------------------------------- outcomes


def judge(reader: CardReader | None, trial: Trial, taken: Taken) -> Outcome:
    """Read one photo or, without a reader, look for the signs of a copy where the card is."""
    outcome = Outcome(
        group=trial.group, condition=trial.condition, strength=trial.strength,
        severity=trial.severity, seed=trial.seed, version=str(taken.version),
        side=str(taken.side.side), part=taken.part, read=reader is not None, failed=frozenset(),
    )  # fmt: skip
    if reader is None:
        checks = [check for check in copy_checks(taken) if check.code not in CAPTURE_GATES]
        return replace(
            outcome, failed=_codes(checks, passed=False), unknown=_codes(checks, passed=None)
        )
    finding = reader.read(taken.image, None, today=TODAY)
    wrong, weak = unread_parts(taken, finding)
    refusal = set() if finding.rejected is None else {finding.rejected.code}
    return replace(
        outcome,
        failed=_codes(finding.checks, passed=False) | refusal,
        unknown=_codes(finding.checks, passed=None),
        rejected=finding.rejected is not None,
        wrong=wrong,
        weak=weak,
        hidden=trial.condition in (_C.FINGER, _C.PAPER) and is_hidden(taken, finding),
        gate_ms=finding.timing_ms.get("gates", 0.0),
    )


def copy_checks(taken: Taken) -> tuple[Check, ...]:
    """What the gates say when the card was found where it is and nothing was read."""
    card = rectify(taken.image, Quad(taken.photo.corners))
    read = CardRead(version=CardVersion(taken.version), fields={}, codes=frozenset())
    look = look_at(
        str(taken.side.side), read, photo=taken.image, card=card,
        picture=measured_picture(card.image), quality=measure_quality(card), bordered=True,
    )  # fmt: skip
    return judge_sides([look])


def _codes(checks: Iterable[Check], *, passed: bool | None) -> frozenset[ReasonCode]:
    return frozenset(check.code for check in checks if check.passed is passed)


def is_hidden(taken: Taken, finding: CardFinding) -> bool:
    """Whether what was covered is the portrait, or a code that was not read."""
    unread = _codes(finding.checks, passed=False) & {_CODE.QR_UNREADABLE, _CODE.MRZ_UNREADABLE}
    return taken.part == "portrait" or (taken.part in ("qr", "mrz") and bool(unread))


def unread_parts(taken: Taken, finding: CardFinding) -> tuple[dict[str, float], frozenset[str]]:
    """Parts that the decision needs: those not read right, with the confidence of the wrong value, and weak ones."""
    if finding.rejected is not None:
        return {"everything": 0.0}, frozenset()
    wrong: dict[str, float] = {}
    weak = set()
    truth = true_fields(taken.person, taken.version, (taken.side,))
    for name in REGIONS_MM[CardVersion(taken.version), str(taken.side.side)]:
        if name not in truth:
            continue
        reading = finding.fields.get(FieldName(name))
        if reading is None or not same_text(reading.value, truth[name]):
            wrong[str(name)] = reading.confidence if reading else 0.0
        elif reading.confidence < BELIEVED:
            weak.add(str(name))
    return wrong, frozenset(weak)


# ---------------------------------------------------------------- command


def main(
    group: Annotated[str, typer.Option(help="clean, capture, copies or genuine.")],
    out: Annotated[Path, typer.Option(help="A line of JSON for each photo; continued.")],
    each: Annotated[int, typer.Option(help="Photos a row.")] = 4,
    seed: Annotated[
        int, typer.Option(help="First seed; 10000 and above were not tuned on.")
    ] = 10_000,
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
    only: Annotated[str, typer.Option(help="Conditions of the group, by commas; all.")] = "",
    keep: Annotated[Path | None, typer.Option(help="Folder for photos gone wrong.")] = None,
) -> None:
    """Measure the quality gates on drawn photos."""
    cv2.setNumThreads(1)
    reader = load_card_reader(weights) if group in ("clean", "capture") else None
    started_s = time.process_time()
    plan = [t for t in trials(group, each, seed) if not only or t.condition in only.split(",")]
    # In any order, so that a part of it is a sample of it.
    mixed = [plan[number] for number in np.random.default_rng(seed).permutation(len(plan))]
    done = {outcome.seed for outcome in load_outcomes([out])} if out.exists() else set()
    left = [trial for trial in mixed if trial.seed not in done]
    with suppress(KeyboardInterrupt), out.open("a", encoding="utf-8") as lines:
        for trial in track(left, group, console=Console(stderr=True)):
            taken = take(trial)
            outcome = judge(reader, trial, taken)
            lines.write(OUTCOME.dump_json(outcome).decode() + "\n")
            lines.flush()
            if keep is not None and outcome.is_harmed == (not outcome.is_told):
                (keep / f"{trial.seed}.jpg").write_bytes(taken.photo.jpeg)
    show(load_outcomes([out]))
    Console().print(f"{time.process_time() - started_s:.0f} CPU-s")


if __name__ == "__main__":
    typer.run(main)
