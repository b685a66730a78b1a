"""Guidance in a thread of its own: it looks at the latest frame, as often as it can, and tells the window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from capture_client.camera.frames import Frame
from capture_client.camera.live import LiveCamera


class Watching(QObject):
    """Runs from its making until `stop`; `seen` arrives in the window's thread."""

    seen = Signal(object)
    #: Guidance itself failed; the picture can still be taken by hand.
    failed = Signal(object)

    def __init__(self, camera: LiveCamera, look: Callable[[Frame], Any]) -> None:
        super().__init__()
        self._camera, self._look = camera, look
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="guidance", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more; what was seen last may still arrive, so disconnect first."""
        self._stopping.set()
        self._thread.join(timeout=2.0)

    def _run(self) -> None:
        number = -1
        while not self._stopping.is_set() and self._camera.fault is None:
            frame = self._camera.next_after(number)
            if frame is None:
                continue
            number = frame.number
            try:
                seen = self._look(frame)
            except Exception as error:  # a window without guidance is better than none
                self.failed.emit(error)
                return
            if not self._stopping.is_set():
                self.seen.emit(seen)
