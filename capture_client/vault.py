"""Secrets of the desk: in the operating system's keyring where there is one, else in files that only this user reads.

Which of the two it is, is settled when the folder is first used, and kept: a session without the keyring (a service,
a remote shell) must not take its absence for a new start and lose what is sealed under the old key.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import keyring
from keyring.backends import fail, null
from keyring.errors import KeyringError

from capture_client.disk import write_atomically
from capture_client.problems import VaultClosed

#: The name under which the keyring shows our secrets.
SERVICE = "ekyc-capture"
_PLACE = "vault"


class Vault(Protocol):
    """A place for secrets."""

    @property
    def place(self) -> str:
        """`keyring` or `file`."""

    def get(self, name: str) -> str | None:
        """Return a secret, or None when there is none.

        Raises:
            VaultClosed: it cannot be asked.
        """

    def put(self, name: str, secret: str) -> None:
        """Keep a secret in place of the former.

        Raises:
            VaultClosed: it cannot be kept.
        """


class KeyringVault:
    """Secrets in the operating system's keyring, named after the folder they belong to."""

    place = "keyring"

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder.resolve())

    def get(self, name: str) -> str | None:
        """Return a secret."""
        try:
            return keyring.get_password(SERVICE, self._entry(name))
        except KeyringError as error:
            raise VaultClosed(type(error).__name__) from error

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""
        try:
            keyring.set_password(SERVICE, self._entry(name), secret)
        except KeyringError as error:
            raise VaultClosed(type(error).__name__) from error

    def _entry(self, name: str) -> str:
        return f"{name} {self._folder}"


class FileVault:
    """Secrets in files of mode 0600: whoever can read this user's files can read them."""

    place = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> str | None:
        """Return a secret."""
        try:
            return self._file(name).read_text("utf-8")
        except FileNotFoundError:
            return None

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""
        write_atomically(self._file(name), secret.encode())

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.secret"


def open_vault(folder: Path) -> Vault:
    """Return the vault of a folder, which is made if it is not there.

    Raises:
        VaultClosed: the folder's secrets lie in a keyring, and there is none here.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    marker = folder / _PLACE
    place = marker.read_text("ascii").strip() if marker.exists() else ""
    has_keyring = not isinstance(keyring.get_keyring(), fail.Keyring | null.Keyring)
    if place == KeyringVault.place and not has_keyring:
        raise VaultClosed("no keyring in this session")
    if not place:
        place = KeyringVault.place if has_keyring else FileVault.place
        write_atomically(marker, place.encode())
    return KeyringVault(folder) if place == KeyringVault.place else FileVault(folder)
