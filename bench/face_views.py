"""What more views of a face would bring: the face mirrored as well, and a print smoothed before it is compared.

python -m bench.face_views FOLDER

FOLDER is a set of labelled photos as for `ekyc eval face`. Each photo is printed as a portrait of 110 pixels twice: by
`ekyc eval face`, on which the smoothing was chosen (people of the first half), and on a SPECIMEN card that is
photographed askew, by which nothing was chosen. Similarities of all views are averaged.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from ekyc.evaluation.face_pairs import FacePairs, load_pairs
from ekyc.evaluation.face_print import print_portrait
from ekyc.evaluation.face_rates import Scores, rates
from pipeline.errors import CannotJudge
from pipeline.face.backend import Embedding
from pipeline.face.dlib_backend import DlibEmbedder
from pipeline.face.find import FaceFinder, LocatedFace
from pipeline.face.fusion import mean_similarity
from pipeline.face.models import load_face_models
from pipeline.face.portrait import find_portrait
from pipeline.face.profile import DLIB
from pipeline.face.quality import measure, require_portrait, require_selfie
from pipeline.face.selfie import find_selfie
from pipeline.image import RgbImage, decode_image
from pipeline.onnx_model import OnnxModel
from pipeline.weights import open_weights
from specimen.camera import Look
from specimen.card import CardOrder, print_card
from specimen.people import CardVersion, Sex, draw_person
from specimen.scene import Shot, photograph

console = Console(width=130)
_FACE_PX = 110
#: Width of a photo on which the printed face is about that high, and one on which it is about 85.
_SHOT_PX = {"SPECIMEN card, 116 px": 760, "SPECIMEN card, 86 px": 560}
_PRINTED = f"printed by eval, {_FACE_PX} px"
_PORTRAIT = (400, 600)
#: Views of the card and of the selfie.
_WAYS = {
    "one view (what is done)": (("plain",), ("plain",)),
    "mirrored as well": (("plain", "mirrored"), ("plain", "mirrored")),
    "mirrored, print smoothed": (("smooth", "smooth mirrored"), ("plain", "mirrored")),
}
Chip = NDArray[np.float32]
Views = Mapping[str, Embedding]


def embedders() -> dict[str, DlibEmbedder]:
    """One for each view of a chip."""
    points = dlib.shape_predictor(str(open_weights("dlib_points5").path))
    network = OnnxModel(open_weights("dlib_resnet").path)

    def seen(view: Callable[[Chip], Chip]) -> DlibEmbedder:
        return DlibEmbedder(points, lambda chip: network(np.ascontiguousarray(view(chip))))

    return {
        "plain": seen(lambda chip: chip),
        "mirrored": seen(lambda chip: chip[:, ::-1]),
        "smooth": seen(smooth),
        "smooth mirrored": seen(lambda chip: smooth(chip)[:, ::-1]),
    }


def smooth(chip: Chip) -> Chip:
    """Non-local means (Buades 2005): of 20 ways the best on the first half's portraits of 60 to 150 pixels."""
    return cv2.fastNlMeansDenoisingColored(chip.astype(np.uint8), None, 4, 4, 7, 9).astype(
        np.float32
    )


def on_specimen(face: LocatedFace, seed: int, width_px: int) -> RgbImage:
    """Print a face on a card and photograph it a little askew, soft and noisy, JPEG 75."""
    rng = np.random.default_rng(seed)
    version = (CardVersion.CHIP_2021, CardVersion.CAN_CUOC_2024)[seed % 2]
    person = draw_person(rng, version=version, today=date(2026, 11, 30), sex=Sex.FEMALE)
    order = CardOrder(person=person, version=version, portrait=_portrait(face))
    shot = Shot(
        size=(width_px, width_px * 3 // 4), jpeg_quality=75,
        rotation_deg=rng.uniform(-8, 8), tilt_x_deg=rng.uniform(-12, 12), tilt_y_deg=rng.uniform(-12, 12),
        look=Look(blur_px=0.7, noise=4.0, gamma=rng.uniform(0.85, 1.15), light_fall=0.2),
    )  # fmt: skip
    return decode_image(
        photograph(print_card(order)[0].image, shot, rng).jpeg, evidence="card_front"
    )


def _portrait(face: LocatedFace) -> RgbImage:
    low, high = face.mesh.box[:2], face.mesh.box[2:]
    height = (high[1] - low[1]) / 0.55
    scale = _PORTRAIT[1] / height
    left, top = (low + high) / 2 - [height / 3, 0.55 * height]
    matrix = np.array([[scale, 0, -scale * left], [0, scale, -scale * top]])
    soft = face.patch if scale > 1 else cv2.GaussianBlur(face.patch, (0, 0), max(0.3, 0.45 / scale))
    drawn = cv2.warpAffine(
        soft, matrix, _PORTRAIT, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return RgbImage(drawn)


def looks(data: FacePairs, finder: FaceFinder) -> Iterator[tuple[str, str, LocatedFace]]:
    """Yield (photo, condition, face) of all that pass their gates; the photo itself is the condition "selfie"."""
    for number, name in enumerate(sorted(data.people)):
        try:
            picture = decode_image((data.folder / name).read_bytes(), evidence="selfie")
            face = find_selfie(picture, finder)
            require_selfie(measure(face))
        except CannotJudge:
            continue
        yield name, "selfie", face
        seed = zlib.crc32(f"{name}:{_FACE_PX}".encode())
        cards = {_PRINTED: print_portrait(face, _FACE_PX, seed=seed)}
        cards |= {name: on_specimen(face, 1000 + number, px) for name, px in _SHOT_PX.items()}
        for condition, card in cards.items():
            try:
                found = find_portrait(card, finder)
                require_portrait(measure(found))
            except CannotJudge:
                continue
            yield name, condition, found


def scores(
    seen: Mapping[tuple[str, str], Views], people: Mapping[str, str], condition: str, way: str
) -> Scores:
    """Compare every card of some people with every selfie of another photo."""
    card_views, selfie_views = _WAYS[way]
    number = {who: i for i, who in enumerate(sorted(set(people.values())))}
    rows = []
    for a, shown in seen:
        for b, other in seen:
            if shown == condition and other == "selfie" and a != b and {a, b} <= people.keys():
                probe = [seen[b, other][view] for view in selfie_views]
                each = [mean_similarity(seen[a, shown][v], probe, DLIB.compare) for v in card_views]
                rows.append((np.mean(each), number[people[a]], number[people[b]]))
    table = np.array(rows)
    one, two = table[:, 1].astype(np.intp), table[:, 2].astype(np.intp)
    return Scores(similarity=table[:, 0], same=one == two, a=one, b=two, people=len(number))


def told(found: Scores) -> str:
    """Rates of one way, and how far apart genuine and impostor pairs are (d')."""
    genuine, impostor = found.similarity[found.same], found.similarity[~found.same]
    apart = (genuine.mean() - impostor.mean()) / np.sqrt((genuine.var() + impostor.var()) / 2)
    shares = (
        f"{at.fmr:g}: {100 * at.fnmr:4.1f} % [{100 * low:.1f}, {100 * high:.1f}] above {at.threshold:.3f}"
        for at in rates(found, (1e-2, 1e-3)).operating
        for low, high in [at.interval or (0.0, 1.0)]
    )
    return f"d' {apart:.2f}  FNMR at {'  '.join(shares)}  match {100 * _matched(genuine):.1f} %"


def _matched(similarities: Sequence[float] | NDArray[np.float64]) -> float:
    return float(np.mean([DLIB.band(float(s)) == "match" for s in similarities]))


def second_half(people: Mapping[str, str]) -> dict[str, str]:
    """Photos of every other person: those by whom nothing was chosen."""
    chosen = set(sorted(set(people.values()))[1::2])
    return {file: who for file, who in people.items() if who in chosen}


def main() -> None:
    """Print rates of each way on all people and on the second half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    data = load_pairs(parser.parse_args().folder)
    ways = embedders()
    seen = {
        (name, condition): {view: embed(face) for view, embed in ways.items()}
        for name, condition, face in looks(data, load_face_models().finder())
    }
    for group, people in (("all people", data.people), ("second half", second_half(data.people))):
        for condition in (_PRINTED, *_SHOT_PX):
            console.print(f"[bold]{condition}, {group}[/bold]")
            for way in _WAYS:
                console.print(f"  {way:26} {told(scores(seen, people, condition, way))}")


if __name__ == "__main__":
    main()
