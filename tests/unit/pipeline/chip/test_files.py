"""The upload and its single files: what is taken, what is refused, and that nothing hostile costs much."""

from __future__ import annotations

import base64
import io
import json
import struct
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from asn1crypto import core
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.chip.authorities import load_authorities
from pipeline.chip.dg2 import parse_dg2, wrap_portrait
from pipeline.chip.dg13 import parse_dg13
from pipeline.chip.document import MAX_FILE_BYTES, ChipFile, format_document, parse_document
from pipeline.chip.judged import chip_checks, judge_chip, verified_portrait
from pipeline.chip.read import read_chip
from pipeline.errors import AuthorityError, CannotJudge
from pipeline.findings import FieldName, Integrity
from pipeline.image import decode_portrait
from pipeline.limits import MAX_CHIP_BYTES
from pipeline.reasons import ReasonCode
from specimen.chip import chip_files, data_groups, security_object, tlv
from specimen.people import Person

from .conftest import SIZE_PX, TODAY, Files, Issuer, picture

Make = Callable[[], Files]
SLOW = settings(
    max_examples=150,
    deadline=2000,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


# ---------------------------------------------------------------- the document


def refused(data: bytes) -> str:
    with pytest.raises(CannotJudge) as problem:
        parse_document(data)
    assert problem.value.reason is ReasonCode.CHIP_UNREADABLE
    return str(problem.value.facts["cause"])


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[]", "not_json"),
        (b"[" * 200_000, "not_json"),
        (b'{"sod": "AA==", "sod": "AA=="}', "duplicate_file"),
        (b'{"sod": "AA==", "dg3": "AA=="}', "unknown_file"),
        (b'{"sod": "AA=="}', "file_missing"),
        (b'{"sod": 7, "dg1": "AA=="}', "not_base64"),
        (b'{"sod": "A A==", "dg1": "AA=="}', "not_base64"),
        ('{"sod": "ă", "dg1": "AA=="}'.encode(), "not_base64"),
        (b'{"sod": "", "dg1": "AA=="}', "file_size"),
        (b" " * (MAX_CHIP_BYTES + 1), "too_large"),
    ],
)
def test_other_documents_are_refused(data: bytes, cause: str) -> None:
    assert refused(data) == cause


@pytest.mark.parametrize("file", ChipFile)
def test_every_file_has_its_limit(file: ChipFile) -> None:
    files = {ChipFile.SOD: b"x", ChipFile.DG1: b"x", file: bytes(MAX_FILE_BYTES[file])}
    assert parse_document(format_document(files)).files[file] == files[file]
    assert refused(format_document({**files, file: bytes(MAX_FILE_BYTES[file] + 1)})) == "file_size"


def test_all_files_at_their_limits_fit_into_a_document() -> None:
    largest = format_document({file: bytes(size) for file, size in MAX_FILE_BYTES.items()})
    assert len(largest) <= MAX_CHIP_BYTES


def test_a_document_never_shows_its_bytes() -> None:
    files = parse_document(format_document({ChipFile.SOD: b"secret", ChipFile.DG1: b"secret"}))
    assert repr(files) == "ChipFiles(sod, dg1)"


# ---------------------------------------------------------------- DG2


def dg2(record: bytes) -> bytes:
    template = tlv("7F60", tlv("A1", tlv("87", b"\x01\x01")) + tlv("5F2E", record))
    return tlv("75", tlv("7F61", tlv("02", b"\x01") + template))


@pytest.mark.parametrize("kind", ["JPEG", "JPEG2000"])
def test_the_portrait_is_unpacked_and_decodes(kind: str) -> None:
    encoded = picture(kind)
    record = wrap_portrait(encoded, is_jpeg_2000=kind == "JPEG2000", size_px=SIZE_PX)
    found = parse_dg2(dg2(record))
    assert found == encoded
    assert decode_portrait(found).shape == (SIZE_PX[1], SIZE_PX[0], 3)


def test_feature_points_are_skipped() -> None:
    encoded = picture()
    record = wrap_portrait(encoded, is_jpeg_2000=False, size_px=SIZE_PX)
    block, _ = struct.unpack_from(">IH", record, 14)
    with_points = (
        record[:14] + struct.pack(">IH", block + 16, 2) + record[20:34] + bytes(16) + record[34:]
    )
    assert parse_dg2(dg2(with_points)) == encoded


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"FAC\x00030\x00" + bytes(200),
        b"FAC\x00010\x00" + bytes(4),
        b"FAC\x00010\x00" + b"\xff" * 200,
        wrap_portrait(b"GIF89a", is_jpeg_2000=False, size_px=(1, 1)),
    ],
)
def test_another_record_has_no_portrait(record: bytes) -> None:
    assert parse_dg2(dg2(record)) is None


def test_a_portrait_that_does_not_decode_is_refused() -> None:
    with pytest.raises(CannotJudge):
        decode_portrait(picture("JPEG2000")[:200])
    bomb = io.BytesIO()
    Image.new("L", (3000, 2000)).save(bomb, "JPEG")
    with pytest.raises(CannotJudge):
        decode_portrait(bomb.getvalue())


# ---------------------------------------------------------------- DG13


def dg13(*rows: bytes) -> bytes:
    head = core.Integer(1).dump() + core.ObjectIdentifier("1.0.10646.1.0.8").dump()
    return tlv("6D", tlv("30", head + tlv("31", b"".join(rows))))


def row(key: int, *values: core.Asn1Value) -> bytes:
    return tlv("30", core.Integer(key).dump() + b"".join(value.dump() for value in values))


NUMBER = row(1, core.PrintableString("038195000000"))


def test_values_of_any_length_and_order_are_taken_by_key() -> None:
    address = "Tổ 5, Đông Vệ, " * 10 + "Thanh Hóa"
    fields = parse_dg13(
        dg13(
            row(9, core.UTF8String(address)),
            row(13, core.UTF8String("cha, mẹ")),
            row(12, core.UTF8String("Không thời hạn")),
            NUMBER,
            row(14),
            row(15, core.PrintableString("")),
        )
    )
    assert fields == {
        FieldName.PLACE_OF_RESIDENCE: address,
        FieldName.DATE_OF_EXPIRY: "Không thời hạn",
        FieldName.ID_NUMBER: "038195000000",
    }


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (NUMBER, NUMBER),
        (row(1, core.PrintableString("038195")),),
        (NUMBER, row(3, core.PrintableString("1995-08-15"))),
        (NUMBER, row(4, core.UTF8String("F"))),
        (NUMBER, row(12, core.UTF8String("?"))),
        (NUMBER, b"\x04\x02ab"),
    ],
)
def test_another_layout_gives_no_fields(rows: tuple[bytes, ...]) -> None:
    assert parse_dg13(dg13(*rows)) is None


def test_family_and_belief_are_not_taken(files: Make) -> None:
    fields = parse_dg13(dg13(NUMBER, *(row(key, core.UTF8String("x")) for key in (6, 7, 13, 14))))
    assert fields == {FieldName.ID_NUMBER: "038195000000"}


def test_an_unknown_layout_leaves_dg1_and_is_named(
    issuer: Issuer, person: Person, portrait: bytes
) -> None:
    groups = data_groups(person, portrait, SIZE_PX)
    groups |= {13: tlv("6D", tlv("30", b"")), 2: dg2(b"another record")}
    sod = security_object(groups, issuer.signer)
    named = {ChipFile(f"dg{number}"): data for number, data in groups.items()}
    content = read_chip(format_document({ChipFile.SOD: sod, **named}), issuer.trusted, today=TODAY)
    assert content.finding.integrity is Integrity.OK
    assert content.finding.causes == ("dg2_unknown_layout", "dg13_unknown_layout")
    assert content.fields[FieldName.ID_NUMBER] == person.id_number
    assert FieldName.FULL_NAME not in content.fields


# ---------------------------------------------------------------- what readers of card and face see


def test_no_upload_is_no_check() -> None:
    assert chip_checks(judge_chip(None, (), today=TODAY)) == ()


def test_checks_name_the_cause(files: Make, issuer: Issuer) -> None:
    sound = files()
    document = format_document(sound)
    passed = {c.code: c.passed for c in chip_checks(judge_chip(document, (), today=TODAY))}
    assert passed == {
        ReasonCode.CHIP_UNREADABLE: True,
        ReasonCode.CHIP_TAMPERED: True,
        ReasonCode.CHIP_UNTRUSTED: None,
    }
    altered = format_document({**sound, ChipFile.DG1: sound[ChipFile.DG1].replace(b"<", b"A", 1)})
    checks = chip_checks(judge_chip(altered, issuer.trusted, today=TODAY))
    failed = {c.code: c.facts for c in checks if c.passed is False}
    assert failed == {ReasonCode.CHIP_TAMPERED: {"causes": "dg1_altered"}}
    (unreadable,) = chip_checks(judge_chip(b"{}", (), today=TODAY))
    assert (unreadable.code, unreadable.passed) == (ReasonCode.CHIP_UNREADABLE, False)


def test_only_a_verified_chip_gives_a_portrait(files: Make, issuer: Issuer) -> None:
    document = format_document(files())
    shown = verified_portrait(judge_chip(document, issuer.trusted, today=TODAY))
    assert shown is not None
    assert shown.shape == (SIZE_PX[1], SIZE_PX[0], 3)
    assert verified_portrait(judge_chip(document, (), today=TODAY)) is None
    assert verified_portrait(judge_chip(b"{}", issuer.trusted, today=TODAY)) is None


# ---------------------------------------------------------------- authorities


def test_authorities_are_loaded_from_a_folder(tmp_path: Path, issuer: Issuer) -> None:
    (tmp_path / "csca.cer").write_bytes(issuer.authority.certificate)
    (tmp_path / "notes.txt").write_text("no certificate")
    assert load_authorities(tmp_path) == issuer.trusted
    assert load_authorities(None) == ()


def test_configured_trust_that_cannot_be_loaded_stops_the_worker(
    tmp_path: Path, issuer: Issuer
) -> None:
    with pytest.raises(AuthorityError, match="no such folder"):
        load_authorities(tmp_path / "absent")
    with pytest.raises(AuthorityError, match="no certificate"):
        load_authorities(tmp_path)
    (tmp_path / "ds.der").write_bytes(issuer.signer.certificate)
    with pytest.raises(AuthorityError, match="not the certificate of a signing authority"):
        load_authorities(tmp_path)
    (tmp_path / "ds.der").write_bytes(b"junk")
    with pytest.raises(AuthorityError, match="no certificate can be read"):
        load_authorities(tmp_path)


# ---------------------------------------------------------------- hostile bytes


@SLOW
@given(data=st.data())
def test_altered_files_never_pass_and_never_crash(
    data: st.DataObject, files: Make, issuer: Issuer
) -> None:
    """Whatever is done to the files, the chip is refused or not whole; only an unsigned spot may not matter."""
    altered = files()
    file = data.draw(st.sampled_from(list(altered)))
    whole = bytearray(altered[file])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    changed = bytes(whole) != altered[file]
    document = format_document({**altered, file: bytes(whole)})
    judged = judge_chip(document, issuer.trusted, today=TODAY)
    content = judged.content
    if content is None:
        assert judged.problem is not None
        assert judged.problem.code is ReasonCode.CHIP_UNREADABLE
        return
    if changed and file is not ChipFile.SOD:
        assert content.finding.integrity is Integrity.FAILED
        assert content.fields == {}


@SLOW
@given(st.binary(max_size=400))
def test_any_bytes_in_place_of_the_security_object_are_refused(files: Make, junk: bytes) -> None:
    for sod in (junk, tlv("77", junk), tlv("77", tlv("30", junk))):
        if not sod:
            continue
        with pytest.raises(CannotJudge):
            read_chip(format_document({**files(), ChipFile.SOD: sod}), (), today=TODAY)


SIGNED_DATA = core.ObjectIdentifier("1.2.840.113549.1.7.2").dump()


@pytest.mark.parametrize(
    "hostile",
    [
        tlv("77", bytes.fromhex("3080") * 15_000),
        tlv("77", bytes.fromhex("3084FFFFFFFF") + bytes(100)),
        bytes.fromhex("7789FFFFFFFFFFFFFFFFFF"),
        tlv("77", tlv("30", tlv("06", b"\xff" * 31_000))),
        tlv("77", tlv("30", SIGNED_DATA + tlv("A0", tlv("30", tlv("02", b"\x7f" * 31_000))))),
        bytes([0x7F]) + b"\xff" * 31_000,
    ],
    ids=["nested", "huge_length", "huge_long_length", "huge_oid", "huge_integer", "huge_tag"],
)  # fmt: skip
def test_hostile_encodings_are_refused_quickly(files: Make, hostile: bytes) -> None:
    document = format_document({**files(), ChipFile.SOD: hostile})
    tracemalloc.start()
    start_s = time.process_time()
    with pytest.raises(CannotJudge):
        read_chip(document, (), today=TODAY)
    spent_s, (_, peak) = time.process_time() - start_s, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent_s < 5
    assert peak < 50_000_000


def test_a_crowd_of_entries_is_read_quickly(issuer: Issuer) -> None:
    rows = [row(100 + i, core.UTF8String("x")) for i in range(1500)]
    start_s = time.process_time()
    assert parse_dg13(dg13(NUMBER, *rows)) == {FieldName.ID_NUMBER: "038195000000"}
    assert time.process_time() - start_s < 5


def test_the_document_is_what_a_reader_writes(files: Make) -> None:
    named = {str(f): base64.b64encode(data).decode() for f, data in files().items()}
    assert format_document(files()) == json.dumps(named).encode()


def test_a_person_without_expiry_and_old_number(
    issuer: Issuer, person: Person, portrait: bytes
) -> None:
    old = replace(person, date_of_expiry=None, old_id_number="100000000")
    made = chip_files(old, portrait, SIZE_PX, issuer.signer)
    content = read_chip(format_document(made), issuer.trusted, today=TODAY)
    assert content.fields[FieldName.DATE_OF_EXPIRY] == "Không thời hạn"
    assert content.fields[FieldName.OLD_ID_NUMBER] == "100000000"
    assert content.differing == ()
