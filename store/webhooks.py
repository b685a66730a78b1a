"""Webhook endpoints: who is told, of what, and with which secrets the telling is signed.

A secret is shown once and kept sealed. During a rotation two are live, and every message is signed with both.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from store.audit import note
from store.database import Store
from store.errors import WebhookUnknown, WebhookUrlRefused

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"


class EventKind(StrEnum):
    """What an endpoint can be told."""

    CASE_DECIDED = "case_decided"
    CASE_EXPIRED = "case_expired"
    CASE_ERASED = "case_erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """An endpoint without its secrets, and how many of its deliveries are pending or dead."""

    id: UUID
    url: str
    kinds: tuple[EventKind, ...]
    active: bool
    created_at: datetime
    pending: int
    dead: int


_ADD = text("INSERT INTO webhook_endpoints (id, url, kinds) VALUES (:id, :url, :kinds)")
_LIST = text(
    "SELECT id, url, kinds, active, created_at,"
    " (SELECT count(*) FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND status = 'pending') AS pending,"
    " (SELECT count(*) FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND status = 'dead') AS dead"
    " FROM webhook_endpoints e ORDER BY created_at, id"
)
_SWITCH = text("UPDATE webhook_endpoints SET active = :active WHERE id = :id RETURNING id")
_KEEP_SECRET = text(
    "INSERT INTO webhook_secrets (id, endpoint_id, wrapped, kek_id, sealed)"
    " VALUES (:id, :endpoint_id, :wrapped, :kek_id, :sealed)"
)
#: An older one that is still live from an earlier rotation goes now: two are enough.
_END_SECRETS = text(
    "WITH older AS (DELETE FROM webhook_secrets WHERE endpoint_id = :endpoint_id AND expires_at IS NOT NULL)"
    " UPDATE webhook_secrets SET expires_at = now() + :overlap_s * interval '1 second'"
    " WHERE endpoint_id = :endpoint_id AND expires_at IS NULL"
)
_LOCK = text("SELECT id FROM webhook_endpoints WHERE id = :id FOR UPDATE")
_SECRETS = text(
    "SELECT id, wrapped, kek_id, sealed FROM webhook_secrets"
    " WHERE endpoint_id = :endpoint_id AND (expires_at IS NULL OR expires_at > now()) ORDER BY created_at DESC"
)


def check_url(url: str, *, allow_http: bool) -> str:
    """Return the host of a URL to which events may be sent. Where the host leads is checked at every connect.

    Raises:
        WebhookUrlRefused: not https, without a host, or with a password or fragment in it.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise WebhookUrlRefused("not a URL") from None
    if parts.scheme not in ({"https", "http"} if allow_http else {"https"}):
        raise WebhookUrlRefused("only https is allowed")
    if not host or parts.username is not None or parts.fragment or not url.isascii():
        raise WebhookUrlRefused("a URL has a host, no user, no fragment, and is ASCII")
    return host


def add_endpoint(
    store: Store, *, url: str, kinds: Collection[EventKind], allow_http: bool, actor: str
) -> tuple[UUID, str]:
    """Add an endpoint; return its id and its secret, which is shown now and never again.

    Raises:
        WebhookUrlRefused: see `check_url`.
    """
    host, endpoint_id = check_url(url, allow_http=allow_http), uuid4()
    named = sorted(str(kind) for kind in kinds)
    with store.engine.begin() as connection:
        connection.execute(_ADD, {"id": endpoint_id, "url": url, "kinds": named})
        secret = _new_secret(connection, store, endpoint_id)
        # The path of a URL may hold a token, so the record names the host alone.
        _note(connection, actor, "webhook_added", endpoint_id, host=host, kinds=named)
    return endpoint_id, secret


def list_endpoints(store: Store) -> list[EndpointView]:
    """Return all endpoints, those switched off too."""
    with store.hot() as connection:
        rows = connection.execute(_LIST).mappings().all()
    return [
        EndpointView(**{**row, "kinds": tuple(EventKind(kind) for kind in row["kinds"])})
        for row in rows
    ]


def switch_endpoint(store: Store, endpoint_id: UUID, *, active: bool, actor: str) -> None:
    """Switch an endpoint on or off. Off, it is told nothing new, and what is pending waits.

    Raises:
        WebhookUnknown: there is no such endpoint.
    """
    with store.engine.begin() as connection:
        changed = connection.execute(_SWITCH, {"id": endpoint_id, "active": active}).one_or_none()
        if changed is None:
            raise WebhookUnknown("no such endpoint")
        _note(connection, actor, "webhook_enabled" if active else "webhook_disabled", endpoint_id)


def rotate_secret(store: Store, endpoint_id: UUID, *, overlap_s: float, actor: str) -> str:
    """Give an endpoint a new secret and return it; messages are signed with the former too until the overlap ends.

    Raises:
        WebhookUnknown: there is no such endpoint.
    """
    with store.engine.begin() as connection:
        if connection.execute(_LOCK, {"id": endpoint_id}).one_or_none() is None:
            raise WebhookUnknown("no such endpoint")
        connection.execute(_END_SECRETS, {"endpoint_id": endpoint_id, "overlap_s": overlap_s})
        secret = _new_secret(connection, store, endpoint_id)
        _note(connection, actor, "webhook_secret_rotated", endpoint_id, overlap_s=overlap_s)
    return secret


def live_secrets(store: Store, endpoint_id: UUID) -> list[bytes]:
    """Return the secrets with which a message is signed now, the newest first.

    Raises:
        SealBroken: one was altered, or its KEK is not here.
    """
    with store.hot() as connection:
        rows = connection.execute(_SECRETS, {"endpoint_id": endpoint_id}).all()
    return [
        store.keyring.unwrap(row.wrapped, row.kek_id).open(
            row.sealed, endpoint_id, "webhook", row.id
        )
        for row in rows
    ]


def _new_secret(connection: Connection, store: Store, endpoint_id: UUID) -> str:
    secret, secret_id = secrets.token_bytes(SECRET_BYTES), uuid4()
    key, wrapped = store.keyring.new_key()
    connection.execute(
        _KEEP_SECRET,
        {
            "id": secret_id, "endpoint_id": endpoint_id, "wrapped": wrapped, "kek_id": store.keyring.current,
            "sealed": key.seal(secret, endpoint_id, "webhook", secret_id),
        },
    )  # fmt: skip
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def _note(connection: Connection, actor: str, kind: str, endpoint_id: UUID, **facts: Any) -> None:
    payload: Mapping[str, Any] = {"endpoint": str(endpoint_id), **facts}
    note(connection, actor=actor, case_id=None, kind=kind, payload=payload)
