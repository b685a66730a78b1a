"""DG1: the machine readable zone, as data (ICAO 9303-10, 4.7.1)."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.card.td1 import LINE_LENGTH, Td1, latin_name, split_td1
from pipeline.chip.document import ChipFile, unreadable
from pipeline.chip.tags import inner, unwrap

#: Tag 5F1F: class application, number 31.
_MRZ = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Dg1:
    """The parts of the zone; the name fills its line to the last character if `name_is_cut`."""

    zone: Td1
    name: str
    name_is_cut: bool


def parse_dg1(data: bytes) -> Dg1:
    """Return the zone of DG1.

    Args:
        data: the file as read, tag 61.

    Raises:
        CannotJudge: `chip_unreadable`: malformed, not the TD1 of a Vietnamese card, or with check digits that do not
            fit; no issuer signs that, so it is not judged.
    """
    zone = inner(unwrap(data, ChipFile.DG1), _MRZ)
    if zone is None:
        raise unreadable("malformed", ChipFile.DG1)
    try:
        text = zone.decode("ascii")
        first, second, third = (text[i : i + LINE_LENGTH] for i in range(0, len(text), LINE_LENGTH))
        parts = split_td1(first, second)
    except ValueError:
        raise unreadable("not_a_vietnamese_card", ChipFile.DG1) from None
    if parts.failed_checks():
        raise unreadable("check_digits", ChipFile.DG1)
    return Dg1(zone=parts, name=latin_name(third), name_is_cut=not third.endswith("<"))
