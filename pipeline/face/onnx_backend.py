"""Any face embedder in ONNX that the manifest of weights describes: a face on five points in, a unit vector out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import EngineError, WeightsError
from pipeline.face.backend import Embedding, FaceBackend
from pipeline.face.find import LocatedFace
from pipeline.face.mesh_points import EYE_LEFT_CORNERS, EYE_RIGHT_CORNERS, MOUTH_CORNERS, NOSE_TIP
from pipeline.face.onnx_entry import OnnxFaceEntry, read_face_entry
from pipeline.face.region import Points
from pipeline.image import RgbImage
from pipeline.onnx_model import OnnxModel
from pipeline.weights import open_weights

#: Fewer numbers are no embedding but a score or a class.
_LEAST_DIMENSIONS = 16


def load_onnx_face(name: str, weights_root: Path) -> FaceBackend:
    """Load the embedder of a manifest entry and run it once.

    Raises:
        WeightsError: no such entry, the file is missing or altered, or it does not do what the entry says.
    """
    entry = open_weights(name, weights_root)
    described = read_face_entry(entry)
    embedder = OnnxEmbedder(OnnxModel(entry.path), described)
    embedder.require_fit(name)
    return FaceBackend(profile=described.profile(name), embed=embedder, refs=(entry.ref,))


class OnnxEmbedder:
    """Turns and scales a face so that its five points lie as the network learnt them, and runs it."""

    def __init__(self, network: OnnxModel, entry: OnnxFaceEntry) -> None:
        self._network, self._entry = network, entry
        self._template = entry.template()

    def __call__(self, face: LocatedFace) -> Embedding:
        """Return the (d,) unit vector of a face.

        Raises:
            EngineError: the network gave no direction: zero, or something that is no number.
        """
        return self._vector(
            align(face.patch, five_points(face), self._template, self._entry.size_px)
        )

    def require_fit(self, name: str) -> None:
        """Show the network a grey picture.

        Raises:
            WeightsError: it does not take such a picture, or what comes out is no embedding.
        """
        side = self._entry.size_px
        grey = RgbImage(np.full((side, side, 3), 127, np.uint8))
        try:
            vector = self._raw(grey)
        except Exception as error:  # ONNX Runtime's own exception classes are not public
            raise WeightsError(
                f"weights {name} do not run as [{name}.face] says: {type(error).__name__}"
            ) from error
        if vector.ndim != 1 or len(vector) < _LEAST_DIMENSIONS:
            raise WeightsError(f"weights {name} give {vector.shape}, which is no embedding")

    def _vector(self, chip: RgbImage) -> Embedding:
        raw = self._raw(chip)
        length = float(np.linalg.norm(raw))
        if not np.isfinite(length) or length == 0.0:
            raise EngineError("the face embedder gave no direction")
        return np.asarray(raw / length, np.float32)

    def _raw(self, chip: RgbImage) -> NDArray[np.float64]:
        outputs = self._network(prepare(chip, self._entry))
        name = self._entry.output or next(iter(outputs))
        return np.asarray(outputs[name][0], np.float64)


def five_points(face: LocatedFace) -> Points:
    """Return right eye, left eye, nose tip, right and left corner of the mouth, (5, 2), in pixels of the patch."""
    mesh = face.mesh.mesh[:, :2]
    eyes = [mesh[list(corners)].mean(axis=0) for corners in (EYE_RIGHT_CORNERS, EYE_LEFT_CORNERS)]
    return np.stack([*eyes, mesh[NOSE_TIP], *mesh[list(MOUTH_CORNERS)]])


def align(patch: RgbImage, points: Points, template: Points, size_px: int) -> RgbImage:
    """Cut a face out by the turn, scale and shift that bring its points nearest to the template.

    Args:
        patch: H x W x 3, uint8, RGB.
        points: (5, 2), in pixels of the patch.
        template: (5, 2), in pixels of the result.
        size_px: side of the result.

    Returns:
        size_px x size_px x 3, uint8, RGB; black beyond the patch.
    """
    scale = abs(similarity_transform(points, template)[0])
    if scale < 1:  # warping alone would skip pixels
        patch = RgbImage(cv2.resize(patch, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        points = points * scale
    turn, shift = similarity_transform(points, template)
    matrix = np.array(
        [[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]], np.float64
    )
    return RgbImage(cv2.warpAffine(patch, matrix, (size_px, size_px), flags=cv2.INTER_LINEAR))


def similarity_transform(points: Points, template: Points) -> tuple[complex, complex]:
    """Return (a, b) so that a z + b takes the points nearest to the template: least squares, never mirrored.

    Points are complex numbers x + iy; |a| is the scale, the angle of a the turn.
    """
    z, w = points[:, 0] + 1j * points[:, 1], template[:, 0] + 1j * template[:, 1]
    centred = z - z.mean()
    a = complex(np.vdot(centred, w - w.mean()) / np.vdot(centred, centred))
    return a, complex(w.mean() - a * z.mean())


def prepare(chip: RgbImage, entry: OnnxFaceEntry) -> NDArray[np.float32]:
    """Return the chip as the network's input, without the batch axis, float32."""
    ordered = chip if entry.colours == "RGB" else chip[..., ::-1]
    values = (ordered.astype(np.float32) - entry.mean) / entry.deviation
    placed = values if entry.layout == "NHWC" else values.transpose(2, 0, 1)
    return np.ascontiguousarray(placed, np.float32)
