"""What one worker child works with: the store, the bell and its engine. Opened after the fork, closed at the end."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from pipeline.policy import POLICIES, Policy
from pipeline.stages import QUEUES, Stage
from store import heartbeats, queue
from store.database import Store
from store.doorbell import Doorbell
from workers.engines import Engine, engine_module, pick_device
from workers.heartbeat import start_beating
from workers.settings import WorkerSettings

if TYPE_CHECKING:
    from workers.gallery import FaceGallery  # brings numpy, which only the child may load

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The things a stage needs; `engine` is None for the queue that only decides."""

    store: Store
    bell: Doorbell
    engine: Engine | None
    worker: str
    lease_s: float
    claim_rows: int
    policy: Policy
    #: For the queue that decides alone.
    gallery: FaceGallery | None
    close: Callable[[], None]


def open_desk(store: Store, bell: Doorbell, settings: WorkerSettings, name: str, slot: int) -> Desk:
    """Load and warm the engine of a queue, then show a first sign of life.

    What a killed predecessor in the same slot was working on is let go first, so that it is taken up again in
    seconds and not when its lease ends.

    Args:
        store: the open store.
        bell: rings the next stages.
        settings: limits, device, engines.
        name: the queue.
        slot: number of this child among its siblings.
    """
    worker = f"{name}@{settings.worker_name}#{slot}"
    queue.release(store, worker=worker)
    engine, device = load_engine(name, settings)

    def beat() -> None:
        heartbeats.beat(
            store, worker=worker, queue=name, device=device, pid=os.getpid(),
            models=list(engine.models) if engine else [], host=socket.gethostname(),
        )  # fmt: skip

    stop = start_beating(beat, settings.heartbeat_s)

    def close() -> None:
        stop()
        heartbeats.forget(store, worker=worker)

    log.info("worker_ready", queue=name, device=device, pid=os.getpid())
    return Desk(
        store=store, bell=bell, engine=engine, worker=worker,
        lease_s=settings.lease_s, claim_rows=settings.claim_rows, policy=POLICIES[settings.policy], close=close,
        gallery=_gallery(name, store),
    )  # fmt: skip


def load_engine(name: str, settings: WorkerSettings) -> tuple[Engine | None, str]:
    """Return the warm engine of a queue and the device it runs on."""
    stage = next(stage for stage, queue_name in QUEUES.items() if queue_name == name)
    if stage is Stage.DECIDE:
        return None, "cpu"
    device = pick_device(settings.device, _providers())
    engine = engine_module(settings).load(stage, settings, device)
    engine.warm_up()
    return engine, device


def _gallery(name: str, store: Store) -> FaceGallery | None:
    if name != QUEUES[Stage.DECIDE]:
        return None
    from workers.gallery import FaceGallery

    return FaceGallery(store)


def _providers() -> list[str]:
    import onnxruntime

    return list(onnxruntime.get_available_providers())
