"""What was read off one card by print, QR code, MRZ and chip, and how far they agree, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.card.crosscheck import Agreement, compare, compare_latin_name
from pipeline.card.mrz import MrzContent
from pipeline.card.printed import PrintedField
from pipeline.card.qr import NO_CODE, QrContent, QrScan
from pipeline.chip.content import ChipContent
from pipeline.findings import FieldName, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What was read from print, and on which side."""

    field: PrintedField
    side: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Everything that was read off one card. A source that was not read is None."""

    printed: Mapping[FieldName, Printed]
    qr: QrContent | None
    qr_side: str = "front"
    qr_scan: QrScan = NO_CODE
    mrz: MrzContent | None = None
    #: None too if the chip's files were altered or its signer is not the issuer.
    chip: ChipContent | None = None
    agreements: dict[tuple[FieldName, Source], Agreement] = field(default_factory=dict)


def compare_sources(
    printed: Mapping[FieldName, Printed],
    qr: QrContent | None,
    mrz: MrzContent | None,
    qr_side: str,
    *,
    chip: ChipContent | None = None,
    scan: QrScan = NO_CODE,
) -> Sources:
    """Compare print with QR code, MRZ and chip, field by field; `scan` says what became of a code that is not read."""
    chip = chip if chip is not None and chip.is_believed else None
    agreements: dict[tuple[FieldName, Source], Agreement] = {}
    for name, found in printed.items():
        if qr and name in qr.fields:
            agreements[name, Source.QR] = compare(name, found.field, qr.fields[name])
        if mrz and name in mrz.fields:
            agreements[name, Source.MRZ] = _compare_mrz(name, found.field, mrz)
        if chip and (agreement := _compare_chip(name, found.field, chip)):
            agreements[name, Source.CHIP] = agreement
    return Sources(
        printed=printed,
        qr=qr,
        qr_side=qr_side,
        qr_scan=scan,
        mrz=mrz,
        chip=chip,
        agreements=agreements,
    )


def _compare_chip(name: FieldName, printed: PrintedField, chip: ChipContent) -> Agreement | None:
    if name in chip.fields:
        return compare(name, printed, chip.fields[name])
    if name is FieldName.FULL_NAME and chip.latin_name:
        return compare_latin_name(printed, chip.latin_name, cut=chip.latin_name_is_cut)
    return None


def _compare_mrz(name: FieldName, printed: PrintedField, mrz: MrzContent) -> Agreement:
    if name is FieldName.FULL_NAME:
        return compare_latin_name(printed, mrz.fields[name], cut=mrz.name_is_cut)
    agreement = compare(name, printed, mrz.fields[name])
    unsure = agreement is Agreement.DIFFERENT and not (mrz.sound and mrz.trusted)
    return Agreement.UNSURE if unsure else agreement
