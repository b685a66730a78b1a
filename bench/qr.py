"""How often the QR code of a card is read, by size of its modules in the photo and by blur, and what that costs.

    python -m bench.qr --cards 10 --seed 21

Printed SPECIMEN cards of both layouts are shrunk, blurred, warped, lit unevenly, given noise and JPEG, and handed to
`scan_qr` with corners that are off by 0.3 % of the card's width (standard deviation).
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

import cv2
import numpy as np
import segno
import typer
from numpy.typing import NDArray

from pipeline.card.geometry import CARD_ASPECT, Quad
from pipeline.card.qr_scan import scan_qr
from pipeline.findings import FieldName
from pipeline.image import RgbImage
from specimen.card import CardOrder, print_card
from specimen.people import CardVersion, draw_person
from specimen.qr import qr_payload

TODAY = date(2026, 11, 23)
MODULES_PX = (1.6, 2.0, 2.5, 3.0, 4.0)
#: Standard deviation of the blur, in modules.
BLURS = (0.0, 0.35, 0.6, 0.85)
_PRINT_PX = 2400
_VERSIONS = (CardVersion.CHIP_2021, CardVersion.CAN_CUOC_2024)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coded:
    """The side that carries the code, and the module's size in pixels of `image`."""

    image: RgbImage
    id_number: str
    module_px: float


@dataclass(slots=True)
class Tally:
    """Codes read, seen and looked for, and CPU milliseconds of those that were read and of those that were not."""

    read: dict[tuple[float, float], int] = field(default_factory=lambda: defaultdict(int))
    seen: dict[tuple[float, float], int] = field(default_factory=lambda: defaultdict(int))
    wrong: int = 0
    read_ms: list[float] = field(default_factory=list)
    unread_ms: list[float] = field(default_factory=list)


def draw_coded(rng: np.random.Generator, version: CardVersion) -> Coded:
    """Print the side of a card that carries the code."""
    person = draw_person(rng, version=version, today=TODAY)
    portrait = RgbImage(np.full((300, 200, 3), 150, np.uint8))
    order = CardOrder(person=person, version=version, portrait=portrait, width_px=_PRINT_PX)
    side = print_card(order)[_VERSIONS.index(version)]
    payload = qr_payload(person, version).encode()
    modules = segno.make(payload, error="m", boost_error=False, micro=False, mode="byte")
    x1, _, x2, _ = side.regions["qr"]
    count = modules.symbol_size(border=0)[0]
    return Coded(image=side.image, id_number=person.id_number, module_px=(x2 - x1) / count)


def take_photo(
    coded: Coded, module_px: float, blur: float, rng: np.random.Generator
) -> tuple[RgbImage, Quad]:
    """Return a photo in which a module is so large, and the card's corners as a finder would give them."""
    width = round(_PRINT_PX * module_px / coded.module_px)
    height = round(width / CARD_ASPECT)
    small = cv2.resize(coded.image, (width, height), interpolation=cv2.INTER_AREA)
    if blur:
        small = cv2.GaussianBlur(small, (0, 0), blur * module_px)
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    corners = _turned(flat, width, rng)
    margin = width // 8
    corners += margin - corners.min(axis=0)
    size = tuple(int(n) + margin for n in corners.max(axis=0))
    photo = cv2.warpPerspective(
        small,
        cv2.getPerspectiveTransform(flat, corners),
        size,
        flags=cv2.INTER_CUBIC,
        borderValue=(120, 110, 100),
    )
    found = corners + rng.normal(0, 0.003 * width, (4, 2)).astype(np.float32)
    return _developed(photo, rng), Quad(found.astype(np.float32))


def _turned(flat: NDArray[np.float32], width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    angle = np.radians(rng.uniform(-8, 8))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(flat @ turn.T + rng.uniform(-0.015, 0.015, (4, 2)) * width, np.float32)


def _developed(photo: NDArray[np.uint8], rng: np.random.Generator) -> RgbImage:
    """Uneven light, sensor noise, JPEG."""
    light = np.linspace(rng.uniform(0.7, 1), rng.uniform(0.7, 1.05), photo.shape[1])
    noisy = photo * light[None, :, None] + rng.normal(0, 4, photo.shape)
    bgr = np.clip(noisy, 0, 255).astype(np.uint8)[..., ::-1]
    encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 82])[1]
    return RgbImage(np.ascontiguousarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1]))


def look(coded: Coded, cell: tuple[float, float], rng: np.random.Generator, tally: Tally) -> None:
    """Take one photo, look for the code and count."""
    photo, corners = take_photo(coded, *cell, rng)
    start_s = time.process_time()
    scan = scan_qr(photo, corners)
    spent_ms = 1000 * (time.process_time() - start_s)
    right = scan.content is not None and (
        scan.content.fields[FieldName.ID_NUMBER] == coded.id_number
    )
    tally.read[cell] += right
    tally.seen[cell] += scan.seen
    tally.wrong += scan.content is not None and not right
    (tally.read_ms if right else tally.unread_ms).append(spent_ms)


def main(
    cards: Annotated[int, typer.Option(help="Cards, of both layouts in turn.")] = 10,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 21,
) -> None:
    """Print codes read (and seen) per size of a module and blur."""
    cv2.setNumThreads(1)
    rng, tally = np.random.default_rng(seed), Tally()
    for index in range(cards):
        coded = draw_coded(rng, _VERSIONS[index % 2])
        for module_px in MODULES_PX:
            for blur in BLURS:
                look(coded, (module_px, blur), rng, tally)
    typer.echo("px/module  " + "".join(f"blur {blur:<12}" for blur in BLURS))
    for module_px in MODULES_PX:
        cells = [(module_px, blur) for blur in BLURS]
        shown = [f"{tally.read[c]}/{cards} ({tally.seen[c]} seen)" for c in cells]
        typer.echo(f"{module_px:<11}" + "".join(f"{text:<17}" for text in shown))
    for name, spent in (("read", tally.read_ms), ("not read", tally.unread_ms)):
        if spent:
            middle, most = statistics.median(spent), max(spent)
            typer.echo(f"{name}: {len(spent)}, CPU median {middle:.1f} ms, most {most:.1f} ms")
    typer.echo(f"wrong: {tally.wrong}")


if __name__ == "__main__":
    typer.run(main)
