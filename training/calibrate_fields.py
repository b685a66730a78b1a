"""Fits the confidence of printed fields to a validation data set, and says how honest it is.

    python -m training.calibrate_fields DATASET --cache readings.jsonl --picture reliability.png

Reads the cards once (the cache is continued, so a stopped run loses nothing; a new recogniser reads them anew) and
fits a logistic regression per kind of field, pulled towards the prior below: with a few hundred values and few errors
the data move it only as far as they speak. The figures are of five folds by card: no value is judged by a fit that saw
it. Never run on the test part.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.optimize import minimize

from pipeline.card.confidence import (
    FEATURES,
    PROFILE_FILE,
    ConfidenceProfile,
    KindProfile,
    calibrated,
    features_of,
    kind_of,
    with_rules,
)
from pipeline.card.fields import read_fields
from pipeline.card.printed import Mark, PrintedField
from pipeline.card.recognise import WEIGHTS as RECOGNISER
from pipeline.findings import FieldName
from pipeline.weights import DEFAULT_ROOT, read_manifest
from training.readings import ReadCard, read_dataset
from training.reliability import draw_reliability

#: What is believed before any card is seen: (mean, spread) of each weight. Half of the log-odds each of all characters
#: and of the weakest is today's uncalibrated estimate; signs of marks are certain, their size is not.
_PRIOR: Mapping[str, tuple[float, float]] = {
    "constant": (0.0, 1.5),
    "whole": (0.5, 0.25),
    "weakest": (0.5, 0.25),
    "length": (0.0, 0.25),
    Mark.LABEL_UNREAD: (-1.0, 0.7),
    Mark.ADDRESS_KNOWN: (0.5, 0.7),
    Mark.ADDRESS_UNKNOWN: (-1.0, 0.7),
    Mark.ADDRESS_CORRECTED: (-1.5, 0.7),
    Mark.ODD_SYLLABLE: (-2.0, 0.7),
    Mark.RULE_HOLDS: (2.0, 1.0),
    Mark.RULE_BROKEN: (-3.0, 1.0),
}
_NEVER_NEGATIVE = {"whole", "weakest", Mark.ADDRESS_KNOWN, Mark.RULE_HOLDS}
_NEVER_POSITIVE = set(Mark) - _NEVER_NEGATIVE
_MOST = 0.9995
_FOLDS = 5
_SURE = 0.98
console = Console()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A printed field of a card, and whether it is what was printed."""

    card: str
    name: FieldName
    printed: PrintedField
    right: bool


def judge(cards: Sequence[ReadCard]) -> list[Judged]:
    """Return every field that was read from print. One that the card does not have was read wrongly."""
    judged: list[Judged] = []
    for card in cards:
        fields: dict[FieldName, PrintedField] = {}
        for side, seen in card.sides.items():
            fields |= read_fields(seen.lines, card.version, side, seen.width_px)
        judged += [
            Judged(
                card=card.id,
                name=name,
                printed=printed,
                right=printed.value == card.truth.get(name),
            )
            for name, printed in with_rules(fields, card.version).items()
        ]
    return judged


def fit(judged: Sequence[Judged]) -> dict[str, KindProfile]:
    """Fit every kind of field on its own."""
    kinds = sorted({kind_of(name) for name in FieldName})
    return {kind: _fit_kind([j for j in judged if kind_of(j.name) == kind]) for kind in kinds}


def _fit_kind(judged: Sequence[Judged]) -> KindProfile:
    """Most likely weights under the prior (MAP); with no data, the prior itself."""
    names = ("constant", *FEATURES)
    x = np.array([[1.0, *_row(j.printed)] for j in judged]).reshape(-1, len(names))
    sign = np.array([1.0 if j.right else -1.0 for j in judged])
    mean, spread = np.array([_PRIOR[name] for name in names]).T

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (x @ weights)
        pull = (weights - mean) / spread
        slope = -(sign / (1 + np.exp(np.clip(margin, -50, 50)))) @ x
        value = np.logaddexp(0, -margin).sum() + 0.5 * (pull**2).sum()
        return float(value), slope + pull / spread

    found = minimize(loss, mean, jac=True, method="L-BFGS-B", bounds=[_bounds(n) for n in names])
    constant, *weights = (round(float(weight), 4) for weight in found.x)
    return KindProfile(constant=constant, weights=dict(zip(FEATURES, weights, strict=True)))


def _row(printed: PrintedField) -> list[float]:
    features = features_of(printed)
    return [features.get(name, 0.0) for name in FEATURES]


def _bounds(name: str) -> tuple[float | None, float | None]:
    return (0.0 if name in _NEVER_NEGATIVE else None, 0.0 if name in _NEVER_POSITIVE else None)


def make_profile(judged: Sequence[Judged], origin: Mapping[str, str]) -> ConfidenceProfile:
    """Return a profile for the recogniser that is in the repository."""
    return ConfidenceProfile(
        version=date.today().isoformat(),
        origin=origin,
        recogniser_sha256=read_manifest(DEFAULT_ROOT)[RECOGNISER].ref.sha256,
        most=_MOST,
        kinds=fit(judged),
    )


def held_out(judged: Sequence[Judged]) -> list[tuple[Judged, float]]:
    """Return every field with the confidence of a fit that did not see its card."""
    cards = sorted({j.card for j in judged})
    fold_of = {card: i % _FOLDS for i, card in enumerate(cards)}
    found: list[tuple[Judged, float]] = []
    for fold in range(_FOLDS):
        profile = make_profile([j for j in judged if fold_of[j.card] != fold], {})
        found += [
            (j, calibrated(j.name, j.printed, profile)) for j in judged if fold_of[j.card] == fold
        ]
    return found


def report(found: Sequence[tuple[Judged, float]]) -> dict[str, dict[str, float]]:
    """Count, per kind and in all, what is wrong, how sure, and how far confidence is from the truth."""
    kinds: dict[str, list[tuple[bool, float]]] = {}
    for judged, confidence in found:
        for kind in (kind_of(judged.name), "all"):
            kinds.setdefault(kind, []).append((judged.right, confidence))
    return {kind: _counts(pairs) for kind, pairs in sorted(kinds.items())}


def _counts(pairs: Sequence[tuple[bool, float]]) -> dict[str, float]:
    right = np.array([r for r, _ in pairs])
    confidence = np.array([c for _, c in pairs])
    sure = confidence >= _SURE
    return {
        "fields": len(pairs),
        "wrong": int((~right).sum()),
        "expected_wrong": round(float((1 - confidence).sum()), 2),
        "sure": int(sure.sum()),
        "sure_and_wrong": int((sure & ~right).sum()),
        "brier": round(float(((confidence - right) ** 2).mean()), 4),
    }


def main(
    dataset: Path,
    cache: Annotated[Path, typer.Option(help="What the reader saw; continued where it ends.")],
    out: Annotated[Path, typer.Option(help="Where the profile goes.")] = PROFILE_FILE,
    picture: Annotated[Path | None, typer.Option(help="Reliability diagram, PNG.")] = None,
) -> None:
    """Fit the confidence of printed fields and write the profile."""
    cv2.setNumThreads(1)
    about = json.loads((dataset / "dataset.json").read_text(encoding="utf-8"))
    if about.get("part") == "test":
        raise typer.BadParameter("nothing is fitted to the test part")
    cards = [card for card in read_dataset(dataset, cache) if card.sides]
    judged = judge(cards)
    found = held_out(judged)
    table = report(found)
    origin = {
        "cards": f"{len(cards)} rendered, part {about.get('part')}, seed {about.get('seed')}",
        "fields": str(len(judged)),
        "command": "python -m training.calibrate_fields",
    }
    out.write_text(make_profile(judged, origin).model_dump_json(indent=1) + "\n", encoding="utf-8")
    console.print(_table(table))
    for item, confidence in sorted(found, key=lambda pair: -pair[1]):
        if not item.right and confidence >= _SURE:
            console.print(f"sure and wrong: card {item.card} {item.name} {confidence:.4f}")
    if picture is not None:
        draw_reliability([(c, j.right) for j, c in found], picture)


def _table(counts: Mapping[str, Mapping[str, float]]) -> Table:
    columns = list(next(iter(counts.values())))
    table = Table("kind", *columns)
    for kind, row in counts.items():
        table.add_row(kind, *(f"{row[column]:g}" for column in columns))
    return table


if __name__ == "__main__":
    typer.run(main)
