"""Dashboard and alerts name nothing that /metrics does not serve."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from store import queue
from store.database import Store
from tests.integration.api.desk import Desk, decide_case

OPS = Path(__file__).resolve().parents[3] / "docs" / "ops"
NAME = re.compile(r"\bekyc_[a-z_]+")


def _served(text: str) -> set[str]:
    families = set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))
    return families | {f"{f}{end}" for f in families for end in ("_bucket", "_sum", "_count")}


def _expressions() -> list[str]:
    rules = yaml.safe_load((OPS / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    panels = json.loads((OPS / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    shown = [target["expr"] for panel in panels for target in panel["targets"]]
    return [*(rule["expr"] for rule in rules), *shown]


def test_every_metric_that_is_watched_is_served(capture: Desk, store: Store) -> None:
    case_id = capture.submitted_case()
    decide_case(store, case_id)
    served = _served(capture.call("GET", "/metrics").text)
    asked = {name for expression in _expressions() for name in NAME.findall(expression)}
    assert len(asked) > 12
    assert asked <= served, sorted(asked - served)


def test_an_expired_lease_and_a_dead_stage_are_counted(capture: Desk, store: Store) -> None:
    case_id = capture.submitted_case()
    del case_id
    for _ in range(queue.MAX_ATTEMPTS):
        (claim,) = queue.claim(store, queue.Stage.READ_CARD, worker="w", lease_s=-1)
        queue.sweep(store, pending_grace_s=0)
    assert claim.attempt == queue.MAX_ATTEMPTS
    text = capture.call("GET", "/metrics").text
    assert f'ekyc_leases_expired_total{{stage="read_card"}} {queue.MAX_ATTEMPTS}.0' in text
    assert 'ekyc_stages_dead_total{stage="read_card"} 1.0' in text
    assert 'ekyc_stage_failures_total{error="lease_ended",stage="read_card"} 1.0' in text


def test_a_scrape_scans_no_case_that_is_over(store: Store) -> None:
    from sqlalchemy import text

    from store.gauges import _CASES, _STAGES

    with store.hot() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        for query in (_CASES, _STAGES):
            plan = "\n".join(row[0] for row in connection.execute(text(f"EXPLAIN {query.text}")))
            assert "Seq Scan" not in plan, plan
        connection.execute(text("RESET enable_seqscan"))
