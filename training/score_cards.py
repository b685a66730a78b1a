"""Scores a recogniser on the lines of SPECIMEN cards that were photographed and rectified.

The cards are drawn by another generator than the training lines; what remains the same is that
nobody printed them. Boxes are the true ones, so the detector's mistakes are not counted here.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.console import Console

from pipeline.image import RgbImage
from specimen.card import CardOrder, PrintedSide, print_card
from specimen.people import CardVersion, draw_person
from specimen.scene import draw_shot, photograph
from training.charset import nfc
from training.damage import Pixels
from training.lines import Sample
from training.score import Score, onnx_reader, read_samples, score_table, score_texts, total

_CARDS_PER_VERSION = 6
_SEED = 2026
# Decides which issue dates are possible; fixed, so that a seed always draws the same cards.
_TODAY = date(2026, 11, 23)
# A detector's box is wider than the ink, by about this share of the line's height.
_MARGIN_SHARES = (0.05, 0.3)
# Rectified width of a card: that of a good phone photo.
_CARD_WIDTH_PX = 1400


def card_samples(cards_per_version: int, seed: int) -> dict[str, list[Sample]]:
    """Photograph cards of both versions and crop every printed line, by the field it belongs to."""
    rng = np.random.default_rng(seed)
    samples: dict[str, list[Sample]] = {}
    for version in CardVersion:
        for _ in range(cards_per_version):
            for role, sample in _lines_of_one_card(version, rng):
                samples.setdefault(role, []).append(sample)
    return samples


def _lines_of_one_card(
    version: CardVersion, rng: np.random.Generator
) -> Iterator[tuple[str, Sample]]:
    portrait = RgbImage(np.full((300, 200, 3), 150, np.uint8))
    order = CardOrder(
        person=draw_person(rng, version=version, today=_TODAY), version=version, portrait=portrait
    )
    for side in print_card(order):
        rectified, scale = _photographed(side, rng)
        for line in side.lines:
            x0, y0, x1, y1 = (value * scale for value in line.box)
            yield (
                line.role,
                Sample(pixels=_crop(rectified, (x0, y0, x1, y1), rng), truth=nfc(line.text)),
            )


def _photographed(side: PrintedSide, rng: np.random.Generator) -> tuple[Pixels, float]:
    """Take a photo of a side and bring the card back to a rectangle; return it and its scale."""
    photo = photograph(side.image, draw_shot(rng, any_rotation=False), rng)
    height, width = side.image.shape[:2]
    scale = _CARD_WIDTH_PX / width
    pixels = cv2.cvtColor(cv2.imdecode(np.frombuffer(photo.jpeg, np.uint8), 1), cv2.COLOR_BGR2RGB)
    back = np.diag((scale, scale, 1.0)) @ np.linalg.inv(photo.homography)
    size = (_CARD_WIDTH_PX, round(height * scale))
    return np.asarray(cv2.warpPerspective(pixels, back, size, flags=cv2.INTER_LINEAR)), scale


def _crop(card: Pixels, box: tuple[float, float, float, float], rng: np.random.Generator) -> Pixels:
    left, top, right, bottom = box
    margins = rng.uniform(*_MARGIN_SHARES, 4) * (bottom - top)
    x0, y0 = max(0, round(left - margins[0])), max(0, round(top - margins[1]))
    return card[y0 : round(bottom + margins[2]), x0 : round(right + margins[3])]


def main(
    model: Path,
    cards: int = _CARDS_PER_VERSION,
    seed: int = _SEED,
    out: Annotated[Path | None, typer.Option(help="Write the scores as JSON, too.")] = None,
) -> None:
    """Score an ONNX recogniser on photographed SPECIMEN cards."""
    run, classes = onnx_reader(model)
    scores: list[Score] = []
    for role, samples in sorted(card_samples(cards, seed).items()):
        texts = read_samples(samples, run, classes)
        scores.append(score_texts(role, texts, [sample.truth for sample in samples]))
    scores.append(total(scores))
    Console().print(score_table(scores))
    if out is not None:
        out.write_text(json.dumps([asdict(score) for score in scores], indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
