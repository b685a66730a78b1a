"""Counts of a whole data set: how often right, how wrong, how sure, what was refused and what it cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ekyc.evaluation.comparison import (
    TEXT_FIELDS,
    Compared,
    FieldFigures,
    Pair,
    View,
    compared,
    field_figures,
    field_groups,
    is_to_be_read,
)
from ekyc.evaluation.dataset import CardTruth
from ekyc.evaluation.records import CardRecord
from ekyc.evaluation.statistics import (
    Share,
    is_mark_slip,
    slips,
)

#: A value this sure is taken without a look; how many of those are wrong is a bar of its own.
SURE = 0.98
_EDGES = (0.0, 0.5, 0.8, 0.9, 0.98, 0.995, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Fields of about one confidence."""

    low: float
    high: float
    mean: float
    right: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """What was refused. `expected` counts cards whose reason was known before: those that got one of its codes."""

    readable: Share
    by_reason: Mapping[str, int]
    expected: Share
    unmet: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewFigures:
    """All counts of one view; of cards that a person can read and that were not refused."""

    fields: Mapping[str, FieldFigures]
    groups: Mapping[str, FieldFigures]
    text: FieldFigures
    severities: Mapping[str, Mapping[str, FieldFigures]]
    versions: Mapping[str, Mapping[str, FieldFigures]]
    all_right: Share
    all_right_of_readable: Share
    bins: Sequence[Bin]
    sure_and_wrong: Share
    wrong_of_sure: Share
    invented: Sequence[str]
    mark_slips: Sequence[tuple[str, str, int]]
    other_slips: Sequence[tuple[str, str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that is told about a data set."""

    cards: int
    sides: int
    views: Mapping[View, ViewFigures]
    refusals: Refusals
    version_right: Share
    cpu_median_s: float
    cpu_p95_s: float


def figures(cards: Sequence[CardTruth], records: Sequence[CardRecord]) -> Figures:
    """Count everything.

    Args:
        cards: the truth.
        records: one per card, in the same order.
    """
    pairs = list(zip(cards, records, strict=True))
    readable = [pair for pair in pairs if is_to_be_read(pair[0])]
    per_side = [record.cpu_s / record.sides for record in records if record.cpu_s]
    told = [record.version == card.version for card, record in readable if not record.rejected]
    return Figures(
        cards=len(pairs),
        sides=sum(record.sides for record in records),
        views={view: _view(readable, view) for view in View},
        refusals=_refusals(pairs),
        version_right=Share(part=sum(told), whole=len(told)),
        cpu_median_s=float(np.median(per_side)) if per_side else 0.0,
        cpu_p95_s=float(np.quantile(per_side, 0.95)) if per_side else 0.0,
    )


# ---------------------------------------------------------------- fields


def _view(pairs: Sequence[Pair], view: View) -> ViewFigures:
    rows = list(compared(pairs, view))
    by_card: defaultdict[str, list[bool]] = defaultdict(list)
    for row in rows:
        by_card[row.card.id].append(row.right)
    whole = sum(all(rights) for rights in by_card.values())
    wrong_sure = sum(not row.right for row in _sure(rows))
    marks, others = _slips(row for row in rows if row.name in TEXT_FIELDS)
    return ViewFigures(
        fields=_by(rows, lambda row: row.name),
        groups=field_groups(rows),
        text=field_figures([row for row in rows if row.name in TEXT_FIELDS]),
        severities=_groups_by(rows, lambda row: row.card.severity),
        versions=_groups_by(rows, lambda row: row.card.version),
        all_right=Share(part=whole, whole=len(by_card)),
        all_right_of_readable=Share(part=whole, whole=len(pairs)),
        bins=_bins(rows),
        sure_and_wrong=Share(part=wrong_sure, whole=sum(row.read is not None for row in rows)),
        wrong_of_sure=Share(part=wrong_sure, whole=len(_sure(rows))),
        invented=tuple(_invented(pairs, view)),
        mark_slips=marks,
        other_slips=others,
    )


def _by(rows: Sequence[Compared], key: Callable[[Compared], str]) -> dict[str, FieldFigures]:
    return {name: field_figures(part) for name, part in _parts(rows, key).items()}


def _groups_by(
    rows: Sequence[Compared], key: Callable[[Compared], str]
) -> dict[str, dict[str, FieldFigures]]:
    return {
        name: {**field_groups(part), "all fields": field_figures(part)}
        for name, part in _parts(rows, key).items()
    }


def _parts(rows: Sequence[Compared], key: Callable[[Compared], str]) -> dict[str, list[Compared]]:
    parts: defaultdict[str, list[Compared]] = defaultdict(list)
    for row in rows:
        parts[key(row)].append(row)
    return dict(sorted(parts.items()))


def _sure(rows: Iterable[Compared]) -> list[Compared]:
    return [row for row in rows if row.read is not None and row.read.confidence >= SURE]


def _bins(rows: Sequence[Compared]) -> tuple[Bin, ...]:
    read = [row for row in rows if row.read is not None]
    sures = np.array([row.read.confidence for row in read if row.read is not None])
    rights = np.array([row.right for row in read])
    found = []
    for low, high in pairwise(_EDGES):
        inside = (sures >= low) & ((sures < high) | (high == _EDGES[-1]))
        if inside.any():
            right = Share(part=int(rights[inside].sum()), whole=int(inside.sum()))
            found.append(Bin(low=low, high=high, mean=float(sures[inside].mean()), right=right))
    return tuple(found)


def _slips(
    rows: Iterable[Compared],
) -> tuple[tuple[tuple[str, str, int], ...], tuple[tuple[str, str, int], ...]]:
    """The most frequent confusions: of marks, and all others."""
    marks: Counter[tuple[str, str]] = Counter()
    others: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row.read is not None:
            for wanted, read in slips(row.truth, row.read.value):
                (marks if is_mark_slip(wanted, read) else others)[wanted, read] += 1
    return tuple((*pair, n) for pair, n in marks.most_common(15)), tuple(
        (*pair, n) for pair, n in others.most_common(15)
    )


def _invented(pairs: Iterable[Pair], view: View) -> Iterator[str]:
    """Fields that were read off a print which does not carry them."""
    for card, record in pairs:
        fields = record.fused if view is View.FUSED else record.printed
        for name, read in fields.items():
            if name not in card.fields and read.source == "ocr":
                yield f"{card.id} {name}"


# ---------------------------------------------------------------- refusals


def _refusals(pairs: Sequence[Pair]) -> Refusals:
    readable = [record for card, record in pairs if is_to_be_read(card)]
    refused = [record.rejected for record in readable if record.rejected]
    expected = [(card, record) for card, record in pairs if card.expect is not None]
    unmet = [card.id for card, record in expected if not _is_met(card, record)]
    return Refusals(
        readable=Share(part=len(refused), whole=len(readable)),
        by_reason=dict(Counter(refused).most_common()),
        expected=Share(part=len(expected) - len(unmet), whole=len(expected)),
        unmet=tuple(unmet),
    )


def _is_met(card: CardTruth, record: CardRecord) -> bool:
    given = {record.rejected, *record.failed_checks}
    return not given.isdisjoint(card.expect or ())
