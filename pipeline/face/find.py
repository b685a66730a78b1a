"""Find the faces of a picture, each confirmed by its landmarks: a box alone is never believed.

Cascade, cheapest first: the detector on the whole picture, on its halves, on its quarters, then dlib's HOG on the
picture at twice the size, and MTCNN where it is installed. What each step finds and costs on portraits of cards is in
docs/reports/face-2026-11-30.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.face.detector import Detection, FaceDetector, without_doubles
from pipeline.face.mesh import FACE_SCALE, MeshFace, MeshModel
from pipeline.face.region import Points, lift_dark, region_around
from pipeline.image import RgbImage

if TYPE_CHECKING:
    import dlib


class Step(StrEnum):
    """A step of the cascade."""

    WHOLE = "whole"
    HALVES = "halves"
    QUARTERS = "quarters"
    HOG = "hog"
    MTCNN = "mtcnn"


#: 2 + 12 ms; the others cost 70 to 700 ms.
QUICK, THOROUGH = (Step.WHOLE, Step.HALVES), (Step.QUARTERS, Step.HOG, Step.MTCNN)
#: Detection works on a picture shrunk to this; landmarks and embeddings on a part of the original.
_SIDE_PX = {
    Step.WHOLE: 640, Step.HALVES: 640, Step.QUARTERS: 1280, Step.HOG: 1280, Step.MTCNN: 1280,
}  # fmt: skip
#: The part around a face: its side over the box's side, and the most pixels the face keeps in it.
_PATCH_SCALE, PATCH_FACE_PX = 2.4, 300
#: A patch is turned until the eyes are level within this; dlib's five points bear 20 degrees, not 90.
_UPRIGHT_DEG, _UPRIGHT_TRIES = 20.0, 3
#: Two faces whose centres are nearer than this share of the larger one's height are one.
_SAME_FACE_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocatedFace:
    """One face: where it is in the picture, and a part of the picture around it with its landmarks.

    `box` is the detector's x1, y1, x2, y2 (brows to chin) in pixels of the picture; `mesh` is in pixels of `patch`,
    which is upright: the eyes are level within 20 degrees.
    """

    box: Points
    patch: RgbImage
    mesh: MeshFace
    score: float
    #: Pixels of the patch over pixels of the picture.
    scale: float
    #: Centre of the landmarks (x, y) in pixels of the picture.
    centre: Points
    #: The step of the cascade that saw it first.
    found_by: Step = Step.WHOLE
    #: How far the patch was turned to stand upright, clockwise on the screen.
    turned_deg: float = 0.0

    @property
    def height_px(self) -> float:
        """Height of the landmarks (forehead to chin) in pixels of the picture."""
        low, high = self.mesh.box[1::2]
        return float(high - low) / self.scale

    @property
    def roll_deg(self) -> float:
        """How far the eyes are from level in the picture, clockwise on the screen, -180..180."""
        return (self.turned_deg + self.mesh.roll_deg + 180) % 360 - 180

    @property
    def area(self) -> float:
        """Square pixels of a square of that height."""
        return self.height_px**2


class FaceFinder:
    """The cascade with its loaded models."""

    def __init__(
        self,
        detector: FaceDetector,
        mesh: MeshModel,
        last_resort: Callable[[RgbImage], list[Detection]] | None = None,
    ) -> None:
        self._detector, self._mesh, self._last_resort = detector, mesh, last_resort
        self._hog: dlib.fhog_object_detector | None = None

    def find(
        self, rgb: RgbImage, *, steps: Sequence[Step] = tuple(Step), refine: bool = True
    ) -> tuple[LocatedFace, ...]:
        """Return the faces, largest first; those of the first step of the cascade that finds any.

        Args:
            rgb: H x W x 3, uint8, RGB, any size.
            steps: the steps to take, in order.
            refine: look at both eyes too, which costs a third of it all: lids need it, embedders do not.
        """
        for step in steps:
            found = self.confirmed(rgb, self.detections(rgb, step), refine=refine)
            if found:
                return tuple(replace(face, found_by=step) for face in found)
        return ()

    def find_all(self, rgb: RgbImage, *, refine: bool = True) -> tuple[LocatedFace, ...]:
        """Return the faces of the whole picture and of its halves, largest first: for counting people.

        One look at the whole misses a second face more often than the first one (1 of 9 group photos).
        """
        detections = [face for step in QUICK for face in self.detections(rgb, step)]
        found = self.confirmed(rgb, without_doubles(detections), refine=refine)
        return found or self.find(rgb, steps=THOROUGH, refine=refine)

    def locate(self, rgb: RgbImage, found: Detection, *, refine: bool = True) -> LocatedFace | None:
        """Put landmarks on a detected face and turn its patch upright; None when there is no face after all.

        The landmark model is sure of itself on wrongly turned faces too, so the detector must see the face again
        in the upright patch.
        """
        patch, origin, scale = cut_patch(rgb, found.box)
        rough = Detection(
            score=found.score,
            box=(found.box - np.tile(origin, 2)) * scale,
            keypoints=(found.keypoints - origin) * scale,
        )
        seen: Detection | None = self._again(patch) or rough
        turned_deg = 0.0
        for _ in range(_UPRIGHT_TRIES):
            mesh = self._mesh_on(patch, seen, refine=refine) if seen else None
            if seen is None or mesh is None:
                return None
            if abs(mesh.roll_deg) <= _UPRIGHT_DEG:
                middle = (mesh.box[:2] + mesh.box[2:]) / 2  # patches turn about it, so it stays
                return LocatedFace(
                    box=found.box, patch=patch, mesh=mesh, score=seen.score, scale=scale,
                    centre=origin + middle / scale, turned_deg=turned_deg,
                )  # fmt: skip
            patch, turned_deg = _turned(patch, mesh), turned_deg + mesh.roll_deg
            seen = self._again(patch)
        return None

    def _again(self, patch: RgbImage) -> Detection | None:
        return max(self._detector.detect(lift_dark(patch)), key=lambda f: f.area, default=None)

    def _mesh_on(self, patch: RgbImage, found: Detection, *, refine: bool) -> MeshFace | None:
        lifted = lift_dark(patch)
        eyes = found.keypoints[0], found.keypoints[1]
        around = region_around(found.box[:2], found.box[2:], *eyes, scale=FACE_SCALE)
        first = self._mesh(lifted, around, refine=False)
        # A second look from the landmarks themselves: the detector's box is rougher than the tracker's.
        return self._mesh(lifted, first.region(), refine=refine) if first else None

    def confirmed(
        self, rgb: RgbImage, found: Sequence[Detection], *, refine: bool = True
    ) -> tuple[LocatedFace, ...]:
        """Return those detections of a picture on which landmarks can be put, largest first, each face once."""
        located = [self.locate(rgb, face, refine=refine) for face in found]
        largest_first = sorted(
            (f for f in located if f is not None), key=lambda face: -face.height_px
        )
        kept: list[LocatedFace] = []
        for face in largest_first:
            if not any(_is_same(face, other) for other in kept):
                kept.append(face)
        return tuple(kept)

    def detections(self, rgb: RgbImage, step: Step) -> list[Detection]:
        """Return what one step sees in a picture, in its pixels, best first; not believed before it is `confirmed`."""
        small, scale = shrunk(rgb, _SIDE_PX[step])
        lifted = lift_dark(small)
        match step:
            case Step.WHOLE:
                found = self._detector.detect(lifted)
            case Step.HALVES:
                found = self._detector.detect_zoomed(lifted)
            case Step.QUARTERS:
                found = self._detector.detect_zoomed(lifted, parts=4)
            case Step.HOG:
                found = self._hog_faces(lifted)
            case Step.MTCNN:
                found = self._last_resort(lifted) if self._last_resort else []
        return _grown(found, scale)

    def _hog_faces(self, rgb: RgbImage) -> list[Detection]:
        hog = self._hog = self._hog or _load_hog()
        boxes, scores, _ = hog.run(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), 1, 0.0)
        pairs = zip(boxes, scores, strict=True)
        return without_doubles([_from_hog(box, float(score)) for box, score in pairs])


def _load_hog() -> dlib.fhog_object_detector:
    import dlib  # the capture client takes the quick steps alone and carries no dlib

    return dlib.get_frontal_face_detector()


def _is_same(face: LocatedFace, larger: LocatedFace) -> bool:
    """An eye or a mouth taken for a small face: its landmarks lie on the larger one."""
    apart = float(np.hypot(*(face.centre - larger.centre)))
    return apart < _SAME_FACE_SHARE * larger.height_px


def _from_hog(box: dlib.rectangle, score: float) -> Detection:
    """A HOG box is upright and has no key points: its eyes are said to be level."""
    corners = np.array([box.left(), box.top(), box.right(), box.bottom()], float)
    middle, width = (corners[1] + corners[3]) / 2, corners[2] - corners[0]
    eyes = [[corners[0] + 0.3 * width, middle], [corners[0] + 0.7 * width, middle]]
    return Detection(score=score, box=corners, keypoints=np.array(eyes))


def shrunk(rgb: RgbImage, side: int) -> tuple[RgbImage, float]:
    """Return the picture with its longer side at most `side`, and new size over old size."""
    scale = min(1.0, side / max(rgb.shape[:2]))
    if scale == 1.0:
        return rgb, scale
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return RgbImage(small), scale


def cut_patch(rgb: RgbImage, box: Points) -> tuple[RgbImage, Points, float]:
    """Cut the part around a face and shrink it so that the face has at most `PATCH_FACE_PX`.

    Returns:
        The part, its origin (x, y) in the picture, and its scale.
    """
    height, width = rgb.shape[:2]
    centre, side = (box[:2] + box[2:]) / 2, float((box[2:] - box[:2]).max())
    half = side * _PATCH_SCALE / 2
    low = np.clip(np.floor(centre - half), 0, [width - 1, height - 1]).astype(int)
    high = np.clip(np.ceil(centre + half), low + 1, [width, height]).astype(int)
    patch = RgbImage(np.ascontiguousarray(rgb[low[1] : high[1], low[0] : high[0]]))
    small, scale = shrunk(patch, max(round(PATCH_FACE_PX * _PATCH_SCALE), 1))
    return small, low.astype(float), scale


def followed_face(
    mesh: Points, patch: RgbImage, origin: Points, scale: float
) -> LocatedFace | None:
    """Return a face whose landmarks are known, without looking for it; None where it leans too far for embedders.

    Args:
        mesh: (468, 3) landmarks in pixels of the picture.
        patch: the part around it, with its origin and scale, see `cut_patch`.
        origin: x, y in pixels of the picture.
        scale: pixels of the patch over pixels of the picture.
    """
    inside = (mesh - [*origin, 0.0]) * scale
    face = MeshFace(points=inside, mesh=inside, presence=1.0)
    if abs(face.roll_deg) > _UPRIGHT_DEG:
        return None
    box = np.concatenate([mesh[:, :2].min(0), mesh[:, :2].max(0)])
    return LocatedFace(
        box=box, patch=patch, mesh=face, score=1.0, scale=scale, centre=(box[:2] + box[2:]) / 2
    )


def _turned(patch: RgbImage, mesh: MeshFace) -> RgbImage:
    """Return the patch turned about the face's centre so that its eyes are level."""
    height, width = patch.shape[:2]
    x, y = (mesh.box[:2] + mesh.box[2:]) / 2
    matrix = cv2.getRotationMatrix2D((float(x), float(y)), mesh.roll_deg, 1.0)
    size, border = (width, height), cv2.BORDER_REPLICATE
    return RgbImage(cv2.warpAffine(patch, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border))


def _grown(found: list[Detection], scale: float) -> list[Detection]:
    return [
        Detection(score=f.score, box=f.box / scale, keypoints=f.keypoints / scale) for f in found
    ]
