"""The sweeper goes on when the database is away, and does each of its duties at its own pace."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from workers import sweeper
from workers.settings import WorkerSettings

QUICK = WorkerSettings(sweep_s=0.01, expire_s=60, heartbeat_s=60)


class Calls:
    """Counts the duties; the first `failures` sweeps fail."""

    def __init__(self, stop: threading.Event, *, failures: int, sweeps: int) -> None:
        self.sweeps = self.expiries = self.beats = self.farewells = 0
        self._stop, self._failures, self._enough = stop, failures, sweeps

    def sweep(self, *_: Any) -> None:
        self.sweeps += 1
        if self.sweeps >= self._enough:
            self._stop.set()
        if self.sweeps <= self._failures:
            raise ConnectionError

    def expire(self, *_: Any) -> None:
        self.expiries += 1

    def beat(self, *_: Any) -> None:
        self.beats += 1


def run(monkeypatch: pytest.MonkeyPatch, *, failures: int, sweeps: int) -> Calls:
    stop = threading.Event()
    calls = Calls(stop, failures=failures, sweeps=sweeps)
    monkeypatch.setattr(sweeper, "sweep", calls.sweep)
    monkeypatch.setattr(sweeper, "expire", calls.expire)
    monkeypatch.setattr(sweeper, "_beat", calls.beat)
    monkeypatch.setattr(sweeper, "_say_goodbye", lambda *_: None)
    nothing: Any = None
    sweeper.run_sweeper(nothing, nothing, QUICK, stop)
    return calls


def test_sweeps_often_and_expires_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = run(monkeypatch, failures=0, sweeps=5)
    assert (calls.sweeps, calls.expiries, calls.beats) == (5, 1, 1)


def test_goes_on_after_the_database_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = run(monkeypatch, failures=2, sweeps=4)
    assert calls.sweeps == 4
    assert calls.expiries == 1
