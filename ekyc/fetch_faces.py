"""Make the face embedder: dlib's ResNet out of the installed package face_recognition_models, converted to ONNX."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ekyc.pinned_wheel import is_right, require_sha256, write_atomically
from pipeline.errors import WeightsError
from pipeline.weights import open_weights, read_manifest

SOURCE, MADE = "dlib_resnet_dat", "dlib_resnet"


def fetch_faces(root: Path) -> tuple[Path, ...]:
    """Make `root`/fetched/dlib_resnet.onnx unless it is right already.

    Args:
        root: the weights folder with its manifest.toml.

    Returns:
        The file if it was written.

    Raises:
        WeightsError: dlib's file is missing or altered, or what was made is not what is pinned.
    """
    made = read_manifest(root)[MADE]
    if is_right(made.path, made.sha256):
        return ()
    data = _converted(open_weights(SOURCE, root).path.read_bytes())
    require_sha256(hashlib.sha256(data).hexdigest(), made.sha256, f"made {MADE}")
    write_atomically(made.path, data)
    return (made.path,)


def _converted(data: bytes) -> bytes:
    try:
        from ekyc.dlib_to_onnx import convert
    except ImportError as error:
        raise WeightsError(f"{error.name} is missing; install the extra `ekyc[fetch]`") from error
    return convert(data)
