"""Sealing: every case has its own key (AES-256-GCM), and that key is kept only wrapped by the key-encryption key.

Erasing a case means destroying its wrapped key: whatever it sealed, here or in a backup, is noise from then on.
The associated data says what and where a sealed value is, so that none can be put in another's place.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from sqlalchemy import Connection, text

from store.errors import Erased, SealBroken
from store.settings import StoreSettings, decode_kek

KEY_BYTES = 32
#: The size that AES-GCM is made for (NIST SP 800-38D); random, one case seals a few dozen values.
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKey:
    """The key of one case, unwrapped."""

    secret: bytes = field(repr=False)

    def seal(self, plaintext: bytes, *where: object) -> bytes:
        """Return nonce + ciphertext, bound to where it belongs."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.secret).encrypt(nonce, plaintext, _associated(where))

    def open(self, sealed: bytes, *where: object) -> bytes:
        """Return the plaintext.

        Raises:
            SealBroken: altered, moved, or sealed by another key.
        """
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(self.secret).decrypt(nonce, ciphertext, _associated(where))
        except (InvalidTag, ValueError):
            raise SealBroken("a sealed value does not open") from None


def _associated(where: tuple[object, ...]) -> bytes:
    return "|".join([*map(str, where), "v1"]).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The key-encryption keys: the current one wraps, former ones still unwrap."""

    current: str
    keks: Mapping[str, bytes] = field(repr=False)

    def new_key(self) -> tuple[CaseKey, bytes]:
        """Return a fresh case key, and the same wrapped."""
        key = CaseKey(secret=os.urandom(KEY_BYTES))
        return key, self.wrap(key)

    def wrap(self, key: CaseKey) -> bytes:
        """Return a case key wrapped by the current key-encryption key (RFC 3394)."""
        return aes_key_wrap(self.keks[self.current], key.secret)

    def unwrap(self, wrapped: bytes, kek_id: str) -> CaseKey:
        """Return a case key.

        Raises:
            SealBroken: the key-encryption key is not here, or is another one of the same name.
        """
        try:
            return CaseKey(secret=aes_key_unwrap(self.keks[kek_id], bytes(wrapped)))
        except (KeyError, InvalidUnwrap):
            raise SealBroken(f"no key-encryption key {kek_id!r} that opens this") from None


def keyring_of(settings: StoreSettings) -> Keyring:
    """Return the keyring that the settings describe."""
    former = {name: decode_kek(kek) for name, kek in settings.kek_old.items()}
    return Keyring(
        current=settings.kek_id, keks={**former, settings.kek_id: decode_kek(settings.kek)}
    )


_KEY = text("SELECT wrapped, kek_id FROM case_keys WHERE case_id = :case_id")


def key_of(connection: Connection, keyring: Keyring, case_id: UUID) -> CaseKey:
    """Return the key of a case.

    Raises:
        Erased: it was destroyed.
    """
    row = connection.execute(_KEY, {"case_id": case_id}).one_or_none()
    if row is None:
        raise Erased("the key of the case was destroyed")
    return keyring.unwrap(row.wrapped, row.kek_id)
