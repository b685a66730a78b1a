"""The default landmark tracker: MediaPipe's three Apache-2.0 models on ONNX Runtime, one face followed through a clip.

Measured (one core, 640 px wide): 7-8 ms a frame with both eyes refined; a first look or a lost face 2-3 ms more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.face.detector import Detection, FaceDetector
from pipeline.face.mesh import FACE_SCALE, MeshFace, MeshModel
from pipeline.face.region import Region, lift_dark, region_around
from pipeline.findings import ModelRef
from pipeline.image import RgbImage
from pipeline.onnx_model import OnnxModel
from pipeline.weights import DEFAULT_ROOT, open_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceMeshModels:
    """The loaded models: once a process, shared by all clips one after the other."""

    detector: FaceDetector
    mesh: MeshModel
    refs: tuple[ModelRef, ...]


def load_facemesh(weights_root: Path = DEFAULT_ROOT) -> FaceMeshModels:
    """Load detector, mesh and eye model.

    Raises:
        WeightsError: a file is missing, altered or unreadable.
    """
    names = ("facemesh_detector", "facemesh_mesh", "facemesh_eye")
    entries = [open_weights(name, weights_root) for name in names]
    detector, mesh, eye = (OnnxModel(entry.path) for entry in entries)
    return FaceMeshModels(
        detector=FaceDetector(detector),
        mesh=MeshModel(mesh, eye),
        refs=tuple(entry.ref for entry in entries),
    )


class FaceMesh:
    """Follows one face; a new one for each clip, `reset` for a still picture in between."""

    def __init__(self, models: FaceMeshModels) -> None:
        self._models = models
        self._region: Region | None = None

    def reset(self) -> None:
        """Forget the followed face."""
        self._region = None

    def track(self, rgb: RgbImage) -> MeshFace | None:
        """Return the landmarks of the face followed since the last frame, or of the largest one found anew.

        Args:
            rgb: H x W x 3, uint8, RGB, about 640 px wide.

        Returns:
            None when there is no face.
        """
        rgb = lift_dark(rgb)
        face = self._models.mesh(rgb, self._region) if self._region else None
        if face is None:
            found = self._largest(rgb)
            face = self._models.mesh(rgb, _region_of(found)) if found else None
        self._region = face.region() if face else None
        return face

    def _largest(self, rgb: RgbImage) -> Detection | None:
        detector = self._models.detector
        faces = detector.detect(rgb) or detector.detect_zoomed(rgb)
        return max(faces, key=lambda face: face.area, default=None)


def _region_of(face: Detection) -> Region:
    eyes = face.keypoints[0], face.keypoints[1]
    return region_around(face.box[:2], face.box[2:], *eyes, scale=FACE_SCALE)
