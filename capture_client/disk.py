"""Files that are whole or not there, whenever the power goes."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path

from capture_client.problems import DiskFull

#: Ends the names of files that were being written; worthless after a crash.
UNFINISHED = ".tmp"
#: Nothing large is taken in below this, so that what was begun can still be noted to its end.
RESERVE_BYTES = 32_000_000
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file that only this user can read; after a return it survives a loss of power.

    Raises:
        DiskFull: nothing was written.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}{UNFINISHED}")
    try:
        _write_through(unfinished, data)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        if error.errno in _FULL:
            raise DiskFull(path.parent.name) from error
        raise
    sync_folder(path.parent)


def _write_through(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0) as file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make names written to or removed from a folder last; Windows does so by itself and offers no call for it."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_room(folder: Path, size: int) -> None:
    """Refuse to begin what would fill the disk.

    Raises:
        DiskFull: less than `size` and a reserve is free.
    """
    if shutil.disk_usage(folder).free < size + RESERVE_BYTES:
        raise DiskFull(folder.name)
