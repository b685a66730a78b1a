"""A worker process: checks in the parent, everything heavy in the child."""

from __future__ import annotations

from pipeline.stages import QUEUES, Stage
from store.database import open_store
from store.doorbell import make_producer
from store.settings import StoreSettings
from workers.app import run_worker
from workers.desk import Desk, open_desk
from workers.engines import engine_module
from workers.settings import WorkerSettings


def serve(settings: WorkerSettings, queue: str, *, concurrency: int) -> int:
    """Serve one queue; return the exit code.

    Raises:
        EngineError: the weights of this queue do not fit; nothing was started.
    """
    store_settings = StoreSettings()
    stage = next(stage for stage, name in QUEUES.items() if name == queue)
    if stage is not Stage.DECIDE:
        engine_module(settings).check_before_start(stage, settings)

    def open_child(slot: int) -> Desk:
        store = open_store(store_settings)
        return open_desk(store, make_producer(store_settings.broker_url), settings, queue, slot)

    return run_worker(
        store_settings.broker_url, settings, queue, open_child, concurrency=concurrency
    )
