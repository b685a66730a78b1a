"""Running totals: how long stages took, what was decided and why, what failed; counted from the audit chain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text

from store.database import Store

#: Upper edges in seconds: from a quick decision to a clip on a busy CPU, then to a case that waited for its retake.
BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
#: Events that one reading counts at most; a server that was not read for long catches up in a few.
AT_MOST = 20_000

_COUNT = text("SELECT count_events(:at_most, CAST(:buckets_s AS double precision[])) AS counted")
_READ = text("SELECT name, labels, value FROM tallies")
_ADD = text(
    "INSERT INTO tallies (name, labels, value)"
    " VALUES (:name, jsonb_build_object('stage', CAST(:stage AS text)), :number)"
    " ON CONFLICT (name, labels) DO UPDATE SET value = tallies.value + excluded.value"
)

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How many took at most so long: `at_most` in the order of `BUCKETS_S`, cumulative."""

    at_most: tuple[float, ...]
    count: float
    sum_s: float

    def quantile(self, share: float) -> float | None:
        """Return a bound of the quantile in seconds, interpolated within its bucket; None beyond the last one."""
        wanted, below, low_s = share * self.count, 0.0, 0.0
        for edge_s, reached in zip(BUCKETS_S, self.at_most, strict=True):
            if reached >= wanted and reached > below:
                return low_s + (edge_s - low_s) * (wanted - below) / (reached - below)
            below, low_s = reached, edge_s
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """One reading; counters by their labels in the order of the metric."""

    stage_seconds: Mapping[str, Histogram]
    case_seconds: Mapping[str, Histogram]
    counters: Mapping[str, Mapping[Labels, float]]


#: Counter -> its labels.
COUNTERS: Mapping[str, Labels] = {
    "stage_failures": ("stage", "error"),
    "stages_dead": ("stage",),
    "leases_expired": ("stage",),
    "verdicts": ("outcome",),
    "reasons": ("code", "weight"),
    "reviews": ("event",),
    "cases_opened": (),
    "events": ("kind",),
}


def read_tallies(store: Store) -> Tallies:
    """Count what came since the last reading, by whomever, and return the totals."""
    store.run(_COUNT, {"at_most": AT_MOST, "buckets_s": list(BUCKETS_S)})
    counters: dict[str, dict[Labels, float]] = {name: {} for name in COUNTERS}
    parts: dict[str, dict[str, dict[object, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in store.run(_READ, {}):
        if row.name in COUNTERS:
            counters[row.name][tuple(str(row.labels[k]) for k in COUNTERS[row.name])] = row.value
        else:
            base, _, part = row.name.rpartition("_")
            parts[base][row.labels["of"]][row.labels.get("le", part)] = row.value
    return Tallies(
        stage_seconds=_histograms(parts["stage_seconds"]),
        case_seconds=_histograms(parts["case_seconds"]),
        counters=counters,
    )


def count_lease_ends(store: Store, stage: str, number: int) -> None:
    """Add leases that ended before the work did: the one total that leaves no event of its own."""
    with store.hot() as connection:
        connection.execute(_ADD, {"name": "leases_expired", "stage": stage, "number": number})


def _histograms(by_label: Mapping[str, Mapping[object, float]]) -> dict[str, Histogram]:
    return {
        of: Histogram(
            at_most=tuple(values.get(edge_s, 0.0) for edge_s in BUCKETS_S),
            count=values["count"],
            sum_s=values["sum"],
        )
        for of, values in sorted(by_label.items())
    }
