"""Ed25519 signatures over what leaves the database: anchors of the audit chain and evidence packages.

The signing key lives in the environment of the sweeper and of whoever exports, never in the database: a superuser who
rewrites the chain cannot sign what they wrote.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEED_BYTES = 32
#: What a signature is for stands under it, so that one can never pass as another.
ANCHOR = b"ekyc-anchor-v1\n"
PACKAGE = b"ekyc-package-v1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Signs with the current key and verifies by it and by the former ones."""

    private: Ed25519PrivateKey | None = field(repr=False)
    trusted: Mapping[str, Ed25519PublicKey] = field(repr=False)

    @property
    def key_id(self) -> str | None:
        """Name of the current key, None when there is none to sign with."""
        return key_id_of(self.private.public_key()) if self.private else None

    def sign(self, purpose: bytes, message: bytes) -> str:
        """Return the signature, base64.

        Raises:
            ValueError: there is no key to sign with.
        """
        if self.private is None:
            raise ValueError("EKYC_SIGNING_KEY is not set")
        return base64.b64encode(self.private.sign(purpose + message)).decode()

    def verifies(self, key_id: str, purpose: bytes, message: bytes, signature: str) -> bool:
        """Whether a trusted key of this name signed the message."""
        key = self.trusted.get(key_id)
        if key is None:
            return False
        try:
            key.verify(base64.b64decode(signature, validate=True), purpose + message)
        except (InvalidSignature, binascii.Error):
            return False
        return True


def new_seed() -> str:
    """Return a fresh signing key, base64 of 32 random bytes."""
    return base64.b64encode(os.urandom(SEED_BYTES)).decode()


def open_signer(seed: str | None, trusted: tuple[str, ...]) -> Signer:
    """Return a signer.

    Args:
        seed: the signing key, base64; None for one who only verifies.
        trusted: public keys, base64, that are trusted beside the signing key's own.

    Raises:
        ValueError: one of them is not base64 of 32 bytes.
    """
    private = Ed25519PrivateKey.from_private_bytes(_key_bytes(seed)) if seed else None
    keys = [Ed25519PublicKey.from_public_bytes(_key_bytes(text)) for text in trusted]
    if private is not None:
        keys.append(private.public_key())
    return Signer(private=private, trusted={key_id_of(key): key for key in keys})


def _key_bytes(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != SEED_BYTES:
        raise ValueError(f"an Ed25519 key is base64 of {SEED_BYTES} bytes")
    return raw


def key_id_of(key: Ed25519PublicKey) -> str:
    """Return the name of a public key: the first 16 hex digits of its sha256."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def public_text(key: Ed25519PublicKey) -> str:
    """Return a public key as base64."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return JSON whose bytes are equal for equal values: keys sorted, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
