"""The audit chain: every event is bound to the one before it by a hash that the database computes.

Payloads hold codes, hashes, scores and references; never a name, a number, an address or an image.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a case."""

    seq: int
    at: datetime
    actor: str
    kind: str
    payload: dict[str, Any]


#: Events in which somebody looked at a person's data.
LOOKS = frozenset(
    {
        "case_viewed", "evidence_viewed", "picture_viewed", "fields_viewed", "timeline_viewed", "case_exported",
        "case_packaged", "subject_exported",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How often somebody looked at a case, and when for the last time."""

    actor: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What walking the chain found; `first_bad` is None when it holds."""

    checked: int
    first_bad: int | None
    reason: str | None


_APPEND = text(
    "INSERT INTO audit.event (actor, case_id, kind, payload)"
    " VALUES (:actor, :case_id, :kind, CAST(:payload AS jsonb))"
)
_EVENTS = text(
    "SELECT seq, at, actor, kind, payload FROM audit.event WHERE case_id = :case_id ORDER BY seq"
)
_DONE = text(
    "SELECT seq, at, actor, kind, payload FROM audit.event"
    " WHERE case_id = :case_id AND kind <> ALL(:looks) ORDER BY seq"
)
_LOOKED = text(
    "SELECT actor, count(*) AS count, max(at) AS last_at FROM audit.event"
    " WHERE case_id = :case_id AND kind = ANY(:looks) GROUP BY actor ORDER BY last_at DESC"
)
#: A long chain takes longer than any statement of the day's work may.
_AT_LEISURE = text("SET LOCAL statement_timeout = 0")
_VERIFY = text("SELECT checked, first_bad, reason FROM audit.verify()")
_ANCHOR = text("SELECT head_seq FROM audit.keep_anchor()")


def note(
    connection: Connection,
    *,
    actor: str,
    case_id: UUID | None,
    kind: str,
    payload: Mapping[str, Any],
) -> None:
    """Write an event in the transaction of what it tells of; last, for it takes the lock of the whole chain."""
    connection.execute(
        _APPEND, {"actor": actor, "case_id": case_id, "kind": kind, "payload": json.dumps(payload)}
    )


def append(
    store: Store, *, actor: str, case_id: UUID | None, kind: str, payload: Mapping[str, Any]
) -> None:
    """Write an event of its own."""
    with store.hot() as connection:
        note(connection, actor=actor, case_id=case_id, kind=kind, payload=payload)


def events(store: Store, case_id: UUID) -> list[Event]:
    """Return everything that happened to a case, in order."""
    with store.auditor() as connection:
        rows = connection.execute(_EVENTS, {"case_id": case_id}).mappings()
        return [Event(**row) for row in rows]


def done_and_looked(store: Store, case_id: UUID) -> tuple[list[Event], tuple[Looks, ...]]:
    """Return what happened to a case without the looks at it, in order, and who looked, whoever was last first."""
    values = {"case_id": case_id, "looks": sorted(LOOKS)}
    with store.auditor() as connection:
        done = [Event(**row) for row in connection.execute(_DONE, values).mappings()]
        looked = tuple(Looks(**row) for row in connection.execute(_LOOKED, values).mappings())
    return done, looked


def verify(store: Store) -> AuditReport:
    """Walk the whole chain, inside the database; `store.chain` does not have to trust it."""
    with store.auditor() as connection:
        connection.execute(_AT_LEISURE)
        return AuditReport(**connection.execute(_VERIFY).mappings().one())


def anchor(store: Store) -> None:
    """Keep the head of the chain apart from it, inside the database; `store.anchors` keeps it outside."""
    with store.hot() as connection:
        connection.execute(_ANCHOR)
