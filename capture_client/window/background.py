"""Work that must not stop the window: done in a thread, its outcome handed back in the window's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal


class _Outcome(QObject):
    done = Signal(object)


class _Work(QRunnable):
    def __init__(self, work: Callable[[], Any], outcome: _Outcome) -> None:
        super().__init__()
        self._work, self._outcome = work, outcome

    def run(self) -> None:
        try:
            result: Any = self._work()
        except Exception as error:  # handed to whoever asked, in their thread
            result = error
        self._outcome.done.emit(result)


_PENDING: set[_Outcome] = set()


def in_background(work: Callable[[], Any], then: Callable[[Any], None]) -> None:
    """Do `work` in a thread; `then` gets its result, or the exception it raised, in the window's thread."""
    outcome = _Outcome()
    _PENDING.add(outcome)

    def deliver(result: Any) -> None:
        _PENDING.discard(outcome)
        then(result)

    outcome.done.connect(deliver)
    QThreadPool.globalInstance().start(_Work(work, outcome))
