"""`ekyc up` as a process: what it starts, and that nothing of it is left, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import QUICK, descendants, wait_for

#: Python of gateway (2), workers (4 x 2) and sweeper, Postgres and Valkey.
FEWEST_PROCESSES = 12


@pytest.fixture
def up(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    log = (tmp_path / "up.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "ekyc", "up", "--home", str(tmp_path / "home"), "--port", "8300"],
        env={**os.environ, **QUICK}, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: _is_ready(process, tmp_path / "up.log"), timeout_s=60)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()


def _is_ready(process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    return "ready at" in log.read_text()


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left(up: subprocess.Popen[bytes], number: signal.Signals) -> None:
    started = descendants(up.pid)
    assert len(started) >= FEWEST_PROCESSES
    up.send_signal(number)
    up.wait(timeout=30)
    wait_for(lambda: not any(_alive(pid) for pid in started), timeout_s=15)
    if number is not signal.SIGKILL:
        assert up.returncode == 0
