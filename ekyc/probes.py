"""Is a process of this system well? For container probes and for waiting at the start."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import httpx

from store import heartbeats
from store.database import Store

#: Three heartbeats: one may be late, two mean trouble.
FRESH_FOR = timedelta(seconds=30)


def gateway_answers(url: str) -> bool:
    """Whether the gateway at `url` is up."""
    try:
        return httpx.get(f"{url}/health/live", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def is_alive_here(store: Store, queue: str) -> bool:
    """Whether a worker of a queue on this host has a fresh heartbeat."""
    oldest, here = datetime.now(UTC) - FRESH_FOR, socket.gethostname()
    return any(
        worker.queue == queue and worker.host == here and worker.last_seen >= oldest
        for worker in heartbeats.list_workers(store)
    )
