"""Embedding backends: a face becomes a vector, two vectors a similarity. Loaded by name, one set per process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import WeightsError
from pipeline.face.find import LocatedFace
from pipeline.face.profile import PROFILES, FaceProfile
from pipeline.findings import ModelRef
from pipeline.weights import read_manifest

Embedding = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceBackend:
    """A loaded embedder with the profile its similarities belong to; the network is the last of `refs`."""

    profile: FaceProfile
    embed: Callable[[LocatedFace], Embedding]
    refs: tuple[ModelRef, ...]

    def compare(self, a: Embedding, b: Embedding) -> float:
        """Return the similarity of two embeddings of this backend, by its profile."""
        return self.profile.compare(a, b)


def load_backend(name: str, weights_root: Path, *, device: str = "cpu") -> FaceBackend:
    """Load a backend by name.

    Args:
        name: of a profile: "dlib", or "facenet", "facenet_cosine", "facenet_l1", or of an entry of the manifest that
            describes an embedder (`onnx_entry.py`).
        weights_root: the weights folder.
        device: "cpu" or "cuda"; all but facenet run on the CPU in any case.

    Raises:
        WeightsError: no such backend, or its weights (or the packages that run them) are not there.
    """
    if name == "dlib":
        from pipeline.face.dlib_backend import load_dlib

        return load_dlib(weights_root)
    if name in PROFILES:
        from pipeline.face.facenet_backend import load_facenet

        return load_facenet(weights_root, profile=PROFILES[name], device=device)
    described = [entry.name for entry in read_manifest(weights_root).values() if entry.face]
    if name in described:
        from pipeline.face.onnx_backend import load_onnx_face

        return load_onnx_face(name, weights_root)
    there = ", ".join((*PROFILES, *described))
    raise WeightsError(f"no face backend named {name!r}; there are {there}")
