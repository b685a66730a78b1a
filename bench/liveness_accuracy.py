"""Score liveness on real cuts and on made clips; run by hand, reports in docs/reports.

python -m bench.liveness_accuracy --real ../shared/data/clips --seeds 20
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from pipeline.challenge import draw_steps
from pipeline.errors import CannotJudge
from pipeline.findings import LivenessFinding
from pipeline.image import RgbImage
from pipeline.liveness.events import find_events
from pipeline.liveness.landmarks import load_landmarks
from pipeline.liveness.observe import observe
from pipeline.liveness.scorer import LivenessScorer, load_liveness_scorer
from pipeline.weights import DEFAULT_ROOT
from specimen.attacks import CLIP_MAKERS, ClipKind
from specimen.card_photo import card_photo
from specimen.cast import selfie
from specimen.clips import encode_clip
from specimen.photos import Subject

console = Console(width=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One made clip and what was found."""

    kind: ClipKind
    finding: LivenessFinding
    cpu_s: float


def real(folder: Path, landmarks: str) -> None:
    """Print the events of each labelled cut beside its label."""
    backend = load_landmarks(landmarks, DEFAULT_ROOT)
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in ("challenge", "full")]
    for row in rows:
        started = time.process_time()
        try:
            seen = observe((folder / row["file"]).read_bytes(), backend)
        except CannotJudge as error:
            console.print(f"{row['label']:26} {Path(row['file']).stem:44} {error.reason}")
            continue
        frame_ms = (time.process_time() - started) / len(seen.times) * 1000
        counted = Counter(str(event.action) for event in find_events(seen.track, backend.limits))
        name = Path(row["file"]).stem
        console.print(f"{row['label']:26} {name:44} {dict(counted)} {frame_ms:.1f} CPU-ms a frame")


def made(kinds: list[ClipKind], seeds: range) -> Iterator[Scored]:
    """Make clips of drawn challenges and score each against its own selfie and photographed card."""
    scorer = load_liveness_scorer(DEFAULT_ROOT)
    pictures = {
        s: (selfie(s, np.random.default_rng(77)), card_photo(s, np.random.default_rng(78)))
        for s in Subject
    }
    for seed in seeds:
        subjects = list(Subject)
        cast = (subjects[seed % 2], subjects[(seed + 1) % 2])
        for kind in kinds:
            yield _score(scorer, kind, cast, pictures[cast[0]], seed)


def _score(
    scorer: LivenessScorer, kind: ClipKind, cast: tuple[Subject, Subject],
    pictures: tuple[RgbImage, RgbImage], seed: int,
) -> Scored:  # fmt: skip
    steps = draw_steps(random.Random(seed))
    clip = encode_clip(CLIP_MAKERS[kind](cast, steps, np.random.default_rng(seed)))
    started = time.process_time()
    finding = scorer.score(clip, steps, selfie=pictures[0], card_front=pictures[1])
    return Scored(kind=kind, finding=finding, cpu_s=time.process_time() - started)


def reasons(finding: LivenessFinding) -> list[str]:
    """Return the names of everything that speaks against a clip."""
    if finding.rejected is not None:
        return [str(finding.rejected.code)]
    cues = [cue.name for cue in finding.cues if cue.suspicious]
    actions = [str(a.reason) for a in finding.actions if a.reason is not None]
    identity = [str(finding.identity.reason)] if finding.identity.reason else []
    return sorted(set(cues + actions + identity))


def report(scored: list[Scored]) -> None:
    """Print how often each kind passed, why the others did not, and what it cost."""
    for kind in dict.fromkeys(one.kind for one in scored):
        mine = [one for one in scored if one.kind is kind]
        passed = sum(one.finding.passed is True for one in mine)
        matched = sum(one.finding.identity.band == "match" for one in mine)
        by_card = sum(one.finding.identity.card_band == "match" for one in mine)
        told = Counter(reason for one in mine for reason in reasons(one.finding))
        cpu = np.median([one.cpu_s for one in mine])
        identity = f"identity match {matched}, by the card alone {by_card}"
        console.print(
            f"{kind:16} passed {passed}/{len(mine)}, {identity}, median {cpu:.1f} CPU-s, {dict(told)}"
        )


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path, help="folder with labels.csv")
    parser.add_argument("--landmarks", default="facemesh")
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(ClipKind))
    options = parser.parse_args()
    if options.real:
        real(options.real, options.landmarks)
    if options.seeds:
        kinds = [ClipKind(name) for name in options.kinds.split(",")]
        report(list(made(kinds, range(options.seeds))))


if __name__ == "__main__":
    main()
