"""What the language and the map say about a printed value: marks, and slips of tone in addresses put right."""

from __future__ import annotations

from dataclasses import replace

from pipeline.card.addresses import compare_with_units
from pipeline.card.printed import Mark, PrintedField
from pipeline.card.syllables import odd_words
from pipeline.card.values import Value
from pipeline.findings import FieldName

_F = FieldName
ADDRESSES = frozenset({_F.PLACE_OF_ORIGIN, _F.PLACE_OF_BIRTH, _F.PLACE_OF_RESIDENCE})


def with_plausibility(name: FieldName, printed: PrintedField) -> PrintedField:
    """Return a printed value with what is noticed about it; a name is never changed."""
    if name in ADDRESSES:
        printed = _with_units(printed)
    if name is _F.FULL_NAME and odd_words(printed.value):
        printed = replace(printed, marks=(*printed.marks, Mark.ODD_SYLLABLE))
    return printed


def _with_units(printed: PrintedField) -> PrintedField:
    address = compare_with_units(Value(text=printed.value, scores=printed.scores))
    marks = [Mark.ADDRESS_KNOWN if address.known else Mark.ADDRESS_UNKNOWN]
    if not address.corrected:
        return replace(printed, marks=(*printed.marks, *marks))
    return replace(
        printed,
        value=address.text,
        raw=printed.value,
        marks=(*printed.marks, *marks, Mark.ADDRESS_CORRECTED),
    )
