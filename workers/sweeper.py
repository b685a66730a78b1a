"""The sweeper: rings again what nobody answered, lets go what a dead worker held, closes what nobody finished.

Any number may run at once: every statement takes only rows that no other holds.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable

import structlog

from pipeline.errors import EkycError
from pipeline.policy import POLICY_V1
from store import cases, heartbeats, queue, retention
from store.anchors import Notary, make_anchor
from store.database import Store
from store.doorbell import Doorbell, ring
from store.retention import Clocks
from workers.settings import WorkerSettings

log = structlog.get_logger(__name__)

#: What it is called among the workers.
NAME = "sweeper"
#: Longest pause while the database is away.
MAX_PAUSE_S = 30.0


def run_sweeper(
    store: Store,
    bell: Doorbell,
    settings: WorkerSettings,
    stop: threading.Event,
    *,
    notary: Notary | None = None,
) -> None:
    """Sweep until told to stop; an absent database only makes the pauses longer.

    Args:
        store: the open store.
        bell: rings stages.
        settings: how often.
        stop: set to end.
        notary: signs the head of the audit chain; None: nobody does.
    """
    name = f"{NAME}@{settings.worker_name}"
    sweeps = (
        _every(settings.sweep_s, lambda: sweep(store, bell, settings)),
        _every(settings.expire_s, lambda: expire(store)),
        _every(settings.purge_s, lambda: purge(store, settings)),
        _every(settings.heartbeat_s, lambda: _beat(store, name)),
        _every(settings.anchor_s, lambda: anchor(store, notary)),
    )
    pause_s = settings.sweep_s
    while not stop.wait(pause_s):
        try:
            for due in sweeps:
                due()
            pause_s = settings.sweep_s
        except Exception as error:
            pause_s = min(pause_s * 2, MAX_PAUSE_S)
            log.warning("sweep_failed", error=type(error).__name__, again_in_s=pause_s)
    _say_goodbye(store, name)


def sweep(store: Store, bell: Doorbell, settings: WorkerSettings) -> None:
    """Ring for every row that waits too long; rows whose lease ended wait again, or are dead."""
    found = queue.sweep(store, pending_grace_s=settings.pending_grace_s)
    ring(bell, found.ring)
    if found.ring or found.dead:
        log.info("swept", rung=len(found.ring), dead=len(found.dead))


def expire(store: Store) -> None:
    """Close cases that were opened, or sent back for a retake, and never submitted."""
    closed = cases.expire_due(store, open_ttl_s=POLICY_V1.open_ttl_s)
    if closed:
        log.info("expired", cases=closed)


def purge(store: Store, settings: WorkerSettings) -> None:
    """Erase what is due; a failure is told and must not keep the cases waiting."""
    try:
        purged = retention.purge(store, _clocks(settings), actor=NAME)
    except Exception as error:  # the object store raises what its transport raises
        code = error.code if isinstance(error, EkycError) else type(error).__name__
        log.error("purge_failed", code=code)
        return
    if purged.biometrics or purged.cases or purged.events:
        log.info(
            "purged", biometrics=purged.biometrics, cases=purged.cases, events=purged.events
        )  # fmt: skip


def _clocks(settings: WorkerSettings) -> Clocks:
    return Clocks(
        biometrics_days=settings.retain_biometrics_days,
        approved_days=settings.retain_approved_days,
        rejected_days=settings.retain_rejected_days,
        expired_days=settings.retain_expired_days,
        delivered_days=settings.retain_delivered_days,
    )


def anchor(store: Store, notary: Notary | None) -> None:
    """Sign the head of the audit chain; a failure is told and must not keep the cases waiting."""
    if notary is None:
        return
    try:
        made = make_anchor(store, notary)
    except Exception as error:  # the object store raises what its transport raises
        code = error.code if isinstance(error, EkycError) else type(error).__name__
        log.error("anchor_failed", code=code)
        return
    if made is not None:
        log.info("anchored", seq=made.seq)


def _beat(store: Store, name: str) -> None:
    heartbeats.beat(
        store, worker=name, queue=NAME, device="cpu", models=[],
        pid=os.getpid(), host=socket.gethostname(),
    )  # fmt: skip


def _say_goodbye(store: Store, name: str) -> None:
    try:
        heartbeats.forget(store, worker=name)
    except Exception as error:  # the database went first; the row grows old by itself
        log.warning("goodbye_failed", error=type(error).__name__)


def _every(interval_s: float, act: Callable[[], None]) -> Callable[[], None]:
    """Return a function that calls `act` at the first call and then at most every `interval_s`."""
    due_at = 0.0

    def maybe() -> None:
        nonlocal due_at
        if time.monotonic() >= due_at:
            act()
            due_at = time.monotonic() + interval_s

    return maybe
