"""A worker's sign of life: a row that is fresh while the process breathes, with the weights it speaks with."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


def start_beating(beat: Callable[[], None], every_s: float) -> Callable[[], None]:
    """Call `beat` now and then in a thread of its own, until the returned function is called.

    A beat that fails (the database is away) is logged and tried again at the next.
    """
    stopped = threading.Event()

    def run() -> None:
        while True:
            try:
                beat()
            except Exception as error:
                log.warning("heartbeat_failed", error=type(error).__name__)
            if stopped.wait(every_s):
                return

    thread = threading.Thread(target=run, name="heartbeat", daemon=True)
    thread.start()

    def stop() -> None:
        stopped.set()
        thread.join(timeout=2)

    return stop
