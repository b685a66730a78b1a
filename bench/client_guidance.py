"""How fast the capture client's guidance is on one core, at 1280 x 720, with the light models alone.

    python -m bench.client_guidance [--frames 120] [--json]

Evidence is drawn; CPU time of the process is counted, so that other work on the machine counts less.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date

import cv2
import numpy as np

from capture_client.camera.frames import Frame
from capture_client.camera.recording import Recorder
from capture_client.guidance.action import ActionGuide
from capture_client.guidance.card import CardGuide
from capture_client.guidance.face import FaceGuide
from pipeline.challenge import Action
from pipeline.face.models import load_face_models
from pipeline.image import RgbImage, decode_image
from specimen.bundle import SCENARIOS, printed_card
from specimen.cast import selfie_jpeg
from specimen.photos import Subject
from specimen.scene import Shot, photograph

SIZE = (1280, 720)
FRAME_S = 1 / 30


def frames(pictures: list[RgbImage], count: int) -> Iterator[Frame]:
    """Pictures in turn, as a camera of 30 Hz gives them."""
    for number in range(count):
        yield Frame(rgb=pictures[number % len(pictures)], time_s=number * FRAME_S, number=number)


def measure_ms(look: Callable[[Frame], object], pictures: list[RgbImage], count: int) -> float:
    """Return CPU milliseconds a frame."""
    for frame in frames(pictures, 3):
        look(frame)
    began_s = time.process_time()
    for frame in frames(pictures, count):
        look(frame)
    return 1000 * (time.process_time() - began_s) / count


def encoding_ms(pictures: list[RgbImage], count: int) -> float:
    """Return CPU milliseconds a recorded frame, all threads together."""
    began_s, recorder = time.process_time(), Recorder()
    for frame in frames(pictures, count):
        recorder.add(frame)
        time.sleep(FRAME_S)
    done = recorder.finish()
    return 1000 * (time.process_time() - began_s) / len(done.times_s)


def trembling(picture: RgbImage) -> list[RgbImage]:
    """The picture as a hand holds it: a pixel or two to and fro, with fresh noise."""
    rng = np.random.default_rng(2)
    return [
        RgbImage(
            np.clip(
                np.roll(picture, (int(y), int(x)), (0, 1)) + rng.normal(0, 2, picture.shape), 0, 255
            ).astype(np.uint8)
        )
        for y, x in rng.integers(-2, 3, (6, 2))
    ]


def card_picture() -> RgbImage:
    """A card in the frame."""
    _, (front, _) = printed_card(SCENARIOS["genuine"], 3, date(2026, 11, 23))
    shot = Shot(size=SIZE, share=0.7)
    return photograph(front.image, shot, np.random.default_rng(5)).image


def face_picture() -> RgbImage:
    """A face in the frame."""
    drawn = decode_image(
        selfie_jpeg(Subject.ASTRONAUT, np.random.default_rng(4)), evidence="selfie"
    )
    scale = SIZE[1] / drawn.shape[0]
    small = cv2.resize(drawn, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    frame = np.full((SIZE[1], SIZE[0], 3), 110, np.uint8)
    left = (SIZE[0] - small.shape[1]) // 2
    frame[: small.shape[0], left : left + small.shape[1]] = small[: SIZE[1]]
    return RgbImage(frame)


def cases() -> dict[str, tuple[Callable[[Frame], object], list[RgbImage]]]:
    """What is measured: a guide and what it sees."""
    models = load_face_models()
    table = RgbImage(
        np.random.default_rng(0).normal(120, 3, (SIZE[1], SIZE[0], 3)).astype(np.uint8)
    )
    card, face = trembling(card_picture()), trembling(face_picture())
    action = ActionGuide(models)
    return {
        "card in the frame": (CardGuide().look, card),
        "no card": (CardGuide().look, [table]),
        "face in the oval": (FaceGuide(models).look, face),
        "no face": (FaceGuide(models).look, [table]),
        "action while recording": (lambda f: action.look(f, Action.TURN_LEFT), face),
    }


def main() -> int:
    """Measure and tell; exit 1 if a guide is slower than 15 frames a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    found = {name: measure_ms(look, seen, asked.frames) for name, (look, seen) in cases().items()}
    found["encoding a frame (its own thread)"] = encoding_ms(trembling(face_picture()), 60)
    if asked.json:
        sys.stdout.write(json.dumps({name: round(ms, 1) for name, ms in found.items()}) + "\n")
    else:
        for name, ms in found.items():
            sys.stdout.write(f"{name:36} {ms:6.1f} ms  {1000 / ms:5.0f} a second\n")
    return 0 if all(ms <= 1000 / 15 for ms in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
