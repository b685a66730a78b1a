"""Get facenet's VGGFace2 weights from their authors' release: not ours to ship, and no sha256 of them is published.

What is downloaded first is therefore pinned on this machine: a pin file beside it is an entry of the manifest from then
on, and no other file is taken again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from ekyc.pinned_wheel import is_right, require_sha256, write_atomically
from pipeline.errors import WeightsError
from pipeline.face.facenet_backend import WEIGHTS
from pipeline.weights import PIN_SUFFIX, read_manifest, sha256_of

NAME = "20180402-114759-vggface2.pt"
URL = f"https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9/{NAME}"
#: The file has about 112 MB; an error page or a stream without end is not it.
LEAST_BYTES, MOST_BYTES = 80_000_000, 160_000_000
#: Both formats in which torch saves: a zip archive, and before 1.6 a pickle.
_BEGINNINGS = (b"PK\x03\x04", b"\x80\x02")
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file that was written; `pinned_now` says that its sha256 is taken on trust, seen here for the first time."""

    path: Path
    sha256: str
    pin: Path
    pinned_now: bool


def fetch_vggface2(root: Path, *, url: str = URL, local: Path | None = None) -> Fetched | None:
    """Put the checkpoint into `root`/fetched and pin it, unless what is pinned is there.

    Args:
        root: the weights folder with its manifest.toml.
        url: where it is downloaded from; a mirror inside a bank, for example.
        local: the file when it is on this machine already.

    Returns:
        What was written, None if nothing had to be.

    Raises:
        WeightsError: no network, a file of another size or kind, or another file than the pinned one. Nothing was
            changed then.
    """
    pinned = read_manifest(root).get(WEIGHTS)
    if pinned is not None and is_right(pinned.path, pinned.sha256):
        return None
    path = root / "fetched" / NAME if pinned is None else pinned.path
    pin = path.with_name(path.name + PIN_SUFFIX)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _part_file(path.parent) as part:
        _copy(local, part) if local else _download(url, part)
        sha256 = _require_checkpoint(part)
        if pinned is not None:
            require_sha256(sha256, pinned.sha256, f"{NAME} against its pin")
        part.chmod(0o644)
        part.replace(path)
    if pinned is None:
        write_atomically(pin, _pin_text(sha256, url if local is None else local.name).encode())
    return Fetched(path=path, sha256=sha256, pin=pin, pinned_now=pinned is None)


@contextmanager
def _part_file(folder: Path) -> Iterator[Path]:
    """A name for a file in the making, in the same folder; what is left of it is removed."""
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
        part = Path(file.name)
    try:
        yield part
    except OSError as error:
        raise WeightsError(f"{NAME} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _copy(local: Path, part: Path) -> None:
    if not local.is_file():
        raise WeightsError(f"there is no file {local.name}")
    with local.open("rb") as file:
        _write(iter(lambda: file.read(1 << 20), b""), part)


def _download(url: str, part: Path) -> None:
    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=_TIMEOUT) as answer:
            answer.raise_for_status()
            _require_same_safety(url, answer)
            _write(answer.iter_bytes(1 << 20), part)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        status = getattr(getattr(error, "response", None), "status_code", type(error).__name__)
        raise WeightsError(
            f"{NAME} could not be downloaded (is there a network?): {status}. "
            f"Fetch it elsewhere and give it with --checkpoint; the dlib backend works without it"
        ) from error


def _require_same_safety(url: str, answer: httpx.Response) -> None:
    hops = (*answer.history, answer)
    if url.startswith("https:") and any(hop.url.scheme != "https" for hop in hops):
        raise WeightsError(f"{NAME} would come over an unprotected connection")


def _write(pieces: Iterator[bytes], part: Path) -> None:
    size = 0
    with part.open("wb") as file:
        for piece in pieces:
            size += len(piece)
            if size > MOST_BYTES:
                raise WeightsError(f"{NAME} is larger than {MOST_BYTES} bytes: another file")
            file.write(piece)


def _require_checkpoint(part: Path) -> str:
    """Refuse what cannot be a checkpoint of torch, so that no error page is ever pinned; return its sha256."""
    with part.open("rb") as file:
        beginning = file.read(4)
    if part.stat().st_size < LEAST_BYTES or not beginning.startswith(_BEGINNINGS):
        raise WeightsError(f"what came is no {NAME}: {part.stat().st_size} bytes, another kind")
    return sha256_of(part)


def _pin_text(sha256: str, source: str) -> str:
    day = datetime.now(UTC).date().isoformat()
    source = source.replace("\\", "/").replace('"', "'")
    return (
        f"# Written by `ekyc weights fetch vggface2`: nobody published this sha256, it is what came first.\n"
        f'[{WEIGHTS}]\nfetched = "{NAME}"\nsha256 = "{sha256}"\n'
        f'licence = "code MIT (facenet-pytorch); weights by the terms of VGGFace2: see NOTICE"\n'
        f'source = "{source}, first seen here on {day}"\noptional = "yes"\n'
    )
