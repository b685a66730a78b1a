"""One value per field out of print, QR code, MRZ and chip; what disagrees is kept and reported, never overwritten.

Confidence of a fused value, the probability that it was read right (checked in docs/reports/card-2026-11.md):
- printed alone: the reading's own; at most `_CONFLICT_AT_MOST` if a code contradicts it and none confirms it;
- confirmed by a code: the chance that both are wrong in the same way is `_SHARED_ERROR` of the reading's doubt;
- from a code alone: `_CODE_ALONE` if the code belongs to this card (its number is the printed one), else `_DOUBTFUL`,
  which is too low for an approval;
- from a chip that is believed: its wording, as sure as a confirmed print, or `_CHIP_ALONE` where there is no print to
  compare with; at most `_CONFLICT_AT_MOST` if the print contradicts it.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.card.codes import differing_codes
from pipeline.card.crosscheck import Agreement
from pipeline.card.sources import Sources
from pipeline.findings import FieldName, FieldReading, Source

_F = FieldName
_SHARED_ERROR = 0.02
_AGREED_AT_LEAST, _AGREED_AT_MOST = 0.98, 0.9995
_SLIPPED, _CODE_ALONE, _DOUBTFUL = 0.95, 0.90, 0.60
_CONFLICT_AT_MOST = 0.50
#: A signed value is read without error; the doubt left is whether the chip is this card's.
_CHIP_ALONE = 0.98


def fuse(sources: Sources) -> dict[FieldName, FieldReading]:
    """Return one reading per field that any source holds, in the order of `FieldName`."""
    fused = {name: _fuse_field(name, sources) for name in FieldName}
    return {name: reading for name, reading in fused.items() if reading is not None}


def _fuse_field(name: FieldName, sources: Sources) -> FieldReading | None:
    readings = _readings(name, sources)
    if not readings:
        return None
    printed = sources.printed.get(name)
    source, value, confidence = _choose(name, sources, readings)
    marks = (
        *(f"{other}_{found}" for (of, other), found in sources.agreements.items() if of is name),
        *(
            f"{a}_{b}_different"
            for of, a, b in differing_codes(sources.qr, sources.mrz, sources.chip)
            if of is name
        ),
        *(str(mark) for mark in (printed.field.marks if printed else ())),
    )
    return FieldReading(
        value=value,
        confidence=round(confidence, 4),
        source=source,
        side=printed.side if printed else _side_of(source, sources),
        box=printed.field.box if printed else None,
        readings=readings,
        checks=marks,
    )


def _readings(name: FieldName, sources: Sources) -> dict[str, str]:
    said = {
        Source.OCR: sources.printed[name].field.reading if name in sources.printed else None,
        Source.QR: sources.qr.fields.get(name) if sources.qr else None,
        Source.MRZ: sources.mrz.fields.get(name) if sources.mrz else None,
        Source.CHIP: sources.chip.fields.get(name) if sources.chip else None,
    }
    return {str(source): value for source, value in said.items() if value}


def _side_of(source: Source, sources: Sources) -> str:
    return sources.qr_side if source is Source.QR else "back"


def _choose(
    name: FieldName, sources: Sources, readings: Mapping[str, str]
) -> tuple[Source, str, float]:
    """Source, value and confidence of a field that at least one source holds."""
    if Source.CHIP in readings:
        return Source.CHIP, readings[Source.CHIP], _chip_confidence(name, sources)
    if name not in sources.printed:
        return _from_code(name, sources, readings)
    own = sources.printed[name].field
    said = {s: a for (of, s), a in sources.agreements.items() if of is name}
    agreed = [s for s, a in said.items() if a is Agreement.SAME and _confirms(s, name, sources)]
    confidence = _agreed(own.confidence, len(agreed)) if agreed else own.confidence
    if Agreement.DIFFERENT in said.values():
        return Source.OCR, own.value, confidence if agreed else min(confidence, _CONFLICT_AT_MOST)
    from_qr = _qr_confidence(
        said.get(Source.QR), confidence, sources, confirmed=Source.MRZ in agreed
    )
    if from_qr is not None:
        return Source.QR, readings[Source.QR], from_qr
    doubtful = {Agreement.SLIP, Agreement.UNSURE} & {
        said.get(Source.QR),
        _exact(said.get(Source.MRZ)),
    }
    return Source.OCR, own.value, min(confidence, _DOUBTFUL) if doubtful else confidence


def _confirms(source: Source, name: FieldName, sources: Sources) -> bool:
    """Whether a source can confirm a field letter by letter: an A-Z name has none of the marks that are misread."""
    if name is not _F.FULL_NAME:
        return True
    spoken = {Source.QR: sources.qr, Source.CHIP: sources.chip}.get(source)
    return spoken is not None and name in spoken.fields


def _chip_confidence(name: FieldName, sources: Sources) -> float:
    said = {s: a for (of, s), a in sources.agreements.items() if of is name}
    contradicted = any(
        of is name and Source.CHIP in pair
        for of, *pair in differing_codes(sources.qr, sources.mrz, sources.chip)
    )
    if contradicted or said.get(Source.CHIP) is Agreement.DIFFERENT:
        return _CONFLICT_AT_MOST
    agreed = sum(a is Agreement.SAME for a in said.values())
    if said.get(Source.CHIP) is Agreement.SAME:
        return _agreed(sources.printed[name].field.confidence, agreed)
    number = sources.agreements.get((_F.ID_NUMBER, Source.CHIP))
    alone = _F.ID_NUMBER not in sources.printed
    return _CHIP_ALONE if number is Agreement.SAME or alone else _DOUBTFUL


def _exact(agreement: Agreement | None) -> Agreement | None:
    """A slip against an MRZ is no doubt: its name line has no check digit."""
    return None if agreement is Agreement.SLIP else agreement


def _qr_confidence(
    agreement: Agreement | None, confidence: float, sources: Sources, *, confirmed: bool
) -> float | None:
    """Confidence in the QR code's wording; None if the print's is to be kept."""
    if agreement is Agreement.SAME:
        return confidence
    if agreement is Agreement.SLIP and _same_card(sources):
        return _SLIPPED
    if agreement is Agreement.UNSURE and (confirmed or _same_number(sources)):
        return _CODE_ALONE
    return None


def _agreed(confidence: float, sources: int) -> float:
    doubt = (1 - confidence) * _SHARED_ERROR**sources
    return min(max(1 - doubt, _AGREED_AT_LEAST), _AGREED_AT_MOST)


def _from_code(
    name: FieldName, sources: Sources, readings: Mapping[str, str]
) -> tuple[Source, str, float]:
    """A field that was not read from print. An MRZ name is never a legal name: it has no marks."""
    confidence = _CODE_ALONE if _same_card(sources) else _DOUBTFUL
    if Source.QR in readings:
        return Source.QR, readings[Source.QR], confidence
    if name is _F.FULL_NAME or sources.mrz is None or not sources.mrz.sound:
        return Source.MRZ, readings[Source.MRZ], _DOUBTFUL / 2
    # A back alone has no print that its MRZ could contradict; five check digits speak for the reading.
    alone = _F.ID_NUMBER not in sources.printed and not sources.agreements
    return Source.MRZ, readings[Source.MRZ], _CODE_ALONE if alone else confidence


def _same_number(sources: Sources) -> bool:
    """Whether some code repeats the printed number."""
    return any(
        sources.agreements.get((_F.ID_NUMBER, source)) is Agreement.SAME
        for source in (Source.QR, Source.MRZ)
    )


def _same_card(sources: Sources) -> bool:
    return _same_number(sources) and Agreement.DIFFERENT not in sources.agreements.values()
