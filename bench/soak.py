"""Does a worker's memory grow? Thousands of small jobs through the real engines, one child process a stage.

Each child loads its engine as a worker's desk does and is given bytes of changing sizes, every tenth of them bad: they
are decoded, judged, and pictures are taken as the stage does, without queue and database. Resident memory is read
after every 30 jobs; its slope over the last four fifths of the run is reported.

Run: python -m bench.soak OUT [--jobs 2000] [--for-s 3000] [--stages liveness,face,ocr]
(from the repository root; writes OUT/soak-STAGE.csv while it runs and OUT/soak.png at the end)
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

import cv2
import matplotlib as mpl
import numpy as np
import psutil
from rich.console import Console

from pipeline.challenge import Action
from pipeline.errors import CannotJudge
from pipeline.image import RgbImage, decode_image
from pipeline.stages import EvidenceKind
from specimen.attacks import live
from specimen.bundle import SCENARIOS, card_and_selfie
from specimen.camera import encode_jpeg
from specimen.clips import Film, encode_clip, steps_of
from specimen.photos import Subject
from workers.desk import load_engine
from workers.settings import WorkerSettings

console = Console(width=110)
#: A multiple of the number of sizes and of `_BAD_EVERY`, so that readings follow the same job.
_EVERY, _BAD_EVERY = 30, 10
#: What is loaded lazily and filled once (caches, arenas) is no leak: the first fifth of a run is left out.
_SETTLED = 0.2
#: Fewer readings than this tell nothing.
_FEWEST = 10
_TODAY = date(2026, 11, 30)
_STEPS = steps_of([(Action.BLINK, 1)])

Job = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Bytes of evidence in several sizes."""

    fronts: tuple[bytes, ...]
    selfies: tuple[bytes, ...]
    clips: tuple[bytes, ...]


def draw_inputs() -> Inputs:
    """Draw one case and shrink it."""
    stills = card_and_selfie(SCENARIOS["genuine"], 1, _TODAY).by_kind()
    front, selfie = (
        decode_image(stills[kind], evidence=str(kind))
        for kind in (EvidenceKind.CARD_FRONT, EvidenceKind.SELFIE)
    )
    clips = [
        encode_clip(
            itertools.islice(
                live(
                    [Subject.ASTRONAUT], _STEPS, np.random.default_rng(i), Film(size=size, fps=12)
                ),
                14 + 2 * i,
            )
        )
        for i, size in enumerate(((256, 192), (320, 240), (288, 216)))
    ]
    return Inputs(
        fronts=tuple(_shrunk(front, width) for width in (640, 720, 800)),
        selfies=tuple(_shrunk(selfie, width) for width in (240, 320, 360)),
        clips=tuple(clips),
    )


def _shrunk(picture: RgbImage, width: int) -> bytes:
    size = (width, round(width * picture.shape[0] / picture.shape[1]))
    return encode_jpeg(RgbImage(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)), 88)


# ---------------------------------------------------------------- one child


def child(queue: str, inputs: Inputs, out: Path, jobs: int, for_s: float) -> None:
    """Work until the jobs or the time are over, and write memory down on the way."""
    engine, _ = load_engine(queue, WorkerSettings(worker_name="soak", threads=1))
    job = _JOBS[queue](cast(Any, engine), inputs)
    me, started = psutil.Process(), time.monotonic()
    with (out / f"soak-{queue}.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["jobs", "rss_mb", "cpu_s", "judged"])
        judged = 0
        for number in range(1, jobs + 1):
            judged += job(number) is not None
            if number % _EVERY == 0:
                rss_mb = me.memory_info().rss / 1e6
                rows.writerow([number, f"{rss_mb:.2f}", f"{time.process_time():.1f}", judged])
                file.flush()
            if time.monotonic() - started > for_s:
                return


def _liveness(engine: Any, inputs: Inputs) -> Job:
    def job(number: int) -> object:
        clip = inputs.clips[number % len(inputs.clips)]
        if number % _BAD_EVERY == 0:
            clip = clip[: len(clip) // 2]
        selfie, front = _pictures(number, inputs)
        finding = engine.judge(clip, _short(), selfie=selfie, card_front=front).finding
        if finding.rejected is not None:
            return None
        engine.stills(clip, finding)
        return finding

    return job


def _short() -> tuple[Any, ...]:
    """A challenge as long as the small clips."""
    step = _STEPS[0]
    return (type(step)(action=step.action, count=1, start_s=0.2, end_s=1.0),)


def _face(engine: Any, inputs: Inputs) -> Job:
    def job(number: int) -> object:
        selfie, front = _pictures(number, inputs)
        if number % _BAD_EVERY == 0:
            selfie = RgbImage(np.full_like(selfie, 127))
        finding = engine.compare(front, selfie).finding
        return None if finding.rejected else finding

    return job


def _ocr(engine: Any, inputs: Inputs) -> Job:
    def job(number: int) -> object:
        selfie, front = _pictures(number, inputs)
        shown = selfie if number % _BAD_EVERY == 0 else front
        finding = engine.look(shown, None, today=_TODAY).finding
        return None if finding.rejected else finding

    return job


def _pictures(number: int, inputs: Inputs) -> tuple[RgbImage, RgbImage]:
    if number % _BAD_EVERY == 5:
        with contextlib.suppress(CannotJudge):
            decode_image(inputs.selfies[0][:500], evidence="selfie")
    selfie = decode_image(inputs.selfies[number % len(inputs.selfies)], evidence="selfie")
    front = decode_image(inputs.fronts[number % len(inputs.fronts)], evidence="card_front")
    return selfie, front


_JOBS: dict[str, Callable[[Any, Inputs], Job]] = {"liveness": _liveness, "face": _face, "ocr": _ocr}


# ---------------------------------------------------------------- all of them


def read(path: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rows of (jobs, rss_mb, cpu_s, judged)."""
    with path.open(encoding="utf-8") as file:
        next(file)
        return np.array([[float(v) for v in row] for row in csv.reader(file)])


def slope_mb(rows: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Megabytes a thousand jobs, by least squares over the settled part."""
    settled = rows[rows[:, 0] >= _SETTLED * rows[-1, 0]]
    return float(np.polyfit(settled[:, 0] / 1000, settled[:, 1], 1)[0])


def picture(found: dict[str, np.ndarray[Any, np.dtype[np.float64]]], path: Path) -> None:
    """Draw memory over jobs."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    for queue, rows in found.items():
        label = f"{queue}: {slope_mb(rows):+.1f} MB per 1000 jobs"
        axes.plot(rows[:, 0], rows[:, 1], label=label)
    axes.set(xlabel="jobs", ylabel="resident memory, MB", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)


def _results(out: Path, queues: list[str]) -> Iterator[tuple[str, Any]]:
    for queue in queues:
        rows = read(out / f"soak-{queue}.csv")
        if len(rows) < _FEWEST:
            console.print(f"{queue}: too few jobs for a slope", style="red")
            continue
        cpu_ms = 1000 * (rows[-1, 2] - rows[0, 2]) / (rows[-1, 0] - rows[0, 0])
        console.print(
            f"{queue}: {rows[-1, 0]:.0f} jobs ({rows[-1, 3]:.0f} judged), {rows[0, 1]:.0f} MB at first, "
            f"{rows[-1, 1]:.0f} MB at last, at most {rows[:, 1].max():.0f} MB, "
            f"{slope_mb(rows):+.2f} MB per 1000 jobs, {cpu_ms:.0f} CPU-ms a job"
        )
        yield queue, rows


def main() -> None:
    """Run all children side by side and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--for-s", type=float, default=3000)
    parser.add_argument("--stages", default="liveness,face,ocr")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    queues, inputs, context = options.stages.split(","), draw_inputs(), get_context("spawn")
    children = [
        context.Process(target=child, args=(q, inputs, options.out, options.jobs, options.for_s))
        for q in queues
    ]
    for process in children:
        process.start()
    for process in children:
        process.join()
    picture(dict(_results(options.out, queues)), options.out / "soak.png")


if __name__ == "__main__":
    main()
