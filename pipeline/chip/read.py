"""A chip's upload in, its content out: files parsed, authenticated, and brought into the form of printed fields."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from pipeline.card.codes import latin_names_fit
from pipeline.chip.certificate import Certificate
from pipeline.chip.content import ChipContent
from pipeline.chip.dg1 import Dg1, parse_dg1
from pipeline.chip.dg2 import parse_dg2
from pipeline.chip.dg13 import parse_dg13
from pipeline.chip.document import ChipFile, ChipFiles, parse_document
from pipeline.chip.passive import authenticate
from pipeline.chip.sod import parse_sod
from pipeline.chip.tags import unwrap
from pipeline.findings import ChipFinding, FieldName, Integrity

_F = FieldName


def read_chip(
    document: bytes, authorities: tuple[Certificate, ...], *, today: date | None
) -> ChipContent:
    """Return what a chip says and how far it is to be believed.

    Args:
        document: the upload, see `pipeline.chip.document`.
        authorities: certificates of the country signing authorities that the bank trusts; may be empty.
        today: taken for the day of signing if neither the security object nor DG13 names it.

    Returns:
        The content; without fields and portrait if any file was altered.

    Raises:
        CannotJudge: `chip_unreadable`, with its cause.
    """
    chip = parse_document(document)
    for file, data in chip.files.items():
        unwrap(data, file)
    sod = parse_sod(chip.files[ChipFile.SOD])
    holder = parse_dg13(chip.files[ChipFile.DG13]) if ChipFile.DG13 in chip.files else None
    finding = authenticate(chip, sod, authorities, _moment(holder, today))
    if finding.integrity is not Integrity.OK:
        return ChipContent(fields={}, finding=finding)
    return _content(chip, finding, parse_dg1(chip.files[ChipFile.DG1]), holder)


def _moment(holder: dict[FieldName, str] | None, today: date | None) -> datetime | None:
    """Noon of the day of issue, which DG13 names."""
    issued = (holder or {}).get(_F.DATE_OF_ISSUE)
    day = date.fromisoformat(issued) if issued else today
    return datetime.combine(day, time(12), UTC) if day else None


def _content(
    chip: ChipFiles, finding: ChipFinding, zone: Dg1, holder: dict[FieldName, str] | None
) -> ChipContent:
    portrait = parse_dg2(chip.files[ChipFile.DG2]) if ChipFile.DG2 in chip.files else None
    causes = list(finding.causes)
    if ChipFile.DG2 in chip.files and portrait is None:
        causes.append("dg2_unknown_layout")
    if ChipFile.DG13 in chip.files and holder is None:
        causes.append("dg13_unknown_layout")
    of_zone = zone.zone.fields()
    return ChipContent(
        fields={**of_zone, **(holder or {})},
        finding=ChipFinding(
            integrity=finding.integrity,
            origin=finding.origin,
            files=finding.files,
            causes=tuple(causes),
        ),
        latin_name=zone.name,
        latin_name_is_cut=zone.name_is_cut,
        differing=tuple(_differing(of_zone, zone, holder or {})),
        portrait=portrait,
    )


def _differing(
    of_zone: dict[FieldName, str], zone: Dg1, holder: dict[FieldName, str]
) -> list[FieldName]:
    """Fields that DG1 and DG13 both hold and give differently."""
    differing = [name for name, value in of_zone.items() if holder.get(name, value) != value]
    name = holder.get(_F.FULL_NAME)
    if name is not None and not latin_names_fit(name, zone.name, cut=zone.name_is_cut):
        differing.append(_F.FULL_NAME)
    return differing
