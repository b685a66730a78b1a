"""A worker process: settings in the parent, store and models in the child."""

from __future__ import annotations

from ekyc.environment import read_store_settings
from store.database import open_store
from store.doorbell import make_producer
from workers.app import run_worker
from workers.desk import Desk, open_desk
from workers.settings import WorkerSettings


def serve(settings: WorkerSettings, queue: str, *, concurrency: int) -> int:
    """Serve one queue; return the exit code.

    Raises:
        EngineError: the engine of this queue cannot be loaded.
    """
    store_settings = read_store_settings()

    def open_child(slot: int) -> Desk:
        store = open_store(store_settings, ping=False)  # tasks wait for the database themselves
        return open_desk(store, make_producer(store_settings.broker_url), settings, queue, slot)

    return run_worker(
        store_settings.broker_url, settings, queue, open_child, concurrency=concurrency
    )
