"""Deliveries of events to webhook endpoints: rows that wait, are claimed for a while, delivered, or dead.

At least once: an attempt is counted when it is claimed, and a claim whose holder died is free when its lease ends.
In order: an event of a case waits while an earlier one of the same case and endpoint is pending. A dead one waits no
longer: it would block its case for ever.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from store.audit import note
from store.database import Store
from store.errors import WebhookUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event on its way to one endpoint, held until the lease ends."""

    id: int
    attempt: int
    url: str
    endpoint_id: UUID
    event_id: UUID
    case_id: UUID
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """What became of a delivery so far."""

    id: int
    endpoint_id: UUID
    event_id: UUID
    case_id: UUID
    kind: str
    status: str
    attempts: int
    queued_at: datetime
    next_at: datetime
    http_status: int | None
    error_code: str | None


_CLAIM = text(
    "WITH due AS (SELECT d.id FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id"
    "   WHERE d.status = 'pending' AND e.active AND d.next_at <= now()"
    "     AND (d.lease_until IS NULL OR d.lease_until < now())"
    "     AND NOT EXISTS (SELECT FROM webhook_deliveries earlier WHERE earlier.endpoint_id = d.endpoint_id"
    "       AND earlier.case_id = d.case_id AND earlier.outbox_id < d.outbox_id AND earlier.status = 'pending')"
    # a receiver that is slow must not take the time of the others
    "     AND (SELECT count(*) FROM webhook_deliveries busy WHERE busy.endpoint_id = d.endpoint_id"
    "       AND busy.status = 'pending' AND busy.lease_until > now()) < :per_endpoint"
    "   ORDER BY d.next_at, d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED)"
    " UPDATE webhook_deliveries SET attempts = attempts + 1, lease_until = now() + :lease_s * interval '1 second'"
    " FROM due, webhook_endpoints e, outbox o"
    " WHERE webhook_deliveries.id = due.id AND e.id = endpoint_id AND o.id = outbox_id"
    " RETURNING webhook_deliveries.id, attempts, e.url, endpoint_id, o.event_id, o.case_id, o.kind, o.payload,"
    "   o.created_at"
)
#: Delivered is delivered, whoever counted the attempt.
_DELIVERED = text(
    "UPDATE webhook_deliveries SET status = 'delivered', lease_until = NULL, finished_at = now(),"
    " http_status = :http_status, error_code = NULL WHERE id = :id AND status = 'pending'"
)
_FAILED = text(
    "WITH failed AS (UPDATE webhook_deliveries SET lease_until = NULL, http_status = :http_status,"
    "     error_code = :error_code, next_at = now() + :again_in_s * interval '1 second',"
    "     status = CASE WHEN attempts >= :max_attempts THEN 'dead' ELSE 'pending' END,"
    "     finished_at = CASE WHEN attempts >= :max_attempts THEN now() END"
    "   WHERE id = :id AND status = 'pending' AND attempts = :attempt"
    "   RETURNING status, case_id, endpoint_id, outbox_id, attempts),"
    " noted AS (INSERT INTO audit.event (actor, case_id, kind, payload)"
    "   SELECT 'sweeper', case_id, 'webhook_dead', jsonb_build_object('endpoint', endpoint_id,"
    "     'event', (SELECT event_id FROM outbox WHERE id = outbox_id), 'attempts', attempts, 'error', :error_code)"
    "   FROM failed WHERE status = 'dead')"
    " SELECT status = 'dead' AS dead FROM failed"
)
_LIST = text(
    "SELECT d.id, d.endpoint_id, o.event_id, d.case_id, o.kind, d.status, d.attempts, d.queued_at, d.next_at,"
    " d.http_status, d.error_code FROM webhook_deliveries d JOIN outbox o ON o.id = d.outbox_id"
    " WHERE (CAST(:status AS text) IS NULL OR d.status = :status)"
    " AND (CAST(:endpoint_id AS uuid) IS NULL OR d.endpoint_id = :endpoint_id)"
    " AND (CAST(:case_id AS uuid) IS NULL OR d.case_id = :case_id) ORDER BY d.id DESC LIMIT :limit"
)
_REPLAY = text(
    "INSERT INTO webhook_deliveries (outbox_id, endpoint_id, case_id)"
    " SELECT o.id, e.id, o.case_id FROM outbox o, webhook_endpoints e"
    " WHERE e.id = :endpoint_id AND o.kind = ANY(e.kinds)"
    "   AND (CAST(:case_id AS uuid) IS NULL OR o.case_id = :case_id)"
    "   AND (CAST(:since AS timestamptz) IS NULL OR o.created_at >= :since)"
    "   AND (NOT :dead OR EXISTS (SELECT FROM webhook_deliveries d"
    "     WHERE d.endpoint_id = e.id AND d.outbox_id = o.id AND d.status = 'dead'))"
    " ORDER BY o.id"
    " ON CONFLICT (endpoint_id, outbox_id) DO UPDATE SET status = 'pending', attempts = 0, queued_at = now(),"
    "   next_at = now(), lease_until = NULL, finished_at = NULL, http_status = NULL, error_code = NULL"
)
_KNOWN = text("SELECT EXISTS (SELECT FROM webhook_endpoints WHERE id = :endpoint_id)")


def claim_delivery(store: Store, *, lease_s: float, per_endpoint: int) -> Delivery | None:
    """Take the delivery that has been due longest, None when nothing is due; its attempt is counted now.

    Args:
        store: the open store.
        lease_s: after this it is free again; longer than an attempt can take.
        per_endpoint: an endpoint with this many claimed deliveries gets no further one.
    """
    with store.hot() as connection:
        values = {"lease_s": lease_s, "per_endpoint": per_endpoint}
        row = connection.execute(_CLAIM, values).one_or_none()
    if row is None:
        return None
    return Delivery(
        id=row.id, attempt=row.attempts, url=row.url, endpoint_id=row.endpoint_id, event_id=row.event_id,
        case_id=row.case_id, body=_body(row),
    )  # fmt: skip


def _body(row: Row[Any]) -> bytes:
    told = {
        "event_id": str(row.event_id), "kind": row.kind, "at": row.created_at.isoformat(), **row.payload,
    }  # fmt: skip
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


def mark_delivered(store: Store, delivery: Delivery, *, http_status: int) -> None:
    """Record that the receiver has taken an event."""
    with store.hot() as connection:
        connection.execute(_DELIVERED, {"id": delivery.id, "http_status": http_status})


def mark_failed(
    store: Store, delivery: Delivery, *, http_status: int | None, error_code: str,
    again_in_s: float, max_attempts: int,
) -> bool:  # fmt: skip
    """Record that an attempt failed: tried again after a pause, dead after the last one. Return whether it is dead."""
    values = {
        "id": delivery.id, "attempt": delivery.attempt, "http_status": http_status, "error_code": error_code,
        "again_in_s": again_in_s, "max_attempts": max_attempts,
    }  # fmt: skip
    with store.hot() as connection:
        row = connection.execute(_FAILED, values).one_or_none()
    return row is not None and bool(row.dead)


def list_deliveries(
    store: Store, *, status: str | None = None, endpoint_id: UUID | None = None,
    case_id: UUID | None = None, limit: int = 50,
) -> list[DeliveryView]:  # fmt: skip
    """Return deliveries, the newest first."""
    values = {"status": status, "endpoint_id": endpoint_id, "case_id": case_id, "limit": limit}
    with store.hot() as connection:
        return [DeliveryView(**row) for row in connection.execute(_LIST, values).mappings()]


def replay(
    store: Store, endpoint_id: UUID, *, actor: str, dead: bool = False,
    case_id: UUID | None = None, since: datetime | None = None,
) -> int:  # fmt: skip
    """Send events to an endpoint again, or for the first time; return how many. The conditions add up.

    Args:
        store: the open store.
        endpoint_id: to whom.
        actor: who asks for it, for the record.
        dead: those alone whose delivery is dead.
        case_id: those of one case alone.
        since: those that happened from then on.

    Raises:
        WebhookUnknown: there is no such endpoint.
    """
    values = {"endpoint_id": endpoint_id, "dead": dead, "case_id": case_id, "since": since}
    with store.engine.begin() as connection:
        if not connection.execute(_KNOWN, {"endpoint_id": endpoint_id}).scalar_one():
            raise WebhookUnknown("no such endpoint")
        number = connection.execute(_REPLAY, values).rowcount
        note(
            connection, actor=actor, case_id=case_id, kind="webhook_replayed",
            payload={
                "endpoint": str(endpoint_id), "deliveries": number, "dead_only": dead,
                "since": since.isoformat() if since else None,
            },
        )  # fmt: skip
    return number
