"""A sound chip is read and believed; every way of altering it has its own answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from asn1crypto import keys
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pipeline.chip.certificate import parse_certificate
from pipeline.chip.content import ChipContent
from pipeline.chip.curves import with_named_curve
from pipeline.chip.document import ChipFile, format_document
from pipeline.chip.read import read_chip
from pipeline.errors import CannotJudge
from pipeline.findings import NO_EXPIRY, FieldName, Integrity, Origin
from specimen.chip import (
    chip_files,
    data_groups,
    make_authority,
    make_document_signer,
    new_key,
    security_object,
    specimen_signer,
    tlv,
)
from specimen.people import Person

from .conftest import SIZE_PX, TODAY, Files, Issuer, new_issuer

Make = Callable[[], Files]
F = FieldName


def read(files: Files, issuer: Issuer | None = None) -> ChipContent:
    trusted = issuer.trusted if issuer else ()
    return read_chip(format_document(files), trusted, today=TODAY)


def cause(files: Files) -> str:
    with pytest.raises(CannotJudge) as refused:
        read(files)
    assert refused.value.code == "cannot_judge"
    return str(refused.value.facts["cause"])


def judged(content: ChipContent) -> tuple[Integrity, Origin, tuple[str, ...]]:
    finding = content.finding
    return finding.integrity, finding.origin, finding.causes


def swapped(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new, 1)


# ---------------------------------------------------------------- sound chips


def test_a_sound_chip_says_what_the_person_is(
    files: Make, issuer: Issuer, person: Person, portrait: bytes
) -> None:
    content = read(files(), issuer)
    assert judged(content) == (Integrity.OK, Origin.TRUSTED, ())
    assert content.finding.files == ("sod", "dg1", "dg2", "dg13")
    assert content.portrait == portrait
    assert content.differing == ()
    last_day = person.date_of_expiry
    expected = {
        F.ID_NUMBER: person.id_number,
        F.OLD_ID_NUMBER: person.old_id_number,
        F.FULL_NAME: person.full_name.upper(),
        F.DATE_OF_BIRTH: person.date_of_birth.isoformat(),
        F.SEX: str(person.sex),
        F.NATIONALITY: "Việt Nam",
        F.PLACE_OF_ORIGIN: person.place_of_origin,
        F.PLACE_OF_RESIDENCE: person.place_of_residence,
        F.PERSONAL_IDENTIFICATION: person.personal_identification,
        F.DATE_OF_ISSUE: person.date_of_issue.isoformat(),
        F.DATE_OF_EXPIRY: last_day.isoformat() if last_day else NO_EXPIRY,
    }
    assert content.fields == {name: value for name, value in expected.items() if value}


@pytest.mark.parametrize("kind", ["rsa", "SECP384R1", "BrainpoolP256R1", "BrainpoolP512R1"])
@pytest.mark.parametrize("digest", ["sha224", "sha256", "sha512"])
def test_every_kind_of_signature_is_checked(
    kind: str, digest: str, person: Person, portrait: bytes
) -> None:
    issuer = new_issuer(kind)
    groups = data_groups(person, portrait, SIZE_PX)
    sod = security_object(groups, issuer.signer, digest=digest)
    sound = {ChipFile.SOD: sod, ChipFile.DG1: groups[1]}
    assert judged(read(sound, issuer)) == (Integrity.OK, Origin.TRUSTED, ())
    signature = sod[-40:]
    broken = {**sound, ChipFile.SOD: sod[:-40] + bytes([signature[0] ^ 1]) + signature[1:]}
    assert judged(read(broken, issuer))[0] is Integrity.FAILED


def test_rsa_pss_is_checked(person: Person, portrait: bytes) -> None:
    issuer = new_issuer("rsa")
    signer = replace(issuer.signer, padding="pss")
    files = chip_files(person, portrait, SIZE_PX, signer)
    assert judged(read(files, issuer)) == (Integrity.OK, Origin.TRUSTED, ())


def test_without_an_authority_the_origin_is_unknown(files: Make) -> None:
    expected = (Integrity.OK, Origin.TRUST_UNKNOWN, ("no_authority_configured",))
    assert judged(read(files())) == expected


def test_only_the_files_that_were_uploaded_are_judged(files: Make, issuer: Issuer) -> None:
    some = {f: data for f, data in files().items() if f in (ChipFile.SOD, ChipFile.DG1)}
    content = read(some, issuer)
    assert judged(content) == (Integrity.OK, Origin.TRUSTED, ())
    assert F.FULL_NAME not in content.fields
    assert content.latin_name
    assert content.portrait is None


# ---------------------------------------------------------------- attacks


@pytest.mark.parametrize("file", [ChipFile.DG1, ChipFile.DG2, ChipFile.DG13])
def test_one_changed_byte_is_noticed(file: ChipFile, files: Make, issuer: Issuer) -> None:
    altered = files()
    data = bytearray(altered[file])
    data[-3] ^= 1
    content = read({**altered, file: bytes(data)}, issuer)
    assert judged(content) == (Integrity.FAILED, Origin.UNTRUSTED, (f"{file}_altered",))
    assert (content.fields, content.portrait) == ({}, None)
    assert not content.is_believed


def test_the_portrait_of_another_chip_is_noticed(
    files: Make, issuer: Issuer, person: Person
) -> None:
    from .conftest import picture

    other = chip_files(person, picture("JPEG2000"), SIZE_PX, issuer.signer)
    content = read({**files(), ChipFile.DG2: other[ChipFile.DG2]}, issuer)
    assert judged(content)[2] == ("dg2_altered",)


def test_a_file_that_nobody_signed_is_noticed(files: Make, issuer: Issuer) -> None:
    content = read({**files(), ChipFile.DG15: tlv("6F", b"\x30\x00")}, issuer)
    assert judged(content) == (Integrity.FAILED, Origin.UNTRUSTED, ("dg15_unsigned",))


def test_a_hash_list_that_was_replaced_is_noticed(
    files: Make, issuer: Issuer, person: Person, portrait: bytes
) -> None:
    import hashlib

    mine = data_groups(replace(person, full_name="Kẻ Giả Mạo"), portrait, SIZE_PX)
    real = files()
    sod = swapped(
        real[ChipFile.SOD],
        hashlib.sha256(real[ChipFile.DG13]).digest(),
        hashlib.sha256(mine[13]).digest(),
    )
    content = read({**real, ChipFile.SOD: sod, ChipFile.DG13: mine[13]}, issuer)
    assert judged(content) == (Integrity.FAILED, Origin.UNTRUSTED, ("security_object_altered",))


def test_an_own_signer_passes_integrity_but_is_not_trusted(
    issuer: Issuer, person: Person, portrait: bytes
) -> None:
    mine = new_issuer()
    files = chip_files(person, portrait, SIZE_PX, mine.signer)
    content = read(files, issuer)
    assert judged(content) == (Integrity.OK, Origin.UNTRUSTED, ("authority_unknown",))
    assert not content.is_believed


def test_an_own_signer_who_names_the_real_authority_is_not_trusted(
    issuer: Issuer, person: Person, portrait: bytes
) -> None:
    """Same name and no key identifier: only the signature of the authority tells them apart."""
    trusted = tuple(replace(a, key_identifier=None) for a in issuer.trusted)
    files = chip_files(person, portrait, SIZE_PX, new_issuer().signer)
    content = read_chip(format_document(files), trusted, today=TODAY)
    assert judged(content)[1:] == (Origin.UNTRUSTED, ("signer_certificate_forged",))


def test_the_key_of_another_signer_is_noticed(
    issuer: Issuer, person: Person, portrait: bytes
) -> None:
    wrong = replace(issuer.signer, key=new_key("SECP256R1"))
    content = read(chip_files(person, portrait, SIZE_PX, wrong), issuer)
    assert judged(content) == (Integrity.FAILED, Origin.UNTRUSTED, ("signature_wrong",))


def test_an_authority_of_another_name_is_unknown(
    person: Person, portrait: bytes, issuer: Issuer
) -> None:
    authority = make_authority(
        new_key("SECP256R1"), first_day=date(2020, 1, 1), last_day=date(2045, 1, 1), name="Other"
    )
    files = chip_files(person, portrait, SIZE_PX, specimen_signer(authority))
    assert judged(read(files, issuer))[1:] == (Origin.UNTRUSTED, ("authority_unknown",))


@pytest.mark.parametrize(
    ("days", "of_authority", "expected"),
    [
        ((date(2010, 1, 1), date(2012, 1, 1)), False, "signer_not_valid_then"),
        ((date(2010, 1, 1), date(2012, 1, 1)), True, "authority_not_valid_then"),
    ],
)
def test_certificates_must_have_been_valid_when_the_chip_was_signed(
    days: tuple[date, date], of_authority: bool, expected: str, person: Person, portrait: bytes
) -> None:
    long = (date(2005, 1, 1), date(2045, 1, 1))
    of_ca, of_signer = (days, long) if of_authority else (long, days)
    authority = make_authority(new_key("SECP256R1"), first_day=of_ca[0], last_day=of_ca[1])
    signer = make_document_signer(
        new_key("SECP256R1"), authority, first_day=of_signer[0], last_day=of_signer[1]
    )
    content = read(
        chip_files(person, portrait, SIZE_PX, signer), Issuer(authority=authority, signer=signer)
    )
    assert judged(content) == (Integrity.OK, Origin.UNTRUSTED, (expected,))


def test_a_signer_that_expired_since_is_still_trusted(person: Person, portrait: bytes) -> None:
    """A card outlives the months in which its signer was in use; what counts is the day of signing."""
    authority = make_authority(
        new_key("SECP256R1"), first_day=date(2020, 1, 1), last_day=date(2045, 1, 1)
    )
    day = person.date_of_issue
    signer = make_document_signer(
        new_key("SECP256R1"), authority, first_day=day, last_day=day.replace(year=day.year + 1)
    )
    files = chip_files(person, portrait, SIZE_PX, signer)
    content = read(files, Issuer(authority=authority, signer=signer))
    assert judged(content) == (Integrity.OK, Origin.TRUSTED, ())


def test_an_authority_cannot_sign_chips_itself(
    issuer: Issuer, person: Person, portrait: bytes
) -> None:
    files = chip_files(person, portrait, SIZE_PX, issuer.authority)
    content = read(files, issuer)
    assert judged(content)[1:] == (Origin.UNTRUSTED, ("signer_not_for_signing",))


def test_a_day_of_signing_that_is_not_known_leaves_the_origin_unknown(
    issuer: Issuer, person: Person, portrait: bytes
) -> None:
    groups = data_groups(person, portrait, SIZE_PX)
    files = {ChipFile.SOD: security_object(groups, issuer.signer), ChipFile.DG1: groups[1]}
    content = read_chip(format_document(files), issuer.trusted, today=None)
    assert judged(content)[1:] == (Origin.TRUST_UNKNOWN, ("signing_time_unknown",))


def test_the_signing_time_of_the_message_counts_before_the_day_of_issue(
    issuer: Issuer, person: Person, portrait: bytes
) -> None:
    groups = data_groups(person, portrait, SIZE_PX)
    early = datetime(2001, 1, 1, tzinfo=UTC)
    sod = security_object(groups, issuer.signer, signed_at=early)
    files = {ChipFile.SOD: sod, ChipFile.DG1: groups[1], ChipFile.DG13: groups[13]}
    assert "signer_not_valid_then" in judged(read(files, issuer))[2]


def test_files_that_contradict_each_other_are_named(
    issuer: Issuer, person: Person, portrait: bytes
) -> None:
    groups = data_groups(person, portrait, SIZE_PX)
    other = replace(person, full_name="Người Khác", date_of_birth=date(1990, 2, 3))
    groups[13] = data_groups(other, portrait, SIZE_PX)[13]
    sod = security_object(groups, issuer.signer)
    files = {ChipFile.SOD: sod, ChipFile.DG1: groups[1], ChipFile.DG13: groups[13]}
    assert set(read(files, issuer).differing) == {F.DATE_OF_BIRTH, F.FULL_NAME}


# ---------------------------------------------------------------- could not judge


@pytest.mark.parametrize("file", ChipFile)
@pytest.mark.parametrize("cut", [1, 20])
def test_a_file_that_was_read_in_part_is_no_altered_file(
    file: ChipFile, cut: int, files: Make
) -> None:
    whole = files()
    if file not in whole:
        return
    assert cause({**whole, file: whole[file][:-cut]}) == "malformed"
    assert cause({**whole, file: whole[file] + b"\x00"}) == "malformed"


def test_a_weak_hash_is_not_judged(issuer: Issuer, person: Person, portrait: bytes) -> None:
    groups = data_groups(person, portrait, SIZE_PX)
    sha256 = bytes.fromhex("0609608648016503040201")
    other = bytes.fromhex("060960864801650304020a")  # sha3-512, of the same length
    sod = security_object(groups, issuer.signer)
    assert cause({ChipFile.SOD: sod.replace(sha256, other), ChipFile.DG1: groups[1]}) == (
        "algorithm_unsupported"
    )


@pytest.mark.parametrize(
    "zone",
    [
        b"I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        b"IDVNM1950000009038195000000<<69508152F3508150VNM<<<<<<<<<<<6",
        b"IDVNM1950000009038195000000<<69508152F3508150VNM<<<<<<<<<<<7DANG<<THI<ANH<NGUYET<<<<<<<<<<",
        b"\xff" * 90,
    ],
)
def test_another_zone_is_not_judged(zone: bytes, issuer: Issuer) -> None:
    groups = {1: tlv("61", tlv("5F1F", zone))}
    sod = security_object(groups, issuer.signer)
    assert cause({ChipFile.SOD: sod, ChipFile.DG1: groups[1]}) in (
        "not_a_vietnamese_card",
        "check_digits",
    )


# ---------------------------------------------------------------- curves


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.BrainpoolP384R1()])
def test_a_named_curve_stays_as_it_is(curve: ec.EllipticCurve) -> None:
    public = ec.generate_private_key(curve).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    parsed = keys.PublicKeyInfo.load(der)
    assert with_named_curve(parsed).dump() == der


def test_a_certificate_is_read_from_der_and_pem(issuer: Issuer) -> None:
    from asn1crypto import pem

    der = issuer.signer.certificate
    assert parse_certificate(pem.armor("CERTIFICATE", der)) == parse_certificate(der)
    with pytest.raises(ValueError, match="not a certificate"):
        parse_certificate(der[:-1])
