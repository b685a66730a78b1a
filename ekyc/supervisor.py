"""Runs the processes of one machine together: each in its own group, restarted when it ends, all stopped in the end.

A production site has an orchestrator for this; `ekyc up`, `ekyc demo` and the tests have this one. Whatever ends the
supervisor (an exception, Ctrl-C, SIGTERM, kill -9), nothing it started lives on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType

import structlog

from ekyc.parent_death import die_with_parent

log = structlog.get_logger(__name__)

#: Pause before the n-th restart in a row.
RESTART_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
#: A process that ran this long has proved itself; its next failure counts as the first.
PROVEN_AFTER_S = 20.0
#: A service that gave up so many times in a row, each time before it had proved itself, will not come up.
HOPELESS_AFTER = 4
#: Time for a warm shutdown (a worker finishes its task) before the group is killed.
GRACE_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One process to keep running."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Run:
    """A service and its present process; `start_at` says when to start again while there is none.

    `failures` counts ends in a row however they came, `gave_up` those with an exit code of its own.
    """

    service: Service
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    failures: int = 0
    gave_up: int = 0


class Supervisor:
    """Keeps services running for the length of a `with` block; their output goes to files in `logs`."""

    def __init__(
        self, logs: Path, *, grace_s: float = GRACE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start nothing yet.

        Args:
            logs: folder of the log files; created if missing.
            grace_s: how long a service may take to stop before its group is killed.
            clock: seconds, monotonic.
        """
        logs.mkdir(parents=True, exist_ok=True)
        self.logs, self._grace_s, self._clock = logs, grace_s, clock
        self._runs: dict[str, _Run] = {}

    def __enter__(self) -> Supervisor:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything."""
        self.stop()

    def start(self, service: Service) -> None:
        """Start a service and keep it from now on. Call from the main thread (see `die_with_parent`)."""
        run = _Run(service=service)
        self._runs[service.name] = run
        self._launch(run)

    def pids(self) -> dict[str, int]:
        """Return the pid, which is the group's id too, of every service that runs now."""
        return {n: r.process.pid for n, r in self._runs.items() if r.process is not None}

    def restarts(self) -> int:
        """Return how many services wait for a restart or have failed lately."""
        return sum(run.failures for run in self._runs.values())

    def hopeless(self) -> list[str]:
        """Return the names of services that give up whenever they are started; who was killed is not among them."""
        return [name for name, run in self._runs.items() if run.gave_up >= HOPELESS_AFTER]

    def tend(self) -> None:
        """Take note of what ended and start again what is due. Never blocks."""
        for run in self._runs.values():
            if run.process is not None and run.process.poll() is not None:
                self._note_end(run)
            if run.process is None and self._clock() >= run.start_at:
                self._launch(run)

    def stop(self) -> None:
        """Ask all to stop, wait, kill what is left of their groups."""
        running = [run.process for run in self._runs.values() if run.process is not None]
        for process in running:
            if process.poll() is None:
                process.terminate()
        deadline = self._clock() + self._grace_s
        for process in running:
            _wait_until(process, deadline, self._clock)
            _kill_group(process)
        self._runs.clear()

    def _launch(self, run: _Run) -> None:
        with (self.logs / f"{run.service.name}.log").open("ab") as output:
            run.process = subprocess.Popen(
                run.service.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **run.service.environment},
                start_new_session=True,
                preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509 - one system call, loaded before
            )  # fmt: skip
        run.started_at = self._clock()

    def _note_end(self, run: _Run) -> None:
        if run.process is None:
            return
        _kill_group(
            run.process
        )  # a child that outlived its parent must not work beside the new one
        proven = self._clock() - run.started_at >= PROVEN_AFTER_S
        run.failures = 1 if proven else run.failures + 1
        run.gave_up = run.gave_up + 1 if run.process.returncode > 0 and not proven else 0
        pause_s = RESTART_PAUSES_S[min(run.failures, len(RESTART_PAUSES_S)) - 1]
        run.start_at = self._clock() + pause_s
        log.warning(
            "service_ended",
            service=run.service.name,
            code=run.process.returncode,
            again_in_s=pause_s,
            log=str(self.logs / f"{run.service.name}.log"),
        )
        run.process = None


def ekyc_command(*words: str) -> tuple[str, ...]:
    """Return the command line of another `ekyc` with this interpreter."""
    return (sys.executable, "-m", "ekyc", *words)


def _wait_until(
    process: subprocess.Popen[bytes], deadline: float, clock: Callable[[], float]
) -> None:
    try:
        process.wait(timeout=max(0.0, deadline - clock()))
    except subprocess.TimeoutExpired:
        log.warning("service_killed", pid=process.pid)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):  # the whole group has ended already
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
