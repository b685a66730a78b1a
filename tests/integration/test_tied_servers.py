"""Servers tied to their owner end with it, however it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from ekyc import embedded


def _start_and_die(home: Path) -> None:
    servers = embedded.start(home, durable=False, tied=True)
    pids = [embedded.postgres_pid(servers), embedded.valkey_pid(servers)]
    (home / "pids").write_text(" ".join(map(str, pids)))
    os.kill(os.getpid(), signal.SIGKILL)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_servers_end_with_their_killed_owner(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("h")
    owner = multiprocessing.get_context("spawn").Process(target=_start_and_die, args=(home,))
    owner.start()
    owner.join()
    pids = [int(word) for word in (home / "pids").read_text().split()]
    deadline = time.monotonic() + 10
    while any(_alive(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)
