"""Make the passive network: Minivision's two published MiniFASNet weights become one ONNX file and its entry.

Not part of the default set. Their sha256 are pinned here, so the files may come from anywhere; what is made of them is
pinned by a file beside it, which is an entry of the manifest from then on. Torch and onnx are needed to make it, not to
run it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx

from ekyc.pinned_wheel import is_right, require_sha256, write_atomically
from pipeline.errors import WeightsError
from pipeline.weights import PIN_SUFFIX, read_manifest

NAME = "minifasnet"
MADE = f"{NAME}.onnx"
#: The weights' folder at the commit that they have not changed since.
URL = (
    "https://github.com/minivision-ai/Silent-Face-Anti-Spoofing/raw/"
    "b6d5f04ad78778917853b25c778acef6d5626d15/resources/anti_spoof_models"
)
#: File -> sha256, in the order of their crops: 2.7 and 4 times the face.
SOURCES = {
    "2.7_80x80_MiniFASNetV2.pth": "a5eb02e1843f19b5386b953cc4c9f011c3f985d0ee2bb9819eea9a142099bec0",
    "4_0_0_80x80_MiniFASNetV1SE.pth": "84ee1d37d96894d5e82de5a57df044ef80a58be2b218b5ed7cdfd875ec2f5990",
}
#: Both have 1.9 MB; an error page or a stream without end is neither.
_MOST_BYTES = 4_000_000
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)
#: Below it a person looks at the clip; with less room around the face a frame is left out. Origin: docs/thresholds.md.
SUSPECT_BELOW, LEAST_CROP = 0.02, 1.5


def fetch_minifasnet(root: Path, *, url: str = URL, folder: Path | None = None) -> Path | None:
    """Make `root`/fetched/minifasnet.onnx and its entry, unless what is pinned is there.

    Args:
        root: the weights folder with its manifest.toml.
        url: of the folder with the two .pth files; a mirror inside a bank, for example.
        folder: the folder with them when it is on this machine already.

    Returns:
        What was written, None if nothing had to be.

    Raises:
        WeightsError: no network, other files than the published ones, no torch or onnx, or an export that computes
            something else. Nothing was changed then.
    """
    known = read_manifest(root).get(NAME)
    if known is not None and is_right(known.path, known.sha256):
        return None
    data = _converted([_source(name, url, folder) for name in SOURCES])
    path = root / "fetched" / MADE
    write_atomically(path, data)
    write_atomically(
        path.with_name(MADE + PIN_SUFFIX), entry_text(hashlib.sha256(data).hexdigest()).encode()
    )
    return path


def entry_text(sha256: str) -> str:
    """Return the entry of the manifest for what was made."""
    sources = ", ".join(f"{name} (sha256 {known[:12]})" for name, known in SOURCES.items())
    return f'''\
# Written by `ekyc weights fetch minifasnet`.
[{NAME}]
fetched = "{MADE}"
sha256 = "{sha256}"
licence = "Apache-2.0 (Minivision, Silent-Face-Anti-Spoofing)"
source = "{sources}, converted by ekyc.minifasnet_to_onnx"
optional = "yes"

[{NAME}.passive]
size_px = 80
crops = [2.7, 4.0]
least_crop = {LEAST_CROP}
colours = "BGR"
layout = "NCHW"
mean = [0.0, 0.0, 0.0]
deviation = [1.0, 1.0, 1.0]
live = 1
suspect_below = {SUSPECT_BELOW}
origin = "docs/thresholds.md: drawn prints and screens and few public clips, no real attack"
'''


def _source(name: str, url: str, folder: Path | None) -> bytes:
    data = _read(folder / name) if folder else _downloaded(f"{url.rstrip('/')}/{name}")
    require_sha256(hashlib.sha256(data).hexdigest(), SOURCES[name], name)
    return data


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path.name} cannot be read: {error.strerror}") from error


def _downloaded(url: str) -> bytes:
    data = b""
    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=_TIMEOUT) as answer:
            answer.raise_for_status()
            for piece in answer.iter_bytes(1 << 20):
                data += piece
                if len(data) > _MOST_BYTES:
                    raise WeightsError(f"{url} is larger than {_MOST_BYTES} bytes: another file")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        status = getattr(getattr(error, "response", None), "status_code", type(error).__name__)
        raise WeightsError(
            f"{url} could not be downloaded (is there a network?): {status}. Fetch both files elsewhere and give "
            "their folder with --checkpoint; liveness works without them"
        ) from error
    return data


def _converted(checkpoints: list[bytes]) -> bytes:
    try:
        from ekyc.minifasnet_to_onnx import convert
    except ImportError as error:
        raise WeightsError(
            f"{error.name} is missing; install the extras `ekyc[fetch,facenet]`"
        ) from error
    return convert(checkpoints)
