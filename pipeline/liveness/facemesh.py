"""The default landmark tracker: MediaPipe's three Apache-2.0 models on ONNX Runtime, one face followed through a clip.

The eye model, which costs more than all the rest of a frame, runs where an eye moves (`pipeline/liveness/lids.py`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.face.detector import Detection
from pipeline.face.mesh import FACE_SCALE, MeshFace
from pipeline.face.models import FaceModels, load_face_models
from pipeline.face.quality import yaw_deg
from pipeline.face.region import Region, lift_dark, region_around
from pipeline.image import RgbImage
from pipeline.liveness.landmarks import LandmarkBackend
from pipeline.liveness.lids import LidWatch
from pipeline.liveness.limits import FACEMESH
from pipeline.liveness.mesh_signals import mesh_signals
from pipeline.liveness.signals import Signals
from pipeline.weights import DEFAULT_ROOT


def load_facemesh_backend(weights_root: Path) -> LandmarkBackend:
    """Load the default landmark backend.

    Raises:
        WeightsError: a file is missing, altered or unreadable.
    """
    models = load_face_models(weights_root)
    return LandmarkBackend(
        name="facemesh", start=lambda: FaceMesh(models), limits=FACEMESH, refs=models.refs
    )


def load_facemesh(weights_root: Path = DEFAULT_ROOT) -> FaceModels:
    """Load detector, mesh and eye model.

    Raises:
        WeightsError: a file is missing, altered or unreadable.
    """
    return load_face_models(weights_root)


class FaceMesh:
    """Follows one face; a new one for each clip, `reset` for a still picture in between."""

    def __init__(self, models: FaceModels) -> None:
        self._models = models
        self._region: Region | None = None
        self._time_s = -np.inf
        self._lids = LidWatch(models.mesh)

    def reset(self) -> None:
        """Forget the followed face."""
        self._region, self._time_s = None, -np.inf
        self._lids = LidWatch(self._models.mesh)

    def track(self, rgb: RgbImage) -> MeshFace | None:
        """Return the landmarks of the face followed since the last frame, or of the largest one found anew.

        Args:
            rgb: H x W x 3, uint8, RGB, about 640 px wide.

        Returns:
            None when there is no face.
        """
        face = self._face(lift_dark(rgb), refine=True)
        self._region = face.region() if face else None
        return face

    @property
    def moving(self) -> bool:
        """Whether lids were about to close in the last frame."""
        return self._lids.moving

    def signals(self, rgb: RgbImage, time_s: float) -> Signals | None:
        """Return what is measured in a frame of a clip, None without a face.

        A frame that is older than the last one is looked at from where the face is now, and does not move that.
        """
        rgb = lift_dark(rgb)
        face = self._face(rgb, refine=False)
        if time_s >= self._time_s:
            self._time_s, self._region = time_s, face.region() if face else None
        if face is None:
            return None
        gaps = self._lids.gaps(rgb, face.mesh, time_s, yaw_deg(face.mesh))
        return mesh_signals(face, time_s, *gaps)

    def face_areas(self, rgb: RgbImage) -> list[float]:
        """Return the areas of all faces of one frame, largest first."""
        found = self._models.detector.detect(lift_dark(rgb))
        return sorted((face.area for face in found), reverse=True)

    def _face(self, rgb: RgbImage, *, refine: bool) -> MeshFace | None:
        face = self._models.mesh(rgb, self._region, refine=refine) if self._region else None
        return face or self._anew(rgb)

    def _anew(self, rgb: RgbImage) -> MeshFace | None:
        """The largest detected face on which the mesh model agrees."""
        detector = self._models.detector
        for look in (detector.detect, detector.detect_zoomed):
            for found in sorted(look(rgb), key=lambda face: -face.area):
                face = self._models.mesh(rgb, _region_of(found))
                if face is not None:
                    return face
        return None


def _region_of(face: Detection) -> Region:
    eyes = face.keypoints[0], face.keypoints[1]
    return region_around(face.box[:2], face.box[2:], *eyes, scale=FACE_SCALE)
