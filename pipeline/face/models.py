"""The models that find a face, loaded once a process and shared by match, liveness and identity."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.face.detector import FaceDetector
from pipeline.face.find import FaceFinder
from pipeline.face.mesh import MeshModel
from pipeline.face.mtcnn import LastResort, open_last_resort
from pipeline.findings import ModelRef
from pipeline.onnx_model import OnnxModel
from pipeline.weights import DEFAULT_ROOT, open_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceModels:
    """Detector and landmarks with the names and hashes of their weights; `last_resort` is None where it cannot be."""

    detector: FaceDetector
    mesh: MeshModel
    refs: tuple[ModelRef, ...]
    last_resort: LastResort | None = None

    def finder(self) -> FaceFinder:
        """Return the whole cascade."""
        return FaceFinder(self.detector, self.mesh, self.last_resort)


def load_face_models(weights_root: Path = DEFAULT_ROOT) -> FaceModels:
    """Load detector, mesh and eye model.

    Raises:
        WeightsError: a file is missing, altered or unreadable.
    """
    names = ("facemesh_detector", "facemesh_mesh", "facemesh_eye")
    entries = [open_weights(name, weights_root) for name in names]
    detector, mesh, eye = (OnnxModel(entry.path) for entry in entries)
    return FaceModels(
        detector=FaceDetector(detector),
        mesh=MeshModel(mesh, eye),
        refs=tuple(entry.ref for entry in entries),
        last_resort=open_last_resort(weights_root),
    )
