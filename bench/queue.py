"""CPU per case of queue and database, against a Celery chord, and CPU of the idle system.

Engines do nothing. Three systems are measured, each summed over every process: workers, sweeper, Postgres, Valkey, and
the one that submits:
- `queue`: claim, complete, fan-in, decide, audit and bells; the findings are canned, no evidence is looked at;
- `whole`: the same with evidence (read, decrypted, tiny pictures decoded, clip looked up); what it costs more than
  `queue` is the handling of evidence;
- `chord`: the usual way to do what `queue` does, see `bench/chord_app.py`.

Run: python -m bench.queue [--cases 300] [--rounds 3] [--idle 30]
(from the repository root; it starts its own servers; of the rounds the cheapest is reported, and the sums of all)
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import Any
from uuid import UUID

import psutil
import sqlalchemy as sa
from PIL import Image

from ekyc import embedded
from ekyc.home import open_home
from ekyc.supervisor import Service, Supervisor
from ekyc.up import System, running_system, wait_ready
from pipeline.challenge import draw_steps
from pipeline.policy import POLICY_V1
from pipeline.stages import QUEUES, EvidenceKind
from store import cases, evidence
from store.database import Store
from store.doorbell import make_producer, ring

ACTOR = "cli"
WARM_UP_CASES = 30


def main() -> None:
    """Measure and print one JSON object."""
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ekyc-bench-")))
        servers = stack.enter_context(embedded.running(folder / "servers", tied=True))
        os.environ["EKYC_DATABASE_URL"] = servers.database_url
        os.environ["EKYC_BROKER_URL"] = servers.broker_url
        report = {
            "cases": options.cases,
            "queue": measure_own(folder / "queue", "bench.canned", options, idle_s=0),
            "whole": measure_own(
                folder / "whole", "tests.e2e.quick_engines", options, idle_s=options.idle
            ),
            "chord": measure_chord(folder, options),
        }
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=300, help="cases a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=float, default=30.0, help="seconds of the idle measurement")
    return parser.parse_args()


# ---------------------------------------------------------------- ours


def measure_own(
    home: Path, engines: str, options: argparse.Namespace, *, idle_s: float
) -> dict[str, object]:
    """Measure our queue, in the processes that `ekyc up` starts; with `idle_s`, what it costs to do nothing."""
    quiet = {
        "EKYC_ENGINES": engines,
        "EKYC_POLICY": POLICY_V1.version,  # its engines read the same card in every case
        "QUICK_WORK_S": "0",
        "EKYC_PENDING_GRACE_S": "3600",  # prepared cases must wait for the measurement
    }
    with running_system(open_home(home), environment=quiet) as system:
        wait_ready(system)
        finish(system, prepare(system.store, WARM_UP_CASES))
        rounds = []
        for _ in range(options.rounds):
            prepared = prepare(system.store, options.cases)
            rounds.append(measure(partial(finish, system, prepared), options.cases))
        if not idle_s:
            return cheapest(rounds)
        time.sleep(5)
        return {**cheapest(rounds), "idle_percent_of_a_core": idle_percent(idle_s)}


def prepare(store: Store, count: int) -> list[UUID]:
    """Open cases with all evidence and ring no bell yet; intake is the gateway's benchmark."""
    picture, rng = _picture(), SystemRandom()
    prepared = []
    for _ in range(count):
        case_id = cases.create_case(
            store, branch=None, reference=None, actor=ACTOR, idempotency=None
        ).case_id
        nonce = rng.randbytes(16).hex()
        cases.issue_challenge(
            store, case_id, steps=draw_steps(rng), excluded=(), nonce=nonce, ttl_s=900, actor=ACTOR
        )
        for kind in EvidenceKind:
            clip = kind is EvidenceKind.CLIP
            evidence.put_evidence(
                store, case_id, kind=kind, data=rng.randbytes(500) if clip else picture,
                mime="video/mp4" if clip else "image/png", actor=ACTOR, nonce=nonce if clip else None,
            )  # fmt: skip
        prepared.append(case_id)
    return prepared


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (80, 80), (120, 120, 120)).save(file, "PNG")
    return file.getvalue()


def finish(system: System, prepared: list[UUID]) -> None:
    """Submit prepared cases, ring for their stages, and wait until all are decided.

    Raises:
        RuntimeError: a case was not approved, so something else was measured.
    """
    bell = make_producer(system.settings.broker_url)
    for case_id in prepared:
        cases.submit_case(system.store, case_id, actor=ACTOR)
        ring(bell, [(stage, case_id) for stage in QUEUES if stage != "decide"])
    waiting = "SELECT count(*) FROM cases WHERE status IN ('open', 'processing')"
    _wait_for_none(system.store.engine, waiting)
    with system.store.hot() as connection:
        if connection.scalar(sa.text("SELECT count(*) FROM cases WHERE status <> 'approved'")):
            raise RuntimeError("not every case was approved")


# ---------------------------------------------------------------- the chord


def measure_chord(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Measure the chord in as many worker processes."""
    os.environ["QUICK_WORK_S"] = "0"
    from bench import chord_app

    chord_app.Base.metadata.create_all(chord_app.engine)
    with Supervisor(folder / "chord-logs") as supervisor:
        for queue in QUEUES.values():
            supervisor.start(Service(name=queue, command=_chord_worker(queue)))
        chord_finish(WARM_UP_CASES)
        work = partial(chord_finish, options.cases)
        return cheapest([measure(work, options.cases) for _ in range(options.rounds)])


def _chord_worker(queue: str) -> tuple[str, ...]:
    return (
        sys.executable, "-m", "celery", "-A", "bench.chord_app", "worker", "-Q", queue, "-c", "1",
        "-n", f"{queue}@bench", "--without-gossip", "--without-mingle", "--without-heartbeat",
    )  # fmt: skip


def chord_finish(count: int) -> None:
    """Submit cases and wait until all are decided."""
    from bench import chord_app

    for _ in range(count):
        chord_app.submit()
    _wait_for_none(chord_app.engine, "SELECT count(*) FROM chord_case WHERE status = 'processing'")


def _wait_for_none(engine: sa.Engine, query: str) -> None:
    while True:
        with engine.connect() as connection:
            if connection.scalar(sa.text(query)) == 0:
                return
        time.sleep(0.2)


# ---------------------------------------------------------------- measuring


def measure(act: Callable[[], None], count: int) -> dict[str, Any]:
    """Return wall time and CPU of all processes for `count` cases."""
    before, began = cpu_s(), time.monotonic()
    act()
    wall_s, after = time.monotonic() - began, cpu_s()
    spent = {name: (after[name] - before.get(name, 0.0)) * 1000 / count for name in after}
    return {
        "cpu_ms_per_case": round(sum(spent.values()), 1),
        "by_process": {name: round(ms, 1) for name, ms in sorted(spent.items())},
        "cases_per_s": round(count / wall_s, 1),
        "load_average": round(os.getloadavg()[0], 1),
    }


def cheapest(rounds: list[dict[str, Any]]) -> dict[str, object]:
    """Return the round that the rest of the machine disturbed least, and the sums of all."""
    best = min(rounds, key=lambda figures: figures["cpu_ms_per_case"])
    return {**best, "rounds": [figures["cpu_ms_per_case"] for figures in rounds]}


def idle_percent(seconds: float) -> float:
    """Return the CPU of all other processes while nothing is to be done, in percent of a core."""
    before = cpu_s()
    time.sleep(seconds)
    after = cpu_s()
    spent = sum(after[n] - before.get(n, 0.0) for n in after if n != "bench")
    return round(spent / seconds * 100, 2)


def cpu_s() -> dict[str, float]:
    """Return CPU seconds so far of this process and all below it, by kind; of the dead too, through their parents."""
    spent: dict[str, float] = {}
    me = psutil.Process()
    for process in (me, *me.children(recursive=True)):
        try:
            times, name = process.cpu_times(), _kind(process, me)
        except psutil.NoSuchProcess:
            continue
        own = times.user + times.system
        reaped = times.children_user + times.children_system if process != me else 0.0
        spent[name] = spent.get(name, 0.0) + own + reaped
    return spent


def _kind(process: psutil.Process, me: psutil.Process) -> str:
    if process == me:
        return "bench"
    command = " ".join(process.cmdline()) or process.name()
    for word in ("postgres", "valkey", "gunicorn", "sweeper"):
        if word in command:
            return word
    if process.ppid() == me.pid:
        return "worker parents"
    return next((f"child {queue}" for queue in QUEUES.values() if queue in command), process.name())


if __name__ == "__main__":
    main()
