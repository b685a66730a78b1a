"""What watching a clip costs on one core, ours against the usual ways, in one run; reports in docs/reports.

python -m bench.liveness_speed [--clip FILE] [--share 0.2]

All are given the same clip, 640 wide, 25 frames a second, and one thread. CPU time of this process counts, decoding
included, models loaded beforehand. The others see the first part of the clip only (`--share`): they cost the same on
every frame. Needs `dlib_points68` (non-commercial; only here and for `landmarks = dlib68`) and facenet-pytorch.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

import cv2
import dlib
import numpy as np
from rich.console import Console

from bench.mtcnn import load_mtcnn
from pipeline.challenge import ChallengeStep, draw_steps
from pipeline.image import RgbImage
from pipeline.liveness.clip import clip_duration_s, read_clip
from pipeline.liveness.events import find_events
from pipeline.liveness.landmarks import load_landmarks
from pipeline.liveness.observe import observe
from pipeline.liveness.scorer import load_liveness_scorer
from pipeline.weights import DEFAULT_ROOT, open_weights
from specimen.card_photo import card_photo
from specimen.cast import clip_puppet, selfie
from specimen.clips import encode_clip, perform, rehearse
from specimen.photos import Subject
from specimen.sitters import PARTS

console = Console(width=120)
STEPS, SUBJECT = draw_steps(random.Random(0)), Subject.ASTRONAUT
FPS = 25.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds for so many seconds of clip, and what came of it."""

    name: str
    cpu_s: float
    clip_s: float
    seen: str


def made_clip() -> bytes:
    """A puppet that performs a drawn challenge, 25 frames a second, 640 x 480."""
    rng = np.random.default_rng(4)
    puppet = clip_puppet(SUBJECT, rng)
    return encode_clip(perform(puppet, rehearse(STEPS, PARTS[SUBJECT].mouth, rng), rng, fps=FPS))


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what the second of two runs gave, and its CPU seconds."""
    work()
    started = time.process_time()
    return work(), time.process_time() - started


def observing(clip: bytes, landmarks: str) -> Cost:
    """Decoding, landmarks, counting faces, thumbnails: everything but the identity."""
    backend = load_landmarks(landmarks, DEFAULT_ROOT)
    seen, cpu_s = timed(lambda: observe(clip, backend))
    found = Counter(str(event.action) for event in find_events(seen.track, backend.limits))
    return Cost(
        name=f"ours, {landmarks}", cpu_s=cpu_s, clip_s=seen.duration_s, seen=str(dict(found))
    )


def whole_stage(clip: bytes, steps: Sequence[ChallengeStep], own: RgbImage, card: RgbImage) -> Cost:
    """Events, cues, and the identity against a selfie and a card."""
    scorer = load_liveness_scorer(DEFAULT_ROOT)
    found, cpu_s = timed(lambda: scorer.score(clip, steps, selfie=own, card_front=card))
    return Cost(
        name="ours, whole stage", cpu_s=cpu_s, clip_s=found.duration_s,
        seen=f"{found.identity.frames_judged} frames compared: {found.identity.band}",
    )  # fmt: skip


def every_frame(name: str, clip: bytes, until_s: float, look: Callable[[RgbImage], int]) -> Cost:
    """A way that looks at each frame alone: `look` returns the number of faces."""
    frames = takewhile(lambda frame: frame.time_s < until_s, read_clip(clip))
    look(np.zeros((480, 640, 3), np.uint8))  # type: ignore[arg-type]
    started = time.process_time()
    faces = [look(frame.rgb) for frame in frames]
    cpu_s = time.process_time() - started
    found = sum(count > 0 for count in faces)
    return Cost(
        name=name,
        cpu_s=cpu_s,
        clip_s=len(faces) / FPS,
        seen=f"a face in {found} of {len(faces)} frames",
    )


def hog68(*, upsample: int, grey: bool) -> Callable[[RgbImage], int]:
    """The HOG detector of dlib and the 68 points of every face."""
    detector = dlib.get_frontal_face_detector()
    points = dlib.shape_predictor(str(open_weights("dlib_points68", DEFAULT_ROOT).path))

    def look(rgb: RgbImage) -> int:
        picture = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) if grey else rgb
        return len([points(picture, box) for box in detector(picture, upsample)])

    return look


def mtcnn(**options: object) -> Callable[[RgbImage], int]:
    """Boxes and five points: neither lids nor smiles."""
    detector = load_mtcnn(keep_all=True, **options)

    def look(rgb: RgbImage) -> int:
        boxes, _, _ = detector.detect(rgb, landmarks=True)
        return 0 if boxes is None else len(boxes)

    return look


def show(costs: Iterable[Cost]) -> None:
    """Print each as it comes."""
    console.print("way | CPU-s for 10 s of clip | times real time | what was seen")
    for cost in costs:
        per_10_s, times = 10 * cost.cpu_s / cost.clip_s, cost.clip_s / cost.cpu_s
        console.print(f"{cost.name} | {per_10_s:.2f} | {times:.1f} | {cost.seen}")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--clip",
        type=Path,
        help="another clip than the made one; its first frame stands for selfie and card",
    )
    parser.add_argument("--share", type=float, default=0.2, help="of the clip, for the others")
    options = parser.parse_args()
    cv2.setNumThreads(
        1
    )  # as workers do: a second thread costs more than it saves, in others' ways, too
    if options.clip:
        clip, steps = options.clip.read_bytes(), ()
        own = card = next(iter(read_clip(clip))).rgb
    else:
        clip, steps = made_clip(), STEPS
        own, card = (
            selfie(SUBJECT, np.random.default_rng(77)),
            card_photo(SUBJECT, np.random.default_rng(78)),
        )
    part_s = clip_duration_s(clip) * options.share
    show(
        way()
        for way in (
            lambda: observing(clip, "facemesh"),
            lambda: whole_stage(clip, steps, own, card),
            lambda: observing(clip, "dlib68"),
            lambda: every_frame(
                "HOG on every frame, 68 points", clip, part_s, hog68(upsample=0, grey=True)
            ),
            lambda: every_frame(
                "face_recognition's defaults", clip, part_s, hog68(upsample=1, grey=False)
            ),
            lambda: every_frame("MTCNN on every frame, defaults", clip, part_s, mtcnn()),
            lambda: every_frame(
                "MTCNN, faces of 60 px and more", clip, part_s, mtcnn(min_face_size=60)
            ),
        )
    )


if __name__ == "__main__":
    main()
