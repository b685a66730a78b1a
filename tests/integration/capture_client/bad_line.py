"""A line to the gateway that misbehaves: a small TCP relay which is slow, cuts connections, or is not there."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
import time
from types import TracebackType
from typing import Self


class BadLine:
    """Relays to `port`. Set `down`, `cut_after` and `bytes_per_s` while it runs."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        #: Connections are reset at once.
        self.down = False
        #: (fewest, most) bytes that go either way before a connection is reset; each draws its own number.
        self.cut_after: tuple[int, int] | None = None
        self.bytes_per_s: float | None = None
        self.connections = 0
        #: Bytes that went to the gateway.
        self.sent_bytes = 0
        self._rng = random.Random(5)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near: socket.socket) -> None:
        if self.down:
            _reset(near)
            return
        try:
            far = socket.create_connection(("127.0.0.1", self._to), timeout=10)
        except OSError:
            _reset(near)
            return
        left = [self._rng.randrange(*self.cut_after)] if self.cut_after else None
        for source, sink in ((near, far), (far, near)):
            threading.Thread(
                target=self._pump,
                args=(source, sink, left),
                kwargs={"is_up": source is near},
                daemon=True,
            ).start()

    def _pump(
        self, source: socket.socket, sink: socket.socket, left: list[int] | None, *, is_up: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(16_384):
                if self.down or (left is not None and left[0] <= 0):
                    break
                if left is not None:
                    data = data[: max(left[0], 1)]
                    left[0] -= len(data)
                sink.sendall(data)
                self.sent_bytes += len(data) * is_up
                if self.bytes_per_s:
                    time.sleep(len(data) / self.bytes_per_s)
            else:
                sink.shutdown(socket.SHUT_WR)
                return
        _reset(source)
        _reset(sink)


def _reset(connection: socket.socket) -> None:
    """Close with a reset, as a broken line does, instead of an orderly end."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Wakes the other direction's `recv`, which would keep the connection open until its next byte.
        connection.shutdown(socket.SHUT_RD)
    connection.close()
