"""The second embedder: facenet-pytorch's InceptionResnetV1 (VGGFace2), 512 numbers on the unit sphere.

Needs the extra `ekyc[facenet]` and its weights, which are not ours to ship. Nobody here has measured it, so its profile
has no calibration and never says match.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipeline.errors import WeightsError
from pipeline.face.backend import Embedding, FaceBackend
from pipeline.face.find import LocatedFace
from pipeline.face.profile import FACENET, FaceProfile
from pipeline.face.torchvision_standin import install_standin
from pipeline.image import RgbImage
from pipeline.weights import open_weights, read_manifest

WEIGHTS = "facenet_vggface2"
_SIZE = 160
#: (x - 127.5) / 128, as facenet-pytorch's `fixed_image_standardization`.
_MEAN, _SCALE = 127.5, 128.0
#: The classifier on top of the embedding; its presence in the checkpoint makes a strict load fail.
_CLASSIFIER = "logits."


def load_facenet(
    weights_root: Path, *, profile: FaceProfile = FACENET, device: str = "cpu"
) -> FaceBackend:
    """Load the network and its weights.

    Args:
        weights_root: the weights folder.
        profile: by which metric vectors are compared: one of the three of facenet.
        device: "cpu" or "cuda".

    Raises:
        WeightsError: the weights are not there, altered, of another shape, or the extra is not installed.
    """
    if WEIGHTS not in read_manifest(weights_root):
        raise WeightsError(
            "the facenet backend has no weights here: run `ekyc weights fetch vggface2`, or use the dlib backend"
        )
    entry = open_weights(WEIGHTS, weights_root)
    return FaceBackend(
        profile=profile,
        embed=FacenetEmbedder(load_network(entry.path, device=device), device=device),
        refs=(entry.ref,),
    )


def load_network(path: Path, *, device: str) -> Any:
    """Build InceptionResnetV1 and fill it from a checkpoint, tensors only, every key accounted for.

    Raises:
        WeightsError: the extra is missing or the checkpoint does not fit.
    """
    try:
        import torch

        install_standin()
        from facenet_pytorch import InceptionResnetV1
    except ImportError as error:
        raise WeightsError(f"{error.name} is missing; install the extra `ekyc[facenet]`") from error
    torch.set_num_threads(1)
    try:
        state = torch.load(path, map_location=device, weights_only=True)
        kept = {key: value for key, value in state.items() if not key.startswith(_CLASSIFIER)}
        network = InceptionResnetV1(pretrained=None, classify=False)
        network.load_state_dict(kept, strict=True)
    except Exception as error:  # pickle, torch and zip errors have no common class
        raise WeightsError(
            f"{path.name} does not fit InceptionResnetV1: {type(error).__name__}"
        ) from error
    return network.eval().to(device)


class FacenetEmbedder:
    """Cuts the face out without alignment, as the network was trained, and runs it."""

    def __init__(self, network: Any, *, device: str) -> None:
        self._network, self._device = network, device

    def __call__(self, face: LocatedFace) -> Embedding:
        """Return the (512,) unit vector of a face."""
        import torch

        pixels = (_crop(face).astype(np.float32) - _MEAN) / _SCALE
        batch = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])).to(
            self._device
        )
        with torch.inference_mode():
            vector = self._network(batch)[0].cpu().numpy().astype(np.float64)
        return np.asarray(vector / np.linalg.norm(vector), np.float32)


def _crop(face: LocatedFace) -> RgbImage:
    height, width = face.patch.shape[:2]
    box = np.clip(np.round(face.mesh.box), 0, [width, height, width, height]).astype(int)
    x1, y1, x2, y2 = box
    return RgbImage(
        cv2.resize(face.patch[y1:y2, x1:x2], (_SIZE, _SIZE), interpolation=cv2.INTER_AREA)
    )
