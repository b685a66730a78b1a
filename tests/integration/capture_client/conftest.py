"""The real gateway as a process, a line to it that can misbehave, and a play worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import redis

from capture_client.sign_in import keep_key
from capture_client.vault import open_vault
from ekyc.gateway import gunicorn_command
from store.api_keys import Scope, create_key
from store.database import Store
from tests.integration.capture_client.bad_line import BadLine
from tests.integration.capture_client.bank import Bank

START_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Gateway:
    """gunicorn on one port; it can be stopped and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = gunicorn_command(host="127.0.0.1", port=self.port, workers=1, threads=4)
        self._child = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        ends_at = time.monotonic() + START_S
        while not self._answers():
            assert self._child.poll() is None
            assert time.monotonic() < ends_at
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/live", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        if self._child:
            # Its workers too: they outlive their master by a second, in which they still serve.
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
            self._child = None


@pytest.fixture
def gateway(environment: dict[str, str], broker: redis.Redis) -> Iterator[Gateway]:
    running = Gateway()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def line(gateway: Gateway) -> Iterator[BadLine]:
    with BadLine(gateway.port) as carried:
        yield carried


@pytest.fixture
def bank(store: Store) -> Iterator[Bank]:
    """Plays the workers: reads cards and decides, as soon as there is something to do."""
    playing = Bank(store)
    thread = threading.Thread(target=playing.work, daemon=True)
    thread.start()
    yield playing
    playing.stop()
    thread.join(timeout=10)


@pytest.fixture
def api_key(store: Store) -> str:
    key, _ = create_key(store, name="desk", scopes={Scope.CAPTURE}, branch="HN-01", actor="test")
    return key


@pytest.fixture
def signed_in(tmp_path: Path, api_key: str) -> Callable[[str], Path]:
    """Return a spool folder in which the key of the branch is kept for a gateway."""

    def sign_in(url: str) -> Path:
        folder = tmp_path / "spool"
        folder.mkdir(exist_ok=True)
        keep_key(open_vault(folder), url, api_key)
        return folder

    return sign_in
