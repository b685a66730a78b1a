"""Landmarks of one face: MediaPipe's 468-point mesh, and its eye model for lids that really close.

The plain mesh must not judge a blink: its lids close to .4-.8 of open in a blink and to .7 in a smile.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pipeline.face.mesh_points import (
    EYE_LEFT_CORNERS,
    EYE_LEFT_RING,
    EYE_RIGHT_CORNERS,
    EYE_RIGHT_RING,
    POINTS,
)
from pipeline.face.region import Points, Region, crop, crop_sharpened, project, region_around
from pipeline.image import RgbImage
from pipeline.onnx_model import OnnxModel

_MESH_SIZE, _EYE_SIZE = 192, 64
_MIN_PRESENCE = 0.5
#: Side of the square over the face's box, and over the eye's width, as MediaPipe trained them.
FACE_SCALE, _EYE_SCALE = 1.5, 2.3
_MIN_SIDE_PX = 8


class Eye(StrEnum):
    """An eye of the subject, not of the picture."""

    RIGHT = "right"
    LEFT = "left"

    @property
    def mirrored(self) -> bool:
        """The eye model knows right eyes; left ones are shown to it mirrored."""
        return self is Eye.LEFT

    def region(self, mesh: Points, *, scale: float) -> Region:
        """Return the square around this eye, upright along it, `scale` times as wide as the eye."""
        corners = EYE_LEFT_CORNERS if self is Eye.LEFT else EYE_RIGHT_CORNERS
        outer, inner = mesh[corners[0], :2], mesh[corners[1], :2]
        right, left = (inner, outer) if self is Eye.LEFT else (outer, inner)
        centre, axis = (outer + inner) / 2, left - right
        return Region(
            x=float(centre[0]), y=float(centre[1]), side=scale * float(np.hypot(*axis)),
            angle=float(np.arctan2(axis[1], axis[0])),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeshFace:
    """468 landmarks.

    `points` (468, 3) are pixels, z in pixels, smaller is nearer; the rings around the eyes come from the eye model
    where it was asked (`refine`). `mesh` is the same as the mesh model gave it. `presence` is 0..1.
    """

    points: Points
    mesh: Points
    presence: float

    @property
    def box(self) -> Points:
        """x1, y1, x2, y2 around the mesh."""
        return np.concatenate([self.mesh[:, :2].min(0), self.mesh[:, :2].max(0)])

    @property
    def roll_deg(self) -> float:
        """How far the eyes are from level, clockwise on the screen, -180..180."""
        x, y = self.mesh[EYE_LEFT_CORNERS[0], :2] - self.mesh[EYE_RIGHT_CORNERS[0], :2]
        return float(np.degrees(np.arctan2(y, x)))

    def region(self) -> Region:
        """Return the square in which the next frame's face is looked for."""
        box = self.box
        outer = self.mesh[EYE_RIGHT_CORNERS[0]], self.mesh[EYE_LEFT_CORNERS[0]]
        return region_around(box[:2], box[2:], *outer, scale=FACE_SCALE)


class MeshModel:
    """Puts the mesh on the face in a region of a picture."""

    def __init__(self, mesh: OnnxModel, eye: OnnxModel) -> None:
        self._mesh, self._eye = mesh, eye

    def __call__(self, rgb: RgbImage, region: Region, *, refine: bool = True) -> MeshFace | None:
        """Return the landmarks, or None when there is no face in the region.

        Args:
            rgb: H x W x 3, uint8, RGB.
            region: a square around the face, `FACE_SCALE` times its box.
            refine: look at both eyes too, which costs more than all the rest.
        """
        if not _MIN_SIDE_PX <= region.side <= 4 * max(rgb.shape[:2]):
            return None
        matrix = region.to_picture(_MESH_SIZE)
        outputs = self._mesh(crop(rgb, matrix, _MESH_SIZE))
        presence = float(1 / (1 + np.exp(-outputs["conv2d_31"].item())))
        if presence < _MIN_PRESENCE:
            return None
        mesh = project(outputs["conv2d_21"].reshape(POINTS, 3), matrix)
        points = self._refined(rgb, mesh) if refine else mesh
        return MeshFace(points=points, mesh=mesh, presence=presence)

    def ring(self, rgb: RgbImage, mesh: Points, eye: Eye, *, sharpen: bool = False) -> Points:
        """Return the points around one eye as the eye model sees them.

        Args:
            rgb: H x W x 3, uint8, RGB.
            mesh: (468, 3) in pixels, of a face of the same picture.
            eye: which one.
            sharpen: give back edges to small eyes, see `region.crop_sharpened`; blinks are judged so.

        Returns:
            (71, 2) in pixels: 16 on the lids (see `mesh_points.LIDS`), then rings around the eye, then the brow.
        """
        matrix = eye.region(mesh, scale=_EYE_SCALE).to_picture(_EYE_SIZE, mirrored=eye.mirrored)
        cut = crop_sharpened if sharpen else crop
        outputs = self._eye(cut(rgb, matrix, _EYE_SIZE))
        return project(outputs["output_eyes_contours_and_brows"].reshape(71, 3), matrix)[:, :2]

    def _refined(self, rgb: RgbImage, mesh: Points) -> Points:
        points = mesh.copy()
        points[EYE_RIGHT_RING, :2] = self.ring(rgb, mesh, Eye.RIGHT)
        points[EYE_LEFT_RING, :2] = self.ring(rgb, mesh, Eye.LEFT)
        return points
