"""Get the text detector: one member of one pinned wheel, checked. The wheel is downloaded and never installed."""

from __future__ import annotations

from pathlib import Path

from ekyc.pinned_wheel import PinnedWheel, is_right, read_member, write_atomically

WHEEL = PinnedWheel(
    requirement="rapidocr==3.10.0",
    sha256="2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050",
)
_LICENCES = "rapidocr-3.10.0.dist-info/licenses/MODEL_LICENSES.md"
#: Member of the wheel -> file below weights/fetched and its sha256.
MEMBERS = {
    "rapidocr/models/PP-OCRv6_det_small.onnx": (
        "PP-OCRv6_det_small.onnx",
        "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    ),
    _LICENCES: (
        "LICENSE.ppocr.md",
        "c5fd0e8603d3df743355b546121e6fe0f4ef8ff455c5a85c1681fd3ae520e153",
    ),
}


def fetch_ocr(target: Path, *, wheel: Path | None = None) -> tuple[Path, ...]:
    """Put the text detector and its licence into a folder, unless they are there already.

    Args:
        target: weights/fetched.
        wheel: the wheel when it is already on this machine; downloaded with pip otherwise.

    Returns:
        The files that were written; empty when all were right already.

    Raises:
        WeightsError: the download failed, or a sha256 differs from the pinned one.
    """
    missing = {m: row for m, row in MEMBERS.items() if not is_right(target / row[0], row[1])}
    if not missing:
        return ()
    with WHEEL.opened(wheel) as archive:
        for member, (name, sha256) in missing.items():
            write_atomically(target / name, read_member(archive, member, sha256))
    return tuple(target / name for name, _ in missing.values())
