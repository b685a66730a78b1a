"""The sign of life goes on after a beat that failed, and stops when told to."""

from __future__ import annotations

import threading

from workers.heartbeat import start_beating


def test_beats_until_stopped() -> None:
    beaten = threading.Semaphore(0)
    stop = start_beating(beaten.release, 0.01)
    assert all(beaten.acquire(timeout=5) for _ in range(3))
    stop()
    while beaten.acquire(blocking=False):
        pass
    assert not beaten.acquire(timeout=0.1)


def test_failed_beat_does_not_end_the_beating() -> None:
    beaten = threading.Semaphore(0)

    def beat() -> None:
        beaten.release()
        raise ConnectionError

    stop = start_beating(beat, 0.01)
    assert all(beaten.acquire(timeout=5) for _ in range(3))
    stop()
