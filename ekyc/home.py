"""The folder of one machine's system (`.ekyc/`): its secrets, its keys, its blobs, its logs, its servers' data."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

KEK_BYTES = 32
DEFAULT_HOME = Path(".ekyc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where things lie below one folder."""

    root: Path

    @property
    def logs(self) -> Path:
        """One file a process."""
        return self.root / "logs"

    @property
    def blobs(self) -> Path:
        """Sealed evidence."""
        return self.root / "blobs"

    @property
    def servers(self) -> Path:
        """Data of the embedded Postgres and Valkey."""
        return self.root / "servers"

    @property
    def kek_file(self) -> Path:
        """The key that wraps the key of every case, base64."""
        return self.root / "kek"

    @property
    def anchors(self) -> Path:
        """Signed heads of the audit chain. A real site keeps them on another machine."""
        return self.root / "anchors"

    @property
    def signing_key_file(self) -> Path:
        """The key that signs anchors and evidence packages, base64."""
        return self.root / "signing_key"

    @property
    def keys_file(self) -> Path:
        """API keys of this machine by scope, JSON."""
        return self.root / "keys.json"

    @property
    def passwords_file(self) -> Path:
        """Passwords of this machine's people of the console by name, JSON."""
        return self.root / "passwords.json"


def open_home(root: Path) -> Home:
    """Return the home below `root`, made now if it is not there; only its owner may enter it."""
    root = root.expanduser().resolve()
    home = Home(root=root)
    for folder in (root, home.logs, home.blobs, home.servers, home.anchors):
        folder.mkdir(parents=True, exist_ok=True)
    return home


def kek_of(home: Home) -> str:
    """Return the key-encryption key, drawn at the first call. Without it all evidence is unreadable."""
    return _drawn_once(home.kek_file)


def signing_key_of(home: Home) -> str:
    """Return the key that signs the record, drawn at the first call."""
    return _drawn_once(home.signing_key_file)


def _drawn_once(file: Path) -> str:
    if not file.exists():
        write_private(file, base64.b64encode(secrets.token_bytes(KEK_BYTES)).decode())
    return file.read_text(encoding="ascii").strip()


def read_kept(file: Path) -> dict[str, str]:
    """Return the secrets that were kept in a file of the home: API keys by scope, passwords by name."""
    if not file.exists():
        return {}
    kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return kept


def write_kept(file: Path, secrets_of: dict[str, str]) -> None:
    """Keep secrets in a file of the home that only its owner may read."""
    write_private(file, json.dumps(secrets_of, indent=1))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
