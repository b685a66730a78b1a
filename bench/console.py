"""Server time of the console's pages with 10,000 cases in the database, the queue's long poll included.

Pages are asked for through the real application in this process, as gunicorn's threads do; Postgres is another process.
Wall time is what a person waits. CPU time depends less on what else the machine does: of this process, which is the
gateway's share, and of Postgres and Valkey, which are its children here.

Run: python -m bench.console [--cases 10000] [--rounds 200]
(from the repository root; it starts its own servers)
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import json
import math
import os
import re
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import psutil
from flask.testing import FlaskClient
from pydantic import SecretStr

from api import create_app
from api.settings import GatewaySettings
from bench.console_cases import seed_cases
from ekyc import embedded
from pipeline.findings import LivenessFinding
from store.database import open_store
from store.migrate import upgrade
from store.users import Role, create_user
from tests.integration.api.console.test_case_page import judged_case, liveness

PASSWORD = "only for this bench"
WARM_UP = 5
PAGES = {
    "queue, review": "/console/queue",
    "queue, all statuses": "/console/queue?every=true",
    "queue, approved": "/console/queue?status=approved",
    "queue, one branch": "/console/queue?branch=HN-01",
    "queue, one reason": "/console/queue?reason=qr_mismatch",
    "queue, rare reason among rejected": "/console/queue?status=rejected&reason=document_expired",
    "queue, older than 30 min": "/console/queue?older_min=30",
}
ADMIN_PAGES = {"health": "/console/health", "users": "/console/users", "keys": "/console/keys"}


def main() -> None:
    """Measure and print one JSON object."""
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ekyc-bench-")))
        servers = stack.enter_context(embedded.running(folder / "servers", tied=True))
        settings = GatewaySettings(
            database_url=servers.database_url, broker_url=servers.broker_url,
            blob_url=folder.as_uri(), kek=SecretStr(base64.b64encode(os.urandom(32)).decode()),
            rate_limit="1000000/minute", log_level="ERROR",
        )  # fmt: skip
        upgrade(settings.database_url)
        seed_cases(settings.database_url.replace("postgresql+psycopg", "postgresql"), options.cases)
        sys.stdout.write(json.dumps(measure(settings, options.rounds), indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200, help="requests of each page")
    return parser.parse_args()


def measure(settings: GatewaySettings, rounds: int) -> dict[str, dict[str, float]]:
    """Return times by page."""
    app, store = create_app(settings), open_store(settings)
    reviewer, admin = app.test_client(), app.test_client()
    for client, role in ((reviewer, Role.REVIEWER), (admin, Role.ADMIN)):
        create_user(
            store, name=f"bench-{role}", role=role, branch=None, password=PASSWORD, actor="bench"
        )
        sign_in(client, f"bench-{role}")
    times = {name: page_times(reviewer, path, rounds) for name, path in PAGES.items()}
    judged = judged_case(store, liveness=ten_seconds())
    times["case in review"] = page_times(reviewer, f"/console/cases/{judged}", rounds)
    times["queue, 20th page"] = page_times(reviewer, deep_page(reviewer, 20), rounds)
    etag = reviewer.get("/console/queue/rows").headers["ETag"]
    known = {"If-None-Match": etag}
    times["queue, one look of a long poll"] = page_times(
        reviewer, "/console/queue/rows", rounds, known
    )
    return {
        **times,
        **{name: page_times(admin, path, rounds) for name, path in ADMIN_PAGES.items()},
    }


def ten_seconds() -> LivenessFinding:
    """The finding of a clip of ten seconds at 25 frames a second, whose signals the case page plots."""
    found, frames = liveness(), 250
    assert found.trace is not None
    trace = dataclasses.replace(
        found.trace, times_s=tuple(n / 25 for n in range(frames)),
        opening=tuple(0.3 + 0.1 * math.sin(n / 9) for n in range(frames)),
        mouth_gain=tuple(1 + 0.2 * math.sin(n / 30) for n in range(frames)),
        yaw_deg=tuple(25 * math.sin(n / 40) for n in range(frames)),
    )  # fmt: skip
    return dataclasses.replace(found, trace=trace)


def sign_in(client: FlaskClient, name: str) -> None:
    """Sign in as a browser does."""
    page = client.get("/console/sign-in").text
    token = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert token is not None
    form = {"token": token.group(1), "name": name, "password": PASSWORD}
    assert client.post("/console/sign-in", data=form).status_code == 303


def deep_page(client: FlaskClient, number: int) -> str:
    """Return the path of a page far into the list of approved cases."""
    path = "/console/queue?status=approved"
    for _ in range(number - 1):
        found = re.search(r'rel="next" href="([^"]+)"', client.get(path).text)
        assert found is not None
        path = found.group(1).replace("&amp;", "&")
    return quote(path, safe="/?=&%")


def page_times(
    client: FlaskClient, path: str, rounds: int, headers: dict[str, str] | None = None
) -> dict[str, float]:
    """Return milliseconds of a page after a warm-up: wall, CPU of the gateway, mean CPU of the servers behind it."""
    wall_ms, cpu_ms, servers_s = [], [], 0.0
    for number in range(rounds + WARM_UP):
        began, began_cpu = time.perf_counter(), time.process_time()
        answer = client.get(path, headers=headers or {})
        took = 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - began_cpu)
        assert answer.status_code in (200, 304), (path, answer.status_code)
        if number == WARM_UP - 1:
            servers_s = _cpu_of_servers_s()
        if number >= WARM_UP:
            wall_ms.append(took[0])
            cpu_ms.append(took[1])
    return {
        "wall_p50_ms": _percentile(wall_ms, 50), "wall_p95_ms": _percentile(wall_ms, 95),
        "cpu_p50_ms": _percentile(cpu_ms, 50), "cpu_p95_ms": _percentile(cpu_ms, 95),
        "servers_cpu_mean_ms": round(1000 * (_cpu_of_servers_s() - servers_s) / rounds, 1),
    }  # fmt: skip


def _cpu_of_servers_s() -> float:
    """CPU seconds of Postgres and Valkey so far."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        times = process.cpu_times()
        total += times.user + times.system
    return total


def _percentile(values: list[float], percent: int) -> float:
    return round(statistics.quantiles(values, n=100)[percent - 1], 1)


if __name__ == "__main__":
    main()
