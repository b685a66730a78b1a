"""Get the landmark models: three members of one pinned wheel, checked, converted to ONNX, checked again.

The wheel is downloaded by pip and never installed: it pins numpy 1 and pulls 990 MB. The platform is named, because
only some of its wheels exist; the members are the same bytes in all of them.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from ekyc.pinned_wheel import PinnedWheel, is_right, read_member, require_sha256, write_atomically
from pipeline.errors import WeightsError
from pipeline.weights import read_manifest

WHEEL = PinnedWheel(
    requirement="mediapipe==0.10.21",
    sha256="05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
    options=(
        "--only-binary=:all:", "--python-version", "3.11", "--platform", "manylinux_2_28_x86_64",
    ),
)  # fmt: skip
_LICENCE_MEMBER, LICENCE_FILE = "mediapipe-0.10.21.dist-info/LICENSE", "LICENSE.mediapipe"
#: Manifest name -> member of the wheel and its sha256.
MEMBERS = {
    "facemesh_detector": (
        "mediapipe/modules/face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    "facemesh_mesh": (
        "mediapipe/modules/face_landmark/face_landmark.tflite",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    ),
    "facemesh_eye": (
        "mediapipe/modules/iris_landmark/iris_landmark.tflite",
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
    ),
}


def fetch_landmarks(root: Path, *, wheel: Path | None = None) -> tuple[Path, ...]:
    """Make the landmark models that are missing or altered in `root`/fetched.

    Args:
        root: the weights folder with its manifest.toml.
        wheel: the wheel when it is already on this machine; downloaded with pip otherwise.

    Returns:
        The files that were written; empty when all were right already.

    Raises:
        WeightsError: the download failed, or a sha256 differs from the pinned one.
    """
    entries = read_manifest(root)
    missing = [name for name in MEMBERS if not is_right(entries[name].path, entries[name].sha256)]
    if not missing:
        return ()
    with WHEEL.opened(wheel) as archive:
        licence = entries[missing[0]].path.parent / LICENCE_FILE
        write_atomically(licence, archive.read(_LICENCE_MEMBER))
        for name in missing:
            data = _converted(archive, name, entries[name].path.stem)
            require_sha256(hashlib.sha256(data).hexdigest(), entries[name].sha256, f"made {name}")
            write_atomically(entries[name].path, data)
    return tuple(entries[name].path for name in missing)


def _converted(archive: zipfile.ZipFile, name: str, graph: str) -> bytes:
    data = read_member(archive, *MEMBERS[name])
    try:
        from ekyc.tflite_to_onnx import convert
    except ImportError as error:
        raise WeightsError(f"{error.name} is missing; install the extra `ekyc[fetch]`") from error
    return convert(data, graph)
