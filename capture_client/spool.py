"""What a desk has captured and not yet handed over, sealed on its disk.

    <folder>/spool.json              {"format": 1, "check": ...}: tells at once that the key is another one
    <folder>/locks/<case>.lock       held by the process that works on the case; the system lets go when that dies
    <folder>/<case>/00000001.step    one event of the journal each (`events.py`), numbered without a gap
    <folder>/<case>/<sha256>.bin     evidence, named by the digest of its content

Every file is `EKS1`, a nonce of 12 bytes and AES-256-GCM under a key derived for its case, bound to the names of case
and file: none can be read, altered or put in another's place without the spool's key, which the vault keeps. A file is
whole or not there (`disk.py`). Evidence is written before the event that names it, and removed after the event that
drops it; what no event names is removed when the case is opened again. Removing files does not wipe the medium: a PC of
a branch needs an encrypted disk all the same.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import shutil
from pathlib import Path
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from filelock import FileLock, Timeout
from pydantic import ValidationError

from capture_client.disk import UNFINISHED, require_room, sync_folder, write_atomically
from capture_client.events import EVENT, FlowEvent
from capture_client.problems import SpoolDamaged, SpoolKeyWrong, VaultClosed
from capture_client.vault import Vault

_MAGIC, _NONCE_BYTES, _KEY_BYTES = b"EKS1", 12, 32
_CHECK = b"ekyc spool"
_KEY_NAME = "spool_key"
_STEP, _EVIDENCE, _GONE = ".step", ".bin", ".gone"


class Spool:
    """The folder of all cases of one desk."""

    def __init__(self, folder: Path, master_key: bytes) -> None:
        """Use `open_spool`."""
        self._folder, self._master_key = folder, master_key
        self._gate = _gate(folder)

    def begin(self) -> CaseSpool:
        """Make room for a case, and hold it.

        Raises:
            DiskFull: there is none.
        """
        require_room(self._folder, 0)
        case = CaseSpool(self._folder, uuid4().hex, self._master_key)
        with self._gate:
            case.hold()
            case.folder.mkdir(mode=0o700)
        sync_folder(self._folder)
        return case

    def case_ids(self) -> list[str]:
        """Return the cases that are here, oldest first."""
        folders = [path for path in self._folder.iterdir() if (path / f"{1:08}{_STEP}").exists()]
        folders.sort(key=lambda path: (path / f"{1:08}{_STEP}").stat().st_mtime_ns)
        return [path.name for path in folders if _GONE not in path.suffixes]

    def hold(self, case_id: str) -> CaseSpool | None:
        """Return a case that nobody else works on, or None."""
        case = CaseSpool(self._folder, case_id, self._master_key)
        return case if case.hold() else None


class CaseSpool:
    """One case on the disk: its journal and its evidence."""

    def __init__(self, spool: Path, case_id: str, master_key: bytes) -> None:
        self.id, self.folder = case_id, spool / case_id
        self._lock = FileLock(spool / "locks" / f"{case_id}.lock", thread_local=False)
        self._key = AESGCM(_derived(master_key, case_id))
        self._length = 0

    def hold(self) -> bool:
        """Take the case for this process; whether nobody else has it."""
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        return True

    def let_go(self) -> None:
        """Let others have the case."""
        self._lock.release()

    # ------------------------------------------------------------ journal

    def append(self, event: FlowEvent) -> None:
        """Write the next event; after a return it lasts.

        Raises:
            DiskFull: it was not written.
        """
        name = f"{self._length + 1:08}{_STEP}"
        write_atomically(self.folder / name, self._sealed(name, EVENT.dump_json(event)))
        self._length += 1

    def events(self) -> list[FlowEvent]:
        """Return the journal from its first event.

        Raises:
            SpoolDamaged: an event is missing or is not what was written.
        """
        files = sorted(self.folder.glob(f"*{_STEP}"))
        if [file.name for file in files] != [f"{n:08}{_STEP}" for n in range(1, len(files) + 1)]:
            raise SpoolDamaged(self.id)
        self._length = len(files)
        try:
            return [EVENT.validate_json(self._opened(file)) for file in files]
        except ValidationError as error:
            raise SpoolDamaged(self.id) from error

    # ------------------------------------------------------------ evidence

    def keep(self, data: bytes) -> str:
        """Write evidence and return its sha256, hex.

        Raises:
            DiskFull: it was not written.
        """
        require_room(self.folder, len(data))
        sha256 = hashlib.sha256(data).hexdigest()
        name = f"{sha256}{_EVIDENCE}"
        write_atomically(self.folder / name, self._sealed(name, data))
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return evidence.

        Raises:
            SpoolDamaged: it is missing or is not what was written.
        """
        data = self._opened(self.folder / f"{sha256}{_EVIDENCE}")
        if hashlib.sha256(data).hexdigest() != sha256:
            raise SpoolDamaged(self.id)
        return data

    def keep_only(self, sha256s: frozenset[str]) -> None:
        """Remove all evidence but this, and what was being written when the client ended."""
        for file in list(self.folder.iterdir()):
            is_dropped = file.suffix == _EVIDENCE and file.stem not in sha256s
            if is_dropped or file.suffix == UNFINISHED:
                file.unlink(missing_ok=True)
        sync_folder(self.folder)

    def wipe(self) -> None:
        """Remove the case: at one stroke first, so that half of it is never taken for a case."""
        gone = self.folder.with_name(f"{self.id}{_GONE}")
        self.folder.rename(gone)
        sync_folder(gone.parent)
        shutil.rmtree(gone)
        self.let_go()

    # ------------------------------------------------------------ seals

    def _sealed(self, name: str, data: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _MAGIC + nonce + self._key.encrypt(nonce, data, self._bound(name))

    def _opened(self, file: Path) -> bytes:
        try:
            sealed = file.read_bytes()
            if not sealed.startswith(_MAGIC):
                raise SpoolDamaged(self.id)
            at = len(_MAGIC)
            nonce, data = sealed[at : at + _NONCE_BYTES], sealed[at + _NONCE_BYTES :]
            return self._key.decrypt(nonce, data, self._bound(file.name))
        except (OSError, InvalidTag, ValueError) as error:
            raise SpoolDamaged(self.id) from error

    def _bound(self, name: str) -> bytes:
        return f"{self.id}/{name}".encode()


def open_spool(folder: Path, vault: Vault) -> Spool:
    """Open the spool in `folder`, which must exist, or begin one.

    Raises:
        SpoolKeyWrong: the vault's key is not the one that the spool was sealed with, or is gone.
        VaultClosed: the vault cannot be asked.
        DiskFull: there is no room to begin one.
    """
    (folder / "locks").mkdir(mode=0o700, exist_ok=True)
    with _gate(folder):
        spool = Spool(folder, _master_key(folder / "spool.json", vault))
        _tidy(folder, spool)
    return spool


def _gate(folder: Path) -> FileLock:
    """Held for moments, while cases come into being and leftovers go."""
    return FileLock(folder / "locks" / "spool.lock", thread_local=False)


def _master_key(about: Path, vault: Vault) -> bytes:
    kept = vault.get(_KEY_NAME)
    if about.exists():
        return _checked(json.loads(about.read_text("ascii")), kept)
    key = base64.b64decode(kept) if kept else _new_key(vault)
    write_atomically(about, json.dumps({"format": 1, "check": _check_of(key)}).encode())
    return key


def _new_key(vault: Vault) -> bytes:
    key = secrets.token_bytes(_KEY_BYTES)
    vault.put(_KEY_NAME, base64.b64encode(key).decode())
    if vault.get(_KEY_NAME) is None:
        raise VaultClosed("the key was not kept")
    return key


def _checked(about: dict[str, str], kept: str | None) -> bytes:
    try:
        key = base64.b64decode(kept or "", validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES or not secrets.compare_digest(about["check"], _check_of(key)):
        raise SpoolKeyWrong("the key of this spool is gone or another one")
    return key


def _check_of(key: bytes) -> str:
    return hashlib.sha256(_derived(key, "check") + _CHECK).hexdigest()


def _derived(master_key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose.encode()).derive(
        master_key
    )


def _tidy(folder: Path, spool: Spool) -> None:
    """Remove cases that were being wiped, cases that nothing was ever written for, and the locks of those."""
    for gone in folder.glob(f"*{_GONE}"):
        shutil.rmtree(gone, ignore_errors=True)
    known = set(spool.case_ids())
    for path in folder.iterdir():
        if path.is_dir() and path.name not in {*known, "locks"} and (case := spool.hold(path.name)):
            shutil.rmtree(path, ignore_errors=True)
            case.let_go()
    for lock in (folder / "locks").glob("*.lock"):
        if lock.stem != "spool" and not (folder / lock.stem).exists():
            lock.unlink(missing_ok=True)
