"""A chip as a source beside print, QR code and MRZ: the most trusted one, and never a silent one."""

from __future__ import annotations

import pytest

from pipeline.card.fuse import fuse
from pipeline.card.mrz import MrzContent
from pipeline.card.printed import PrintedField
from pipeline.card.qr import QrContent, QrScan
from pipeline.card.source_checks import check_sources
from pipeline.card.sources import Printed, compare_sources
from pipeline.chip.content import ChipContent
from pipeline.findings import (
    CardFinding,
    CardVersion,
    Check,
    ChipFinding,
    FieldName,
    Integrity,
    Origin,
    Source,
)
from pipeline.reasons import ReasonCode
from pipeline.summary import public_summary

F = FieldName
NUMBER, NAME, BIRTH = "038195000000", "ĐẶNG THỊ ÁNH NGUYỆT", "1995-08-15"
VALUES = {F.ID_NUMBER: NUMBER, F.FULL_NAME: NAME, F.DATE_OF_BIRTH: BIRTH}


def printed(values: dict[FieldName, str], weakest: float = 0.95) -> dict[FieldName, Printed]:
    return {
        name: Printed(
            field=PrintedField(value=v, confidence=weakest, weakest=weakest, box=(0, 0, 1, 1)),
            side="front",
        )
        for name, v in values.items()
    }


def chip(
    values: dict[FieldName, str],
    *,
    integrity: Integrity = Integrity.OK,
    origin: Origin = Origin.TRUST_UNKNOWN,
    **more: object,
) -> ChipContent:
    finding = ChipFinding(integrity=integrity, origin=origin, files=("sod", "dg1"))
    return ChipContent(fields=values, finding=finding, **more)  # type: ignore[arg-type]


def qr(values: dict[FieldName, str]) -> QrContent:
    return QrContent(fields=values, field_count=7)


def mrz(values: dict[FieldName, str], failed: tuple[str, ...] = ()) -> MrzContent:
    return MrzContent(
        fields=values, failed=failed, name_is_cut=False, trusted=True, box=(0, 0, 1, 1)
    )


def verdicts(checks: tuple[Check, ...]) -> dict[ReasonCode, bool | None]:
    return {check.code: check.passed for check in checks}


def test_a_chip_that_agrees_is_the_source_of_its_fields() -> None:
    sources = compare_sources(printed(VALUES), None, None, "front", chip=chip(VALUES))
    fused = fuse(sources)
    assert {reading.source for reading in fused.values()} == {Source.CHIP}
    assert all(reading.confidence >= 0.98 for reading in fused.values())
    assert verdicts(check_sources(sources))[ReasonCode.CHIP_MISMATCH] is True


def test_a_slip_of_the_print_takes_the_wording_of_the_chip() -> None:
    slipped = {**VALUES, F.FULL_NAME: "ĐĂNG THỊ ÁNH NGUYỆT"}
    sources = compare_sources(printed(slipped), None, None, "front", chip=chip(VALUES))
    name = fuse(sources)[F.FULL_NAME]
    assert (name.value, name.source) == (NAME, Source.CHIP)
    assert name.readings == {"ocr": "ĐĂNG THỊ ÁNH NGUYỆT", "chip": NAME}


def test_a_chip_of_another_person_is_a_conflict_that_is_kept() -> None:
    other = {**VALUES, F.ID_NUMBER: "001088000000", F.DATE_OF_BIRTH: "1988-01-01"}
    sources = compare_sources(printed(VALUES), None, None, "front", chip=chip(other))
    fused = fuse(sources)
    check = next(c for c in check_sources(sources) if c.code is ReasonCode.CHIP_MISMATCH)
    assert check.passed is False
    assert set(check.fields) == {"id_number", "date_of_birth"}
    assert fused[F.ID_NUMBER].confidence <= 0.5
    assert fused[F.ID_NUMBER].readings == {"ocr": NUMBER, "chip": "001088000000"}
    assert "chip_different" in fused[F.ID_NUMBER].checks


@pytest.mark.parametrize(
    ("integrity", "origin"),
    [(Integrity.FAILED, Origin.UNTRUSTED), (Integrity.OK, Origin.UNTRUSTED)],
)
def test_a_chip_that_is_not_believed_is_no_source(integrity: Integrity, origin: Origin) -> None:
    content = chip(VALUES, integrity=integrity, origin=origin)
    sources = compare_sources(printed({F.ID_NUMBER: NUMBER}), None, None, "front", chip=content)
    assert set(fuse(sources)) == {F.ID_NUMBER}
    assert ReasonCode.CHIP_MISMATCH not in verdicts(check_sources(sources))


def test_fields_that_no_print_shows_come_from_the_chip_of_this_card() -> None:
    more = {**VALUES, F.PLACE_OF_RESIDENCE: "Tổ 5, Đông Vệ, Thanh Hóa"}
    sources = compare_sources(printed(VALUES), None, None, "front", chip=chip(more))
    assert fuse(sources)[F.PLACE_OF_RESIDENCE].confidence == 0.98
    other = {**more, F.ID_NUMBER: "001088000000"}
    sources = compare_sources(printed(VALUES), None, None, "front", chip=chip(other))
    assert fuse(sources)[F.PLACE_OF_RESIDENCE].confidence < 0.8


def test_a_zone_without_vietnamese_name_is_compared_but_names_nobody() -> None:
    zone = chip({F.ID_NUMBER: NUMBER}, latin_name="TRAN VAN BINH")
    sources = compare_sources(printed(VALUES), None, None, "front", chip=zone)
    assert fuse(sources)[F.FULL_NAME].value == NAME
    check = next(c for c in check_sources(sources) if c.code is ReasonCode.CHIP_MISMATCH)
    assert check.fields == ("full_name",)


def test_codes_are_compared_with_each_other_whatever_the_print_says() -> None:
    guessed = printed(VALUES, weakest=0.3)
    of_qr, of_mrz = qr(VALUES), mrz({F.ID_NUMBER: "038195000001", F.DATE_OF_BIRTH: BIRTH})
    sources = compare_sources(guessed, of_qr, of_mrz, "front")
    check = next(c for c in check_sources(sources) if c.code is ReasonCode.CODES_DISAGREE)
    assert (check.passed, check.fields) == (False, ("id_number",))
    assert "qr_mrz_different" in fuse(sources)[F.ID_NUMBER].checks


def test_a_zone_whose_check_digits_fail_accuses_nobody() -> None:
    of_mrz = mrz({F.ID_NUMBER: "038195000001"}, failed=("optional_data",))
    sources = compare_sources(printed(VALUES), qr(VALUES), of_mrz, "front")
    assert verdicts(check_sources(sources))[ReasonCode.CODES_DISAGREE] is True


@pytest.mark.parametrize(
    ("scan", "expected"),
    [
        (QrScan(), {ReasonCode.QR_UNREADABLE: {"seen": False}}),
        (QrScan(seen=True), {ReasonCode.QR_UNREADABLE: {"seen": True}}),
        (
            QrScan(seen=True, odd_parts=3),
            {
                ReasonCode.QR_UNREADABLE: {"seen": True},
                ReasonCode.QR_UNKNOWN_FORMAT: {"parts": 3},
            },
        ),
    ],
)
def test_a_code_that_is_not_read_says_how(
    scan: QrScan, expected: dict[ReasonCode, dict[str, object]]
) -> None:
    checks = check_sources(compare_sources(printed(VALUES), None, None, "front", scan=scan))
    of_qr = {c.code: c.facts for c in checks if str(c.code).startswith("qr_")}
    assert of_qr == expected


def test_files_of_a_chip_that_contradict_each_other_are_told() -> None:
    content = chip(VALUES, differing=(F.DATE_OF_BIRTH,))
    sources = compare_sources(printed(VALUES), qr(VALUES), None, "front", chip=content)
    check = next(c for c in check_sources(sources) if c.code is ReasonCode.CODES_DISAGREE)
    assert (check.passed, check.fields) == (False, ("date_of_birth",))
    assert check.facts == {"within_chip": True}


def test_the_summary_names_conflicts_by_field_and_source_and_holds_no_value() -> None:
    other = {**VALUES, F.ID_NUMBER: "001088000000"}
    content = chip(other)
    sources = compare_sources(printed(VALUES), qr(VALUES), None, "front", chip=content)
    finding = CardFinding(
        version=CardVersion.CHIP_2021, sides=("front",), fields=fuse(sources), checks=(),
        rejected=None, models=(), timing_ms={}, chip=content.finding,
    )  # fmt: skip
    summary = public_summary(finding)
    assert summary["conflicts"] == {"id_number": ["chip_different", "qr_chip_different"]}
    assert summary["chip"] == {
        "integrity": "ok", "origin": "trust_unknown", "files": ["sod", "dg1"], "causes": [],
    }  # fmt: skip
    assert not any(value in str(summary) for value in (NUMBER, "001088000000", NAME, BIRTH))
