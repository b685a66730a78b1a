"""Real processes with quick engines: the whole system of `ekyc up`, on the test's own database."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ekyc.home import open_home
from ekyc.up import System, running_system, wait_ready
from pipeline.policy import POLICY_V1

HERE = Path(__file__).parent

#: Short limits, so that a lease ends in seconds; the processes and their settings are those of production.
QUICK = {
    "EKYC_ENGINES": "quick_engines",
    # its engines read the same card in every case
    "EKYC_POLICY": POLICY_V1.version,
    "PYTHONPATH": str(HERE),
    "EKYC_SOFT_LIMIT_S": "3",
    "EKYC_HARD_LIMIT_S": "4",
    "EKYC_LEASE_S": "5",
    "EKYC_VISIBILITY_TIMEOUT_S": "20",
    "EKYC_SWEEP_S": "0.5",
    "EKYC_PENDING_GRACE_S": "1",
    "EKYC_HEARTBEAT_S": "2",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture
def start_system(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., System]]:
    """Start the system with given settings; it is stopped at the end of the test."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(**settings: str) -> System:
            system = stack.enter_context(
                running_system(open_home(tmp_path / "home"), environment={**QUICK, **settings})
            )
            wait_ready(system, timeout_s=60)
            return system

        yield start


@pytest.fixture
def quick_system(start_system: Callable[..., System]) -> System:
    return start_system()


def wait_for(
    true: Callable[[], bool], timeout_s: float, *, tend: Callable[[], None] = lambda: None
) -> None:
    """Wait until something is true, keeping the supervisor going meanwhile."""
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, f"did not happen in {timeout_s} s"
        tend()
        time.sleep(0.1)


def descendants(pid: int = os.getpid()) -> set[int]:
    """All living processes below one."""
    return {
        child.pid
        for child in psutil.Process(pid).children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE
    }
