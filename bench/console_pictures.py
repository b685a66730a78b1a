"""Pictures of the console's pages for the documentation, drawn by a real browser over seeded cases.

Run: python -m bench.console_pictures [--out docs/pictures]
(from the repository root; it starts its own servers and needs chromium and chromedriver)
"""

from __future__ import annotations

import argparse
import base64
import logging
import os
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
from pydantic import SecretStr
from werkzeug.serving import make_server

from api import create_app
from api.settings import GatewaySettings
from bench.console_cases import seed_cases
from ekyc import embedded
from pipeline.case import CaseStatus
from pipeline.findings import ModelRef
from pipeline.stages import QUEUES
from store import webhooks
from store.api_keys import Scope, create_key
from store.database import Store, open_store
from store.heartbeats import beat
from store.migrate import upgrade
from store.review_claims import claim_review
from store.users import Role, create_user, find_user
from store.webhooks import EventKind
from store.work_queue import QueueFilter, list_queue
from tests.e2e.browsing import chromium, find, look, sign_in

PASSWORD = "only for these pictures"
CASES = 1200
#: Of a few cases: what operators look for on the health page.
BROKEN = (
    "UPDATE stages SET status = 'dead', attempts = 3, error_code = 'engine_crashed', finished_at = now()"
    " WHERE stage = 'read_card' AND case_id IN (SELECT id FROM cases WHERE status = 'review' LIMIT 2)"
)
TOLD = (
    "WITH told AS (INSERT INTO outbox (case_id, kind, payload) SELECT id, 'case_decided', '{}' FROM cases"
    "   WHERE status IN ('approved', 'review') ORDER BY status_since DESC LIMIT 30 RETURNING id, case_id)"
    " INSERT INTO webhook_deliveries (outbox_id, endpoint_id, case_id, status, attempts, http_status, error_code)"
    " SELECT told.id, e.id, told.case_id,"
    "   CASE told.id % 6 WHEN 0 THEN 'dead' WHEN 1 THEN 'pending' ELSE 'delivered' END,"
    "   CASE told.id % 6 WHEN 0 THEN 20 ELSE 1 END, CASE told.id % 6 WHEN 0 THEN 503 ELSE 204 END,"
    "   CASE told.id % 6 WHEN 0 THEN 'http_status' END FROM told, webhook_endpoints e"
)


def main() -> None:
    """Draw all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    out = parser.parse_args().out
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ekyc-pictures-")))
        servers = stack.enter_context(embedded.running(folder / "servers", tied=True))
        settings = GatewaySettings(
            database_url=servers.database_url, broker_url=servers.broker_url,
            blob_url=folder.as_uri(), kek=SecretStr(base64.b64encode(os.urandom(32)).decode()),
            log_level="ERROR",
        )  # fmt: skip
        upgrade(settings.database_url)
        store = open_store(settings)
        prepare(store, settings)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.shutdown)
        driver = stack.enter_context(chromium(folder / "profile"))
        draw(driver, f"http://127.0.0.1:{server.port}", out, store)


def prepare(store: Store, settings: GatewaySettings) -> None:
    """Fill the database with what the pages show."""
    dsn = settings.database_url.replace("postgresql+psycopg", "postgresql")
    for name, role, branch in (
        ("nv-0117", Role.REVIEWER, None), ("nv-0342", Role.REVIEWER, "HN-01"),
        ("kt-0008", Role.AUDITOR, None), ("qt-0001", Role.ADMIN, None),
    ):  # fmt: skip
        create_user(store, name=name, role=role, branch=branch, password=PASSWORD, actor="pictures")
    for name, scope, branch in (
        ("quầy giao dịch HN-01", Scope.CAPTURE, "HN-01"), ("core banking", Scope.BACKOFFICE, None),
    ):  # fmt: skip
        create_key(store, name=name, scopes={scope}, branch=branch, actor="pictures")
    webhooks.add_endpoint(
        store, url="https://core.bank.example/ekyc/events", kinds=list(EventKind), allow_http=False,
        actor="pictures",
    )  # fmt: skip
    show_life(store)
    seed_cases(dsn, CASES)
    with psycopg.connect(dsn) as connection:
        connection.execute(BROKEN)
        connection.execute(TOLD)
    second = list_queue(store, QueueFilter(statuses=(CaseStatus.REVIEW,))).items[1]
    claim_review(store, second.id, actor=find_user(store, "nv-0342").actor, lease_s=3600)


def show_life(store: Store) -> None:
    """Let a worker of each queue give a sign of life."""
    for queue in QUEUES.values():
        beat(
            store, worker=f"branch-server-{queue}", queue=queue, device="cpu", pid=4711, host="branch-server",
            models=[ModelRef(name="vn_card_rec", sha256="3f" * 32)] if queue == "ocr" else [],
        )  # fmt: skip


def draw(driver: Any, url: str, out: Path, store: Store) -> None:
    """Take every picture, Vietnamese and light unless the name says otherwise."""

    def take(name: str, path: str, *, height: int = 900, **settings: Any) -> None:
        look(driver, height=height, **settings)
        driver.get(f"{url}/console{path}")
        driver.save_screenshot(str(out / f"console-{name}.png"))

    take("sign-in", "/sign-in", height=640)
    look(driver)
    _visit(driver, url, "nv-0117", lambda: _reviewer(driver, take))
    show_life(store)
    _visit(driver, url, "qt-0001", lambda: _admin(driver, take))


def _visit(driver: Any, url: str, name: str, do: Callable[[], None]) -> None:
    sign_in(driver, url, name, PASSWORD)
    do()
    driver.delete_all_cookies()


def _reviewer(driver: Any, take: Callable[..., None]) -> None:
    take("queue", "/queue")
    take("queue-zoom-200", "/queue", zoom=2)
    take("queue-dark", "/queue?every=true", dark=True)
    _english(driver)
    take("queue-en-dark", "/queue?status=review&older_min=30", dark=True)
    take("password-en-dark", "/password", dark=True, height=640)
    take("problem-en", "/nowhere", height=480)


def _admin(driver: Any, take: Callable[..., None]) -> None:
    take("health", "/health", height=1250)
    take("users", "/users", height=640)
    take("keys", "/keys", height=640)
    take("webhooks", "/webhooks", height=560)
    take("deliveries", "/deliveries", height=900)
    _english(driver)
    take("health-en-dark", "/health", dark=True, height=1250)


def _english(driver: Any) -> None:
    find(driver, 'button[value="en"]').click()
    find(driver, 'html[lang="en"]')


if __name__ == "__main__":
    main()
