"""The last resort of the cascade: MTCNN of the facenet-pytorch wheel (Zhang et al. 2016), where torch is there.

Its absence is no error: the cascade then ends one step earlier. It is loaded when it is first needed, because torch
costs seconds and 200 MB, and few pictures get that far.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import WeightsError
from pipeline.face.detector import Detection
from pipeline.face.torchvision_standin import install_standin
from pipeline.findings import ModelRef
from pipeline.image import RgbImage
from pipeline.weights import open_weights

PARTS = ("mtcnn_pnet", "mtcnn_rnet", "mtcnn_onet")
#: As in the reference project, whose author sorted out boxes below .9; the landmarks judge after that.
_MIN_SCORE = 0.9
#: Smaller faces are refused by every gate, and each halving costs three times the work.
_MIN_FACE_PX = 30


class LastResort:
    """Callable: a picture in, faces out, best first; the networks are loaded by the first call."""

    def __init__(self, load: Callable[[], Any], refs: tuple[ModelRef, ...]) -> None:
        self._load = load
        self._network: Any = None
        self.refs = refs

    def __call__(self, rgb: RgbImage) -> list[Detection]:
        """Return all faces with a score of at least .9.

        Args:
            rgb: H x W x 3, uint8, RGB.
        """
        self._network = self._network or self._load()
        boxes, scores, points = self._network.detect(rgb, landmarks=True)
        if boxes is None:
            return []
        rows = zip(boxes, scores, points, strict=True)
        found = [_detection(box, score, five) for box, score, five in rows if score >= _MIN_SCORE]
        return sorted(found, key=lambda face: -face.score)


def open_last_resort(weights_root: Path) -> LastResort | None:
    """Return MTCNN with its weights checked, or None where torch or facenet-pytorch is not installed.

    Raises:
        WeightsError: the packages are there, but their weights are altered.
    """
    if any(importlib.util.find_spec(name) is None for name in ("torch", "facenet_pytorch")):
        return None
    refs = tuple(open_weights(name, weights_root).ref for name in PARTS)
    return LastResort(_load, refs)


def _load() -> Any:
    try:
        import torch

        install_standin()
        from facenet_pytorch import MTCNN
    except ImportError as error:
        raise WeightsError(f"{error.name} is missing; install the extra `ekyc[facenet]`") from error
    torch.set_num_threads(1)
    return MTCNN(keep_all=True, min_face_size=_MIN_FACE_PX, device="cpu")


def _detection(box: Any, score: float, five: Any) -> Detection:
    """Its five points are eyes, nose and corners of the mouth; it knows no ears, so the eyes stand for them."""
    eyes, nose, mouth = five[:2], five[2:3], five[3:5].mean(axis=0, keepdims=True)
    keypoints = np.concatenate([eyes, nose, mouth, eyes]).astype(np.float64)
    return Detection(score=float(score), box=np.asarray(box, np.float64), keypoints=keypoints)
