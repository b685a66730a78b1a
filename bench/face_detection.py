"""Score each step of the face cascade, and the whole search for the portrait, on photographed SPECIMEN cards.

python -m bench.face_detection --cards 40

Every card is photographed so that its portrait's face has about the named height; steps are told alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import cv2
import numpy as np
from rich.console import Console

from pipeline.errors import CannotJudge
from pipeline.face.find import FaceFinder, LocatedFace, Step
from pipeline.face.models import load_face_models
from pipeline.face.portrait import find_portrait
from pipeline.image import RgbImage, decode_image
from pipeline.weights import DEFAULT_ROOT
from specimen.card import CardOrder, print_card
from specimen.cast import card_portrait, selfie
from specimen.people import CardVersion, Sex, draw_person
from specimen.photos import Subject
from specimen.scene import Surface, photograph
from specimen.shots import Severity, draw_severity

console = Console(width=120)
#: Height of the face over the width of the card, as specimen prints portraits.
_FACE_SHARE = 0.144
_FACE_PX = (60, 80, 110, 150)
_SURFACES = tuple(Surface)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """One photo of a card and where its portrait is (x, y, and height of the face, in pixels)."""

    photo: RgbImage
    centre: tuple[float, float]
    face_px: float


def draw_case(seed: int, face_px: int) -> Case:
    """Photograph one card: random person, version, side of the frame, turn, lean, light, noise and JPEG."""
    rng = np.random.default_rng((seed, face_px))
    version = list(CardVersion)[seed % 3]
    person = draw_person(rng, version=version, today=date(2026, 11, 30), sex=Sex.FEMALE)
    subject = list(Subject)[seed % 2]
    side = print_card(CardOrder(person=person, version=version, portrait=card_portrait(subject)))[0]
    severity = (Severity.CAREFUL, Severity.TURNED, Severity.TILTED, Severity.POOR)[seed % 4]
    shot = replace(draw_severity(severity, rng), surface=_SURFACES[seed % 3])
    made = photograph(side.image, shot, rng)
    x1, y1, x2, y2 = side.regions["portrait"]
    middle = np.array([[[(x1 + x2) / 2, (y1 + y2) / 2]]], np.float32)
    centre = cv2.perspectiveTransform(middle, made.homography)[0, 0]
    width = float(np.linalg.norm(made.corners[1] - made.corners[0]))
    scale = min(1.0, face_px / (_FACE_SHARE * width))
    data = cv2.imencode(
        ".jpg",
        cv2.resize(made.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[..., ::-1],
        [cv2.IMWRITE_JPEG_QUALITY, 85],
    )[1]
    photo = decode_image(data.tobytes(), evidence="card_front")
    x, y = (float(v) * scale for v in centre)
    return Case(photo=photo, centre=(x, y), face_px=_FACE_SHARE * width * scale)


def beside_a_person(case: Case, seed: int) -> Case:
    """The same photo with somebody's own face, larger than the portrait, beside the card."""
    face = selfie(list(Subject)[(seed + 1) % 2], np.random.default_rng(seed))
    height = case.photo.shape[0]
    scaled = cv2.resize(face, (round(face.shape[1] * height / face.shape[0]), height))
    return replace(case, photo=RgbImage(np.hstack([case.photo, scaled])))


def _is_it(face: LocatedFace, case: Case) -> bool:
    return float(np.hypot(*(face.centre - np.array(case.centre)))) < case.face_px


def _looks(finder: FaceFinder) -> Iterator[tuple[str, Callable[[Case], bool]]]:
    def step_of(step: Step) -> Callable[[Case], bool]:
        return lambda case: any(
            _is_it(face, case) for turns in range(4) for face in _turned(finder, case, turns, step)
        )

    def portrait(case: Case) -> bool:
        try:
            find_portrait(case.photo, finder)
        except CannotJudge:
            return False
        return True

    for step in Step:
        yield f"{step}, four directions", step_of(step)
    yield "find_portrait", portrait


def _turned(finder: FaceFinder, case: Case, turns: int, step: Step) -> Iterator[LocatedFace]:
    picture = RgbImage(np.ascontiguousarray(np.rot90(case.photo, turns)))
    height, width = case.photo.shape[:2]
    for face in finder.find(picture, steps=(step,)):
        x, y = face.centre
        back = {0: (x, y), 1: (width - y, x), 2: (width - x, height - y), 3: (y, height - x)}
        yield replace(face, centre=np.array(back[turns]))


def report(finder: FaceFinder, cards: int, face_px: int) -> None:
    """Print what each step finds and costs at one size."""
    cases = [draw_case(seed, face_px) for seed in range(cards)]
    console.print(f"[bold]portrait face of {face_px} px[/bold], {cards} photos")
    for name, look in _looks(finder):
        started = time.process_time()
        found = sum(look(case) for case in cases)
        cost = (time.process_time() - started) * 1000 / cards
        console.print(f"  {name:26} {found}/{cards}, {cost:.0f} CPU-ms")
    crowd = [beside_a_person(case, seed) for seed, case in enumerate(cases)]
    tally = {"portrait": 0, "another face": 0, "refused": 0}
    for case in crowd:
        tally[_whose(case, finder)] += 1
    console.print(f"  beside a person's own face: {tally}")


def _whose(case: Case, finder: FaceFinder) -> str:
    """Which face was taken, told by its height: the person's own is more than twice the portrait's on the card."""
    try:
        found = find_portrait(case.photo, finder)
    except CannotJudge:
        return "refused"
    whole = max((f.height_px for f in finder.find(case.photo, steps=(Step.WHOLE,))), default=0.0)
    return "another face" if found.height_px > 0.8 * whole > 1.2 * case.face_px else "portrait"


def main() -> None:
    """Run over all sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=40)
    parser.add_argument("--sizes", type=int, nargs="*", default=_FACE_PX)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    finder = load_face_models(DEFAULT_ROOT).finder()
    for face_px in options.sizes:
        report(finder, options.cards, face_px)


if __name__ == "__main__":
    main()
