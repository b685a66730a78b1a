"""The supervisor with real processes: restart, warm stop, kill of a group, and its own kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ekyc.supervisor import HOPELESS_AFTER, Service, Supervisor

PYTHON = sys.executable
SLEEP = ("sleep", "60")


def wait_for(true: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def python(code: str) -> tuple[str, ...]:
    return (PYTHON, "-c", code)


def test_output_goes_to_a_file_of_the_service(tmp_path: Path) -> None:
    with Supervisor(tmp_path / "logs") as supervisor:
        supervisor.start(Service(name="talker", command=python("print('hello', flush=True)")))
        wait_for(lambda: "hello" in (tmp_path / "logs" / "talker.log").read_text())


def test_environment_of_the_service_is_added_to_ours(tmp_path: Path) -> None:
    code = "import os; print(os.environ['WORD'], 'PATH' in os.environ, flush=True)"
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Service(name="talker", command=python(code), environment={"WORD": "bird"}))
        wait_for(lambda: "bird True" in (tmp_path / "talker.log").read_text())


def test_killed_service_is_started_again(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Service(name="sleeper", command=SLEEP))
        first = supervisor.pids()["sleeper"]
        os.kill(first, signal.SIGKILL)

        def is_back() -> bool:
            supervisor.tend()
            return supervisor.pids().get("sleeper", first) != first

        wait_for(is_back)
        assert alive(supervisor.pids()["sleeper"])


def test_pauses_between_restarts_grow(tmp_path: Path) -> None:
    now = [0.0]
    with Supervisor(tmp_path, clock=lambda: now[0]) as supervisor:
        supervisor.start(Service(name="crasher", command=("false",)))
        pauses = []
        for _ in range(4):
            wait_for(lambda: (supervisor.tend(), not supervisor.pids())[1])
            asleep = now[0]
            while not supervisor.pids():
                now[0] += 0.1
                supervisor.tend()
            pauses.append(now[0] - asleep)
    assert pauses == pytest.approx([0.2, 0.5, 1.0, 2.0], abs=0.11)


def test_child_that_outlives_its_killed_parent_goes_before_the_restart(tmp_path: Path) -> None:
    code = (
        "import subprocess, time; p = subprocess.Popen(['sleep', '60']);"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    log = tmp_path / "parent.log"
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Service(name="parent", command=python(code)))
        wait_for(lambda: log.read_text().strip() != "")
        grandchild = int(log.read_text().split()[0])
        os.kill(supervisor.pids()["parent"], signal.SIGKILL)
        wait_for(lambda: (supervisor.tend(), not alive(grandchild))[1])


def test_stop_lets_a_service_finish(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time\n"
        "def bye(*_): time.sleep(0.3); print('finished', flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, bye)\n"
        "print('up', flush=True)\n"
        "time.sleep(60)"
    )
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Service(name="worker", command=python(code)))
        wait_for(lambda: "up" in (tmp_path / "worker.log").read_text())
    assert "finished" in (tmp_path / "worker.log").read_text()


def test_stop_kills_what_does_not_listen(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('up', flush=True); time.sleep(60)"
    )
    with Supervisor(tmp_path, grace_s=0.3) as supervisor:
        supervisor.start(Service(name="deaf", command=python(code)))
        wait_for(lambda: "up" in (tmp_path / "deaf.log").read_text())
        pid = supervisor.pids()["deaf"]
    assert not alive(pid)


def test_exception_in_the_block_stops_everything(tmp_path: Path) -> None:
    pids = []

    def fail() -> None:
        with Supervisor(tmp_path) as supervisor:
            supervisor.start(Service(name="sleeper", command=SLEEP))
            pids.append(supervisor.pids()["sleeper"])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not alive(pids[0])


def test_kill_9_of_the_supervisor_takes_its_services_along(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path;"
        "from ekyc.supervisor import HOPELESS_AFTER, Service, Supervisor;"
        "s = Supervisor(Path(sys.argv[1])); s.start(Service(name='a', command=('sleep', '60')));"
        "print(s.pids()['a'], flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        (PYTHON, "-c", code, str(tmp_path)), stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        service = int(owner.stdout.readline())
        assert alive(service)
        owner.kill()
        wait_for(lambda: not alive(service))


def test_a_service_that_always_gives_up_is_hopeless_and_one_that_was_killed_is_not(
    tmp_path: Path,
) -> None:
    now = [0.0]
    with Supervisor(tmp_path, clock=lambda: now[0]) as supervisor:
        supervisor.start(Service(name="broken", command=python("raise SystemExit(2)")))
        supervisor.start(Service(name="killed", command=SLEEP))
        for _ in range(HOPELESS_AFTER):
            assert supervisor.hopeless() == []
            wait_for(lambda: "broken" in supervisor.pids())
            os.kill(supervisor.pids()["killed"], signal.SIGKILL)

            def both_ended() -> bool:
                supervisor.tend()
                return not supervisor.pids()

            wait_for(both_ended)
            now[0] += 15.0
            supervisor.tend()
        assert supervisor.hopeless() == ["broken"]
        assert set(supervisor.pids()) == {"broken", "killed"}
