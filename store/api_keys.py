"""API keys: 256 random bits, shown once, kept as their sha256. A slow hash is for what people can remember."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select, text

from store.database import Store
from store.errors import KeyUnknown
from store.models import ApiKeyRow

PREFIX_BYTES = 6
SECRET_BYTES = 32


class Scope(StrEnum):
    """What a key may do."""

    CAPTURE = "capture"
    BACKOFFICE = "backoffice"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyView:
    """A key without the key."""

    prefix: str
    name: str
    scopes: frozenset[Scope]
    branch: str | None
    created_at: datetime
    revoked_at: datetime | None


#: The event holds no name: people name keys after people.
_CREATE = text(
    "WITH made AS (INSERT INTO api_keys (prefix, name, key_sha256, scopes, branch)"
    "   VALUES (:prefix, :name, :key_sha256, :scopes, :branch)"
    "   RETURNING prefix, name, scopes, branch, created_at, revoked_at),"
    " noted AS (INSERT INTO audit.event (actor, kind, payload)"
    "   SELECT :actor, 'key_created', jsonb_build_object("
    "     'prefix', prefix, 'scopes', to_jsonb(scopes), 'branch', branch) FROM made)"
    " SELECT prefix, name, scopes, branch, created_at, revoked_at FROM made"
)
_FIND = text(
    "SELECT prefix, name, scopes, branch, created_at, revoked_at, key_sha256 FROM api_keys WHERE prefix = :prefix"
)
_REVOKE = text(
    "WITH known AS (SELECT prefix FROM api_keys WHERE prefix = :prefix),"
    " revoked AS (UPDATE api_keys SET revoked_at = now() WHERE prefix = :prefix AND revoked_at IS NULL"
    "   RETURNING prefix),"
    " noted AS (INSERT INTO audit.event (actor, kind, payload)"
    "   SELECT :actor, 'key_revoked', jsonb_build_object('prefix', prefix) FROM revoked)"
    " SELECT prefix FROM known"
)


def create_key(
    store: Store, *, name: str, scopes: Collection[Scope], branch: str | None, actor: str
) -> tuple[str, ApiKeyView]:
    """Make a key and note it in the record; the text `ekyc_<prefix>_<secret>` is returned now and never again."""
    prefix, secret = secrets.token_hex(PREFIX_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    presented = f"ekyc_{prefix}_{secret}"
    values = {
        "prefix": prefix, "name": name, "key_sha256": _digest(presented),
        "scopes": sorted(str(scope) for scope in scopes), "branch": branch, "actor": actor,
    }  # fmt: skip
    with store.hot() as connection:
        return presented, _view(connection.execute(_CREATE, values).one())


def authenticate(store: Store, presented: str) -> ApiKeyView | None:
    """Return the key that was presented, None when it is unknown or revoked."""
    kind, _, rest = presented.partition("_")
    prefix, _, secret = rest.partition("_")
    if kind != "ekyc" or not (prefix.isascii() and prefix.isalnum()) or not secret:
        return None
    with store.hot() as connection:
        row = connection.execute(_FIND, {"prefix": prefix}).one_or_none()
    # Compared also when there is no such prefix, so that time does not tell.
    matches = hmac.compare_digest(_digest(presented), bytes(row.key_sha256) if row else bytes(32))
    return _view(row) if row is not None and matches and row.revoked_at is None else None


def revoke_key(store: Store, prefix: str, *, actor: str) -> None:
    """Make a key worthless and note it in the record.

    A gateway that has just seen it may honour it some seconds longer (`EKYC_KEY_MEMORY_S`).

    Raises:
        KeyUnknown: there is no key of this prefix.
    """
    with store.hot() as connection:
        if connection.execute(_REVOKE, {"prefix": prefix, "actor": actor}).one_or_none() is None:
            raise KeyUnknown("no such API key")


def list_keys(store: Store) -> list[ApiKeyView]:
    """Return all keys, the revoked too."""
    query = select(ApiKeyRow.__table__).order_by(ApiKeyRow.created_at)
    with store.hot() as connection:
        return [_view(row) for row in connection.execute(query)]


def _digest(presented: str) -> bytes:
    return hashlib.sha256(presented.encode()).digest()


def _view(row: Row[Any]) -> ApiKeyView:
    return ApiKeyView(
        prefix=row.prefix,
        name=row.name,
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        branch=row.branch,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
