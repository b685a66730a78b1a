"""The state of the queue as Prometheus gauges, read from the database at each scrape.

Every process answers the same, for the numbers are not kept in a process; scale on these, not on the broker's lists.
"""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily

from store.gauges import Gauges

CONTENT_TYPE = CONTENT_TYPE_LATEST

Family = GaugeMetricFamily | CounterMetricFamily | SummaryMetricFamily


class _Snapshot:
    """One reading, in the shape that prometheus-client collects."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> list[Family]:
        gauges = self._gauges
        return [
            *_stages(gauges),
            *_cases(gauges),
            _workers(gauges),
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
    took = SummaryMetricFamily(
        "ekyc_stage_duration_seconds", "Work of the stages that are done.", labels=["stage"]
    )
    for (stage, status), count in gauges.stages.items():
        rows.add_metric([stage, status], count)
    for stage, age_s in gauges.oldest_pending_s.items():
        oldest.add_metric([stage], age_s)
    for stage, (count, total_s) in gauges.durations_s.items():
        took.add_metric([stage], count_value=count, sum_value=total_s)
    return [rows, oldest, took]


def _cases(gauges: Gauges) -> list[Family]:
    cases = GaugeMetricFamily("ekyc_cases", "Cases by status.", labels=["status"])
    verdicts = CounterMetricFamily("ekyc_verdicts", "Verdicts by outcome.", labels=["outcome"])
    for status, count in gauges.cases.items():
        cases.add_metric([status], count)
    for outcome, count in gauges.verdicts.items():
        verdicts.add_metric([outcome], count)
    return [cases, verdicts]


def _workers(gauges: Gauges) -> Family:
    alive = GaugeMetricFamily(
        "ekyc_workers_alive", "Workers whose heart beats.", labels=["queue", "device"]
    )
    for (queue, device), count in gauges.workers_alive.items():
        alive.add_metric([queue, device], count)
    return alive


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
