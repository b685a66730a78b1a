"""Score the face match on labelled pairs, as photos and as card portraits; run by hand, reports in docs/reports.

python bench/face_accuracy.py ../shared/data/faces
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console

from pipeline.errors import CannotJudge
from pipeline.face.backend import Embedding, FaceBackend, load_backend
from pipeline.face.find import FaceFinder
from pipeline.face.models import load_face_models
from pipeline.face.portrait import find_portrait
from pipeline.face.quality import measure, require_portrait, selfie_fault
from pipeline.face.selfie import find_selfie
from pipeline.findings import Band
from pipeline.image import RgbImage, decode_image
from pipeline.weights import DEFAULT_ROOT

console = Console(width=120)
_CARD_FACE_PX = (60, 80, 110, 150)


class Reader:
    """Embeds each picture once, as a selfie or as a portrait of a given height."""

    def __init__(self, folder: Path, backend: FaceBackend) -> None:
        models = load_face_models(DEFAULT_ROOT)
        self._folder, self._backend = folder, backend
        self._finder = FaceFinder(models.detector, models.mesh)
        self._known: dict[tuple[str, int | None], Embedding | str] = {}

    def embedding(self, name: str, card_px: int | None) -> Embedding | str:
        """Return the vector, or the reason why there is none."""
        key = (name, card_px)
        if key not in self._known:
            self._known[key] = self._embed(name, card_px)
        return self._known[key]

    def _embed(self, name: str, card_px: int | None) -> Embedding | str:
        picture = decode_image((self._folder / name).read_bytes(), evidence="selfie")
        try:
            if card_px is None:
                face = find_selfie(picture, self._finder)
                fault = selfie_fault(measure(face))
                return str(fault) if fault else self._backend.embed(face)
            face = find_portrait(as_portrait(picture, self._finder, card_px), self._finder)
            require_portrait(measure(face))
            return self._backend.embed(face)
        except CannotJudge as error:
            return str(error.reason)


def as_portrait(picture: RgbImage, finder: FaceFinder, face_px: int) -> RgbImage:
    """Print a photo small on a card: soft, pale, tinted, noisy, JPEG 75 (a stand-in; no real card was at hand)."""
    face = find_portrait(picture, finder)
    scale = face_px / face.height_px
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(
        float
    )
    pale = 40 + cv2.GaussianBlur(small, (0, 0), 0.6) * 0.8 * np.array([0.97, 1.0, 1.0])
    noise = np.random.default_rng(face_px).normal(0, 3, small.shape)
    border = cv2.copyMakeBorder(
        np.clip(pale + noise, 0, 255).astype(np.uint8), 60, 60, 60, 300, cv2.BORDER_CONSTANT, value=(200, 215, 220)
    )  # fmt: skip
    _, data = cv2.imencode(".jpg", border[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 75])
    return decode_image(data.tobytes(), evidence="card_front")


def report(
    reader: Reader, pairs: list[dict[str, str]], backend: FaceBackend, card_px: int | None
) -> None:
    """Print similarities and bands of genuine and impostor pairs, and how many were not judged."""
    values: dict[str, list[float]] = {"0": [], "1": []}
    refused: Counter[str] = Counter()
    for pair in pairs:
        a = reader.embedding(pair["file_a"], card_px)
        b = reader.embedding(pair["file_b"], None)
        if isinstance(a, str) or isinstance(b, str):
            refused[a if isinstance(a, str) else str(b)] += 1
            continue
        values[pair["same"]].append(backend.compare(a, b))
    kind = "photo" if card_px is None else f"card portrait of {card_px} px"
    console.print(f"[bold]{kind} against selfie[/bold], not judged: {dict(refused)}")
    for same, name in (("1", "genuine"), ("0", "impostor")):
        bands = Counter(str(backend.profile.band(value)) for value in values[same])
        shares = ", ".join(f"{band} {bands[str(band)]}/{len(values[same])}" for band in Band)
        p5, p50, p95 = np.percentile(values[same], (5, 50, 95))
        console.print(f"  {name:9} similarity p5 {p5:.2f} p50 {p50:.2f} p95 {p95:.2f}; {shares}")


def main() -> None:
    """Score a folder with pairs.csv."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backend", default="dlib")
    options = parser.parse_args()
    backend = load_backend(options.backend, DEFAULT_ROOT)
    with (options.folder / "pairs.csv").open(encoding="utf-8") as file:
        pairs = list(csv.DictReader(file))
    reader, started = Reader(options.folder, backend), time.process_time()
    for card_px in (None, *_CARD_FACE_PX):
        report(reader, pairs, backend, card_px)
    console.print(f"{time.process_time() - started:.0f} CPU-s")


if __name__ == "__main__":
    main()
