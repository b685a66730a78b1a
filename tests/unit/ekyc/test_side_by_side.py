import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ekyc.side_by_side import side_by_side


def _work(name: str) -> str:
    """Runs in another process."""
    if name == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "wrong":
        raise KeyError(name)
    return name.upper()


def test_order_is_kept_and_a_process_that_dies_costs_one_result_alone() -> None:
    names = ["a", "b", "deadly", "c", "d", "e"]
    results = list(side_by_side(names, _work, lambda name: f"lost {name}", jobs=2))
    assert results == ["A", "B", "lost deadly", "C", "D", "E"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_the_work_raises_is_raised_here(jobs: int) -> None:
    with pytest.raises(KeyError):
        list(side_by_side(["a", "wrong", "b"], _work, str, jobs=jobs))


def test_nothing_to_do_is_no_result() -> None:
    assert list(side_by_side([], _work, str, jobs=4)) == []


def _slow(name: str) -> str:
    """Runs in another process."""
    (Path(name).parent / f"{Path(name).name}-{os.getpid()}").touch()
    time.sleep(0.1 if name.endswith("first") else 600)
    return name


def main(folder: str) -> None:
    """Runs in a process that a test interrupts or kills."""
    names = [f"{folder}/{name}" for name in ("first", "second", "third", "fourth")]
    for name in side_by_side(names, _slow, str, jobs=2):
        (Path(folder) / f"done-{Path(name).name}").touch()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_processes_end_at_once_with_their_parent(sent: signal.Signals, tmp_path: Path) -> None:
    # What runs in the background of a script inherits that SIGINT is ignored.
    listen = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"{listen}; from tests.unit.ekyc.test_side_by_side import main; main({str(tmp_path)!r})"
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_for((tmp_path / "done-first").exists)
        _wait_for(lambda: len([*tmp_path.glob("second-*"), *tmp_path.glob("third-*")]) == 2)
        workers = {int(path.name.split("-")[1]) for path in tmp_path.glob("[st]*-*")}
        if sent is signal.SIGINT:
            os.killpg(parent.pid, sent)  # as a terminal does
        else:
            parent.kill()
        assert parent.wait(timeout=60) != 0
        _wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    finally:
        parent.kill()


def _wait_for(condition: Callable[[], bool], timeout_s: float = 120) -> None:
    stop_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < stop_s, "it did not happen"
        time.sleep(0.05)
