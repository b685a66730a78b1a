"""kill -9 at random, broker flushed and restarted, database restarted: nothing is lost, nothing happens twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import psutil
import pytest
import redis
from sqlalchemy.exc import OperationalError

from ekyc import embedded
from ekyc.up import System
from pipeline.case import CaseStatus
from pipeline.reasons import ReasonCode
from pipeline.stages import ENGINE_STAGES, QUEUES, Stage
from store import audit, cases
from tests.e2e.capturing import submit_case
from tests.e2e.conftest import wait_for

CASES = 64
KILLS = 30
#: Long enough that most kills meet a stage at work.
WORK_S = 0.25
PAUSE_S = (0.3, 0.9)

MODEL_WORKERS = [f"worker-{QUEUES[stage]}" for stage in ENGINE_STAGES]


def kill_child(system: System, rng: random.Random) -> bool:
    parent = system.supervisor.pids().get(rng.choice(MODEL_WORKERS))
    try:
        children = psutil.Process(parent).children() if parent else []
        children[0].kill()
    except (IndexError, psutil.NoSuchProcess):
        return False
    return True


def kill_group(system: System, rng: random.Random) -> bool:
    return _kill_service(system, rng.choice(MODEL_WORKERS))


def kill_sweeper(system: System, rng: random.Random) -> bool:
    return _kill_service(system, "sweeper")


def _kill_service(system: System, name: str) -> bool:
    group = system.supervisor.pids().get(name)
    if group is None:
        return False
    os.killpg(group, signal.SIGKILL)
    return True


KILLERS = (kill_child, kill_child, kill_group, kill_sweeper)


class Customers:
    """Sends cases in from a thread of its own; `accepted` are those that the gateway took."""

    def __init__(self, system: System) -> None:
        self.accepted: list[UUID] = []
        self._system = system
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for _ in range(CASES):
            self.accepted.append(submit_case(self._system))

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()


@pytest.fixture
def rng() -> random.Random:
    seed = random.SystemRandom().randrange(10**6)
    print(f"chaos seed {seed}")  # noqa: T201 - shown by pytest when the test fails
    return random.Random(seed)


def test_no_case_is_lost_and_no_stage_has_effect_twice(
    start_system: Callable[..., System],
    servers: embedded.Servers,
    broker: redis.Redis,
    rng: random.Random,
) -> None:
    system = start_system(QUICK_WORK_S=str(WORK_S))
    customers = Customers(system)
    faults = {
        KILLS // 3: broker.flushall,
        KILLS // 2: lambda: embedded.restart_valkey(servers, kill=True),
        2 * KILLS // 3: lambda: embedded.restart_postgres(servers, kill=True, down_s=0.5),
    }
    killed = 0
    while killed < KILLS:
        if rng.choice(KILLERS)(system, rng):
            killed += 1
            faults.get(killed, bool)()
        tend_for(system, rng.uniform(*PAUSE_S))
    wait_for(lambda: customers.done, 60, tend=system.supervisor.tend)
    assert len(customers.accepted) == CASES
    wait_for(lambda: not unsettled(system, customers), 120, tend=system.supervisor.tend)
    for case_id in customers.accepted:
        assert_ended_once(system, case_id)
    report = audit.verify(system.store)
    assert report.first_bad is None, report.reason


def tend_for(system: System, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        system.supervisor.tend()
        time.sleep(0.05)


def unsettled(system: System, customers: Customers) -> list[UUID]:
    try:
        return [
            case_id
            for case_id in customers.accepted
            if cases.get_case(system.store, case_id).status is CaseStatus.PROCESSING
        ]
    except OperationalError:
        return customers.accepted


def assert_ended_once(system: System, case_id: UUID) -> None:
    """One verdict; every engine stage done or dead once; a case with a stage given up is in review."""
    case = cases.get_case(system.store, case_id)
    dead = [stage for stage in ENGINE_STAGES if case.stages[stage].status == "dead"]
    assert case.verdict is not None
    if dead:
        assert case.status is CaseStatus.REVIEW
        assert {r["code"] for r in case.verdict.reasons} == {ReasonCode.ENGINE_UNAVAILABLE}
    else:
        assert case.status is CaseStatus.APPROVED
    ends = Counter(
        event.payload.get("stage")
        for event in audit.events(system.store, case_id)
        if event.kind in ("stage_done", "stage_dead")
    )
    assert ends == Counter({str(stage): 1 for stage in ENGINE_STAGES})
    assert case.stages[Stage.DECIDE].status == "done"
