"""Do QR code, MRZ and chip contradict one another? What the print says plays no part here."""

from __future__ import annotations

from itertools import combinations

from pipeline.card.crosscheck import EXACT_FIELDS, same_text
from pipeline.card.mrz import MrzContent
from pipeline.card.phrases import fold
from pipeline.card.qr import QrContent
from pipeline.chip.content import ChipContent
from pipeline.findings import FieldName, Source

#: An address may be worded differently in two registers, so it is no ground for suspicion.
_COMPARED = (*EXACT_FIELDS, FieldName.FULL_NAME, FieldName.OLD_ID_NUMBER)


def differing_codes(
    qr: QrContent | None, mrz: MrzContent | None, chip: ChipContent | None
) -> tuple[tuple[FieldName, Source, Source], ...]:
    """Return the fields that two codes give differently, with both sources.

    Numbers, dates and sex must be equal, names equal up to case and placement of tone marks. An MRZ was read by eye:
    it counts only if its check digits fit, and its name, which has none, is left out.
    """
    said: dict[Source, dict[FieldName, str]] = {}
    if qr is not None:
        said[Source.QR] = dict(qr.fields)
    if mrz is not None and mrz.sound:
        said[Source.MRZ] = {k: v for k, v in mrz.fields.items() if k is not FieldName.FULL_NAME}
    if chip is not None:
        said[Source.CHIP] = dict(chip.fields)
    return tuple(
        (name, a, b)
        for name in FieldName
        if name in _COMPARED
        for a, b in combinations(said, 2)
        if name in said[a] and name in said[b] and not _equal(name, said[a][name], said[b][name])
    )


def latin_names_fit(name: str, latin: str, *, cut: bool) -> bool:
    """Return whether a Vietnamese name, written in A-Z, is the `latin` one, of which the end may be missing."""
    ours, theirs = fold(name), fold(latin)
    return ours.startswith(theirs) if cut else ours == theirs


def _equal(name: FieldName, a: str, b: str) -> bool:
    return same_text(a, b) if name is FieldName.FULL_NAME else a == b
