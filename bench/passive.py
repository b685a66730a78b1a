"""How a passive network takes photographs of living people, as they are, made worse, and cut closer; run by hand.

python -m bench.passive ../shared/data/faces --passive minifasnet

Clips, and species of attack, are measured by `ekyc eval liveness DATASET --passive NAME`.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.face.models import load_face_models
from pipeline.face.quality import yaw_deg
from pipeline.face.region import Points
from pipeline.image import RgbImage, decode_image
from pipeline.liveness.clip import WIDTH_PX
from pipeline.liveness.facemesh import FaceMesh
from pipeline.liveness.observe import MAX_YAW_DEG
from pipeline.liveness.passive import PassiveNetwork, load_passive, room_around
from pipeline.weights import DEFAULT_ROOT

console = Console(width=120)
_LIMITS = (0.02, 0.05, 0.1, 0.2, 0.5)
_ROOMS = (1.05, 1.2, 1.35, 1.5, 1.7, 2.0)
#: Photos from which every one of these can be cut.
_ROOMY = 2.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Photo:
    """A frontal face and its box; `person` is a label."""

    person: str
    rgb: RgbImage
    box: Points


def light(share: float, noise: float) -> Callable[[Photo], RgbImage]:
    """Less light and more of the sensor's noise, in grey levels."""

    def degrade(photo: Photo) -> RgbImage:
        grain = np.random.default_rng(0).normal(0, noise, photo.rgb.shape)
        return RgbImage(np.clip(photo.rgb * share + grain, 0, 255).astype(np.uint8))

    return degrade


def blur(share: float) -> Callable[[Photo], RgbImage]:
    """Out of focus by this share of the face's width."""

    def degrade(photo: Photo) -> RgbImage:
        sigma = share * float(photo.box[2] - photo.box[0])
        return RgbImage(cv2.GaussianBlur(photo.rgb, (0, 0), sigma))

    return degrade


def jpeg(photo: Photo) -> RgbImage:
    """Compress strongly."""
    _, data = cv2.imencode(".jpg", photo.rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 25])
    return RgbImage(np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]))


def coarse(photo: Photo) -> RgbImage:
    """Half the resolution, shown at the same size."""
    small = cv2.resize(photo.rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return RgbImage(cv2.resize(small, photo.rgb.shape[1::-1]))


WAYS: dict[str, Callable[[Photo], RgbImage]] = {
    "as it is": lambda photo: photo.rgb, "JPEG 25": jpeg, "noise 6": light(1, 6),
    "half the resolution": coarse, "half the light, noise 2": light(0.5, 2),
    "a quarter, noise 1": light(0.25, 1), "a quarter, noise 3": light(0.25, 3),
    "blurred by 1 %": blur(0.01), "blurred by 2 %": blur(0.02),
}  # fmt: skip


def photos(folder: Path) -> Iterator[Photo]:
    """Yield frontal faces of one person each, at most as wide as a clip."""
    mesh = FaceMesh(load_face_models(DEFAULT_ROOT))
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if not r["identity"].startswith(("MULTI", "NONE"))]
    for row in rows:
        rgb = decode_image((folder / row["file"]).read_bytes(), evidence="selfie")
        if (scale := WIDTH_PX / rgb.shape[1]) < 1:
            shrunk = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            rgb = RgbImage(shrunk)
        mesh.reset()
        face = mesh.track(rgb)
        if face is not None and abs(yaw_deg(face.mesh)) <= MAX_YAW_DEG:
            yield Photo(person=row["identity"], rgb=rgb, box=face.box)


def cut(photo: Photo, room: float) -> Photo:
    """The same photo with no more room around the face than this."""
    centre = (photo.box[:2] + photo.box[2:]) / 2
    half = room * float((photo.box[2:] - photo.box[:2]).max()) / 2
    high = np.array(photo.rgb.shape[1::-1])
    (x1, y1), (x2, y2) = (
        np.clip(centre - half, 0, high).astype(int), np.clip(centre + half + 1, 0, high).astype(int)
    )  # fmt: skip
    part = RgbImage(np.ascontiguousarray(photo.rgb[y1:y2, x1:x2]))
    return Photo(person=photo.person, rgb=part, box=photo.box - np.array([x1, y1, x1, y1]))


def alive(network: PassiveNetwork, rgb: RgbImage, box: Points) -> float | None:
    """The network's answer; None where it is not asked."""
    crops = network.crops(rgb, box)
    return None if crops is None else network.alive(crops)


def tabled(title: str, rows: dict[str, list[float | None]]) -> Table:
    """A row for each way: the lowest, the usual, and how many are below each limit."""
    table = Table("", "photos", "not asked", "lowest", "median", *map(str, _LIMITS), title=title)
    for name, answers in rows.items():
        found = np.array([a for a in answers if a is not None])
        below = [str(int((found < limit).sum())) for limit in _LIMITS]
        ends = (f"{found.min():.3f}", f"{np.median(found):.3f}") if len(found) else ("", "")
        table.add_row(name, str(len(answers)), str(len(answers) - len(found)), *ends, *below)
    return table


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passive", default="minifasnet")
    parser.add_argument("--weights", type=Path, default=DEFAULT_ROOT)
    given = parser.parse_args()
    network = load_passive(given.passive, given.weights)
    known = list(photos(given.folder))
    asked = [p for p in known if network.crops(p.rgb, p.box) is not None]
    people = len({photo.person for photo in asked})
    console.print(f"{len(known)} frontal photos, {len(asked)} of {people} people with room")
    made = {name: [alive(network, way(p), p.box) for p in asked] for name, way in WAYS.items()}
    console.print(tabled("photos with room, below", made))
    roomy = [p for p in asked if room_around(p.rgb, p.box) >= _ROOMY]
    closer = {room: [cut(photo, room) for photo in roomy] for room in _ROOMS}
    table = {
        f"{room:g} times the face": [alive(network, p.rgb, p.box) for p in cuts]
        for room, cuts in closer.items()
    }
    console.print(tabled("cut closer, below", table))


if __name__ == "__main__":
    main()
