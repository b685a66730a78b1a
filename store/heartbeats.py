"""Signs of life of workers and sweepers: what the console and the health checks show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, text

from pipeline.findings import ModelRef
from store.database import Store
from store.models import HeartbeatRow


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerView:
    """A process that gave a sign of life."""

    worker: str
    queue: str
    device: str
    models: tuple[ModelRef, ...]
    pid: int
    host: str
    started_at: datetime
    last_seen: datetime


_BEAT = text(
    "INSERT INTO worker_heartbeats (worker, queue, device, models, pid, host)"
    " VALUES (:worker, :queue, :device, CAST(:models AS jsonb), :pid, :host)"
    " ON CONFLICT (worker) DO UPDATE SET queue = excluded.queue, device = excluded.device, models = excluded.models,"
    " host = excluded.host, last_seen = now(), pid = excluded.pid,"
    " started_at = CASE WHEN worker_heartbeats.pid = excluded.pid THEN worker_heartbeats.started_at ELSE now() END"
)
_FORGET = text("DELETE FROM worker_heartbeats WHERE worker = :worker")
_COLUMNS = [HeartbeatRow.__table__.c[name] for name in WorkerView.__dataclass_fields__]


def beat(
    store: Store,
    *,
    worker: str,
    queue: str,
    device: str,
    models: Sequence[ModelRef],
    pid: int,
    host: str,
) -> None:
    """Say that a process lives, what it serves and with which weights."""
    values = {
        "worker": worker, "queue": queue, "device": device, "pid": pid, "host": host,
        "models": json.dumps([asdict(model) for model in models]),
    }  # fmt: skip
    with store.hot() as connection:
        connection.execute(_BEAT, values)


def list_workers(store: Store) -> list[WorkerView]:
    """Return the last sign of life of every process that did not say goodbye."""
    query = select(*_COLUMNS).order_by(HeartbeatRow.queue, HeartbeatRow.worker)
    with store.hot() as connection:
        rows = connection.execute(query).mappings().all()
    return [
        WorkerView(**{**row, "models": tuple(ModelRef(**model) for model in row["models"])})
        for row in rows
    ]


def forget(store: Store, *, worker: str) -> None:
    """Say goodbye."""
    with store.hot() as connection:
        connection.execute(_FORGET, {"worker": worker})
