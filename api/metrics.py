"""The state of the queue as Prometheus gauges, read from the database at each scrape.

Every process answers the same, for the numbers are not kept in a process; scale on these, not on the broker's lists.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from store.gauges import Gauges
from store.tallies import BUCKETS_S, COUNTERS, Histogram, Tallies

CONTENT_TYPE = CONTENT_TYPE_LATEST

Family = GaugeMetricFamily | CounterMetricFamily | HistogramMetricFamily


class _Snapshot:
    """One reading, in the shape that prometheus-client collects."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> list[Family]:
        gauges = self._gauges
        return [
            *_stages(gauges),
            *_cases(gauges),
            *_totals(gauges.tallies),
            *_workers(gauges),
            *_webhooks(gauges),
            _record(gauges),
        ]


def render(gauges: Gauges) -> bytes:
    """Return one reading as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(gauges))
    return generate_latest(registry)


def _stages(gauges: Gauges) -> list[Family]:
    rows = GaugeMetricFamily("ekyc_stages", "Stages by status.", labels=["stage", "status"])
    oldest = GaugeMetricFamily(
        "ekyc_stage_oldest_pending_seconds", "Age of the oldest pending stage.", labels=["stage"]
    )
    for (stage, status), count in gauges.stages.items():
        rows.add_metric([stage, status], count)
    for stage, age_s in gauges.oldest_pending_s.items():
        oldest.add_metric([stage], age_s)
    return [rows, oldest]


def _cases(gauges: Gauges) -> list[Family]:
    cases = GaugeMetricFamily("ekyc_cases", "Cases by status.", labels=["status"])
    for status, count in gauges.cases.items():
        cases.add_metric([status], count)
    return [cases]


#: Counter -> what it counts.
_WORDS = {
    "stage_failures": "Attempts at a stage that ended with an error of ours.",
    "stages_dead": "Stages that were given up.",
    "leases_expired": "Leases that ended before the work did: a worker died or was too slow.",
    "verdicts": "Verdicts by the system.",
    "reasons": "Reasons of verdicts.",
    "reviews": "Verdicts by people.",
    "cases_opened": "Cases that were opened.",
    "events": "Events of the audit chain.",
}


def _totals(tallies: Tallies) -> list[Family]:
    families: list[Family] = [
        _histogram("ekyc_stage_duration_seconds", "Work on a stage.", "stage", tallies.stage_seconds),
        _histogram("ekyc_case_duration_seconds", "From submit to verdict.", "outcome", tallies.case_seconds),
    ]  # fmt: skip
    for name, labels in COUNTERS.items():
        family = CounterMetricFamily(f"ekyc_{name}", _WORDS[name], labels=labels)
        for values, number in tallies.counters[name].items():
            family.add_metric(values, number)
        families.append(family)
    return families


def _histogram(name: str, words: str, label: str, rows: Mapping[str, Histogram]) -> Family:
    family = HistogramMetricFamily(name, words, labels=[label])
    for value, row in rows.items():
        edges = [(str(s), n) for s, n in zip(BUCKETS_S, row.at_most, strict=True)]
        family.add_metric([value], buckets=[*edges, ("+Inf", row.count)], sum_value=row.sum_s)
    return family


def _workers(gauges: Gauges) -> list[Family]:
    alive = GaugeMetricFamily(
        "ekyc_workers_alive", "Workers whose heart beats.", labels=["queue", "device"]
    )
    for (queue, device), count in gauges.workers_alive.items():
        alive.add_metric([queue, device], count)
    models = GaugeMetricFamily(
        "ekyc_models_loaded", "Live workers that hold a model.", labels=["queue", "model", "sha256"]
    )
    for labels, count in gauges.models.items():
        models.add_metric(labels, count)
    return [alive, models]


def _webhooks(gauges: Gauges) -> list[Family]:
    open_ = GaugeMetricFamily(
        "ekyc_webhook_deliveries", "Webhook deliveries not made.", labels=["status"]
    )
    for status, count in gauges.deliveries.items():
        open_.add_metric([status], count)
    lag = GaugeMetricFamily(
        "ekyc_outbox_lag_seconds", "Age of the oldest event that an active endpoint was not told."
    )
    lag.add_metric([], gauges.outbox_lag_s)
    return [open_, lag]


def _record(gauges: Gauges) -> Family:
    age = GaugeMetricFamily(
        "ekyc_unanchored_seconds", "Age of the oldest audit event that no anchor covers."
    )
    age.add_metric([], gauges.unanchored_s)
    return age
