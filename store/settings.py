"""Where the store keeps things, from the environment: EKYC_DATABASE_URL, EKYC_BROKER_URL, EKYC_BLOB_URL, EKYC_KEK."""

from __future__ import annotations

import base64
import binascii

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

KEK_BYTES = 32


class StoreSettings(BaseSettings):
    """Settings of the store."""

    model_config = SettingsConfigDict(env_prefix="EKYC_", frozen=True, extra="ignore")

    database_url: str
    broker_url: str
    #: "file:///..." or "s3://bucket/prefix" (credentials as the AWS SDK reads them).
    blob_url: str
    #: The key that wraps the key of every case: base64 of 32 bytes.
    kek: SecretStr
    kek_id: str = "k1"
    #: Other keys by id, JSON: former ones until `ekyc key rotate-kek` has run, and one that is to become the current.
    kek_old: dict[str, SecretStr] = Field(default_factory=dict)

    @field_validator("kek")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        decode_kek(value)
        return value


class RecordSettings(BaseSettings):
    """Settings of those who vouch for the record: the sweeper, and whoever verifies or exports. Not the gateway."""

    model_config = SettingsConfigDict(env_prefix="EKYC_", frozen=True, extra="ignore")

    #: Where anchors are kept, "file:///..." or "s3://bucket/prefix": best where nothing can be deleted.
    anchor_url: str | None = None
    #: Ed25519, base64 of 32 bytes (`ekyc audit new-key`).
    signing_key: SecretStr | None = None
    #: Public keys that are trusted beside its own, JSON: former ones, or the current one where nothing is signed.
    trusted_keys: tuple[str, ...] = ()


def decode_kek(value: SecretStr) -> bytes:
    """Return the bytes of a key-encryption key.

    Raises:
        ValueError: it is not base64 of 32 bytes.
    """
    try:
        kek = base64.b64decode(value.get_secret_value(), validate=True)
    except binascii.Error:
        kek = b""
    if len(kek) != KEK_BYTES:
        raise ValueError(f"a key-encryption key is base64 of {KEK_BYTES} bytes")
    return kek
