"""Figures for operations: how much waits, since when, how long work took, what was decided, who is alive.

Counts and times only; scaling follows these, not the broker's lists, which hold no message that is being worked on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, TextClause, text

from store.database import Store
from store.tallies import Tallies, read_tallies

#: A worker beats every few seconds; three times the longest pause between beats.
ALIVE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """One reading."""

    #: Stages by (stage, status).
    stages: Mapping[tuple[str, str], int]
    #: Age of the oldest pending stage, per stage that has one.
    oldest_pending_s: Mapping[str, float]
    #: Cases that are not over, by status.
    cases: Mapping[str, int]
    #: What happened since the system began.
    tallies: Tallies
    #: Workers whose heart beats, by (queue, device).
    workers_alive: Mapping[tuple[str, str], int]
    #: Live workers that hold a model, by (queue, model, sha256).
    models: Mapping[tuple[str, str, str], int]
    #: Webhook deliveries that are pending or dead.
    deliveries: Mapping[str, int]
    #: Age of the oldest event that an active endpoint has not been told.
    outbox_lag_s: float
    #: Age of the oldest audit event that no anchor covers.
    unanchored_s: float


_STAGES = text(
    "SELECT stage, status, count(*) AS number, extract(epoch FROM now() - min(queued_at)) AS age_s FROM stages"
    " WHERE status IN ('pending', 'running') GROUP BY stage, status UNION ALL"
    " SELECT stage, status, count(*), NULL FROM stages WHERE status = 'dead' GROUP BY stage, status"
)
_CASES = text(
    "SELECT status, count(*) AS number FROM cases WHERE status IN ('open', 'processing', 'review', 'retake')"
    " GROUP BY status"
)
_MODELS = text(
    "SELECT queue, model ->> 'name' AS model, model ->> 'sha256' AS sha256, count(*) AS number"
    " FROM worker_heartbeats, jsonb_array_elements(models) AS model"
    " WHERE last_seen > now() - :alive_s * interval '1 second' GROUP BY 1, 2, 3"
)
_WORKERS = text(
    "SELECT queue, device, count(*) AS number FROM worker_heartbeats"
    " WHERE last_seen > now() - :alive_s * interval '1 second' GROUP BY queue, device"
)
_DELIVERIES = text(
    "SELECT d.status, count(*) AS number,"
    " extract(epoch FROM now() - min(d.queued_at) FILTER (WHERE e.active)) AS age_s"
    " FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id"
    " WHERE d.status <> 'delivered' GROUP BY d.status"
)
_UNANCHORED = text(
    "SELECT extract(epoch FROM now() - at) AS age_s FROM audit.event"
    " WHERE seq > coalesce((SELECT max(seq) FROM audit.anchor), 0) ORDER BY seq LIMIT 1"
)


def read_gauges(store: Store) -> Gauges:
    """Return the figures of this moment."""
    tallies = read_tallies(store)
    with store.hot() as connection:
        stages = connection.execute(_STAGES).all()
        workers = connection.execute(_WORKERS, {"alive_s": ALIVE_S}).all()
        models = connection.execute(_MODELS, {"alive_s": ALIVE_S}).all()
        unanchored = connection.execute(_UNANCHORED).one_or_none()
        deliveries = {row.status: row for row in connection.execute(_DELIVERIES)}
        return Gauges(
            stages={(row.stage, row.status): row.number for row in stages},
            oldest_pending_s={
                row.stage: float(row.age_s or 0) for row in stages if row.status == "pending"
            },
            cases=_counts(connection, _CASES),
            tallies=tallies,
            models={(row.queue, row.model, row.sha256): row.number for row in models},
            workers_alive={(row.queue, row.device): row.number for row in workers},
            deliveries={
                status: deliveries[status].number if status in deliveries else 0
                for status in ("pending", "dead")
            },
            unanchored_s=max(0.0, float(unanchored.age_s)) if unanchored else 0.0,
            outbox_lag_s=float(deliveries["pending"].age_s or 0)
            if "pending" in deliveries
            else 0.0,
        )


def _counts(connection: Connection, statement: TextClause) -> dict[str, int]:
    return {str(row[0]): int(row[1]) for row in connection.execute(statement).all()}
