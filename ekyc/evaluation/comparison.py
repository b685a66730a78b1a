"""Fields as printed and as read, side by side, and how often they are the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ekyc.evaluation.dataset import CardTruth
from ekyc.evaluation.records import CardRecord, FieldRead
from ekyc.evaluation.statistics import (
    ErrorRate,
    Share,
    edits_between,
    error_rate,
    one_placement,
)

#: Columns of the comparison with other engines.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "ID number": ("id_number",),
    "dates, sex, nationality": (
        "date_of_birth", "date_of_issue", "date_of_expiry", "sex", "nationality",
    ),
    "full name": ("full_name",),
    "addresses": ("place_of_origin", "place_of_birth", "place_of_residence"),
}  # fmt: skip
#: Free Vietnamese text, whose letters are counted.
TEXT_FIELDS = (
    "full_name", "place_of_origin", "place_of_birth", "place_of_residence", "personal_identification",
)  # fmt: skip
#: In the QR code alone: no print could say it.
_NEVER_PRINTED = ("old_id_number",)


class View(StrEnum):
    """Which values are counted: with the help of QR code and MRZ, or print alone."""

    FUSED = "fused"
    PRINTED = "printed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One field of one card: the truth and what was read, None if nothing."""

    card: CardTruth
    record: CardRecord
    name: str
    truth: str
    read: FieldRead | None

    @property
    def right(self) -> bool:
        """Whether the value is the truth, letter by letter."""
        return self.read is not None and self.read.value == self.truth

    @property
    def right_but_for_placement(self) -> bool:
        """Whether it is, once tone marks stand in one of the two places that spelling allows."""
        return self.read is not None and one_placement(self.read.value) == one_placement(self.truth)

    @property
    def edits(self) -> int:
        """Edits from the truth to what was read; all its letters if nothing was."""
        return edits_between(self.truth, self.read.value if self.read else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFigures:
    """How often a field, or a group of them, is right. `read_cer` leaves out what was not read at all."""

    strict: Share
    placed: Share
    missing: int
    cer: ErrorRate
    read_cer: ErrorRate


Pair = tuple[CardTruth, CardRecord]


def is_to_be_read(card: CardTruth) -> bool:
    """Say whether a card is to be read: a person can, and nothing about it is to be refused."""
    return card.readable and card.expect is None


def compared(pairs: Iterable[Pair], view: View) -> Iterator[Compared]:
    """Yield every printed field of the cards that were not refused."""
    for card, record in pairs:
        if record.rejected is not None:
            continue
        fields = record.fused if view is View.FUSED else record.printed
        for name, truth in card.fields.items():
            if view is View.FUSED or name not in _NEVER_PRINTED:
                yield Compared(
                    card=card, record=record, name=name, truth=truth, read=fields.get(name)
                )


def field_figures(rows: Sequence[Compared]) -> FieldFigures:
    """Count how often fields are right."""
    edits: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    read_edits: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        for counts in (edits, read_edits) if row.read else (edits,):
            counts[row.card.id][0] += row.edits
            counts[row.card.id][1] += len(row.truth)
    return FieldFigures(
        strict=Share(part=sum(row.right for row in rows), whole=len(rows)),
        placed=Share(part=sum(row.right_but_for_placement for row in rows), whole=len(rows)),
        missing=sum(row.read is None for row in rows),
        cer=error_rate([(a, b) for a, b in edits.values()]),
        read_cer=error_rate([(a, b) for a, b in read_edits.values()]),
    )


def field_groups(rows: Sequence[Compared]) -> dict[str, FieldFigures]:
    """Count the groups of fields that engines are compared by."""
    return {
        group: field_figures([row for row in rows if row.name in names])
        for group, names in GROUPS.items()
    }
