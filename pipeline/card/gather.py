"""Gather what print, QR code, MRZ and chip of a card say, each field beside the others."""

from __future__ import annotations

from pipeline.card.authority import read_authority
from pipeline.card.confidence import with_confidence
from pipeline.card.fields import read_fields
from pipeline.card.mrz import MrzContent, read_mrz
from pipeline.card.printed import PrintedField
from pipeline.card.qr import QrScan
from pipeline.card.qr_scan import scan_qr
from pipeline.card.recognise import TextRecogniser
from pipeline.card.second_look import look_again_for_issuer
from pipeline.card.side import SideReading, Stopwatch
from pipeline.card.sides import Sides
from pipeline.card.sources import Printed, Sources, compare_sources
from pipeline.card.text import TextReader
from pipeline.card.version import HAS_MRZ, QR_SIDE
from pipeline.chip.judged import JudgedChip
from pipeline.findings import CardVersion, FieldName


def read_sources(sides: Sides, chip: JudgedChip, reader: TextReader, watch: Stopwatch) -> Sources:
    """Read what each source of a card says, and compare them.

    Args:
        sides: at least one.
        chip: as it was judged.
        reader: for the issuer under a stamp, and letters of the machine-readable zone.
        watch: measures the steps "fields", "qr" and "mrz".
    """
    version = sides.any.kind.version
    printed = watch.run("fields", lambda: _printed(sides, version, reader))
    scan = watch.run("qr", lambda: _scan_qr(sides, version))
    mrz = watch.run("mrz", lambda: _read_mrz(sides.back, reader.recognise))
    qr_side = QR_SIDE.get(version, "front")
    return compare_sources(printed, scan.content, mrz, qr_side, chip=chip.content, scan=scan)


def _read_mrz(back: SideReading | None, recognise: TextRecogniser) -> MrzContent | None:
    if back is None or back.kind.version not in HAS_MRZ:
        return None
    return read_mrz(back.lines, back.card.image, recognise)


def _printed(sides: Sides, version: CardVersion, reader: TextReader) -> dict[FieldName, Printed]:
    found: dict[FieldName, PrintedField] = {}
    side_of: dict[FieldName, str] = {}
    for side, name in ((sides.back, "back"), (sides.front, "front")):
        if side is None:
            continue
        width_px = float(side.card.image.shape[1]) if side.bordered else None
        fields = read_fields(side.lines, version, name, width_px)
        if name == "back" and FieldName.ISSUING_AUTHORITY not in fields:
            fields |= _issuer_again(side, version, reader)
        found |= fields
        side_of |= dict.fromkeys(fields, name)
    sure = with_confidence(found, version)
    return {name: Printed(field=field, side=side_of[name]) for name, field in sure.items()}


def _issuer_again(
    back: SideReading, version: CardVersion, reader: TextReader
) -> dict[FieldName, PrintedField]:
    lines = look_again_for_issuer(back.card.image, back.lines, reader)
    authority = read_authority(lines, version)
    return {FieldName.ISSUING_AUTHORITY: authority} if authority is not None else {}


def _scan_qr(sides: Sides, version: CardVersion) -> QrScan:
    side = {"front": sides.front, "back": sides.back}.get(QR_SIDE.get(version, ""))
    return scan_qr(side.photo, side.card.corners) if side is not None else QrScan()
