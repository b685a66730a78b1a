"""The chip of a specimen card: data groups of a specimen person, signed by an authority of our own making.

The keys are drawn anew each time and belong to nobody; every certificate says SPECIMEN.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from PIL import Image

from pipeline.chip.dg2 import wrap_portrait
from pipeline.chip.document import ChipFile, format_document
from specimen.cast import card_portrait
from specimen.mrz import encode_mrz
from specimen.people import Person, format_date
from specimen.photos import Subject

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Padding = Literal["pkcs1", "pss"]
_LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
_DG13_KIND = "1.0.10646.1.0.8"
_SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A key with its certificate, DER; `padding` is of RSA alone."""

    key: Key
    certificate: bytes
    padding: Padding = "pkcs1"


def new_key(kind: str) -> Key:
    """Draw a key: `rsa`, or the name of a curve that the cryptography package has, in capitals as its class."""
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    curve: ec.EllipticCurve = getattr(ec, kind)()
    return ec.generate_private_key(curve)


def make_authority(
    key: Key, *, first_day: date, last_day: date, name: str = "SPECIMEN CSCA"
) -> Signer:
    """Make a self-signed country signing authority."""
    subject = _name(name)
    builder = _certificate(subject, subject, key, first_day, last_day).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    return Signer(
        key=key, certificate=_sign(_with_usage(builder, key, signs_certificates=True), key)
    )


def make_document_signer(
    key: Key, authority: Signer, *, first_day: date, last_day: date, padding: Padding = "pkcs1"
) -> Signer:
    """Make a document signer's certificate, signed by an authority."""
    issuer = x509.load_der_x509_certificate(authority.certificate)
    builder = _certificate(_name("SPECIMEN DS"), issuer.subject, key, first_day, last_day)
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
    )
    certificate = _sign(_with_usage(builder, key, signs_certificates=False), authority.key)
    return Signer(key=key, certificate=certificate, padding=padding)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SPECIMEN"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: Key, first_day: date, last_day: date
) -> x509.CertificateBuilder:
    start, stop = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (first_day, last_day))
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(stop)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _with_usage(
    builder: x509.CertificateBuilder, key: Key, *, signs_certificates: bool
) -> x509.CertificateBuilder:
    del key
    usage = x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return builder.add_extension(usage, critical=True)


def _sign(builder: x509.CertificateBuilder, key: Key) -> bytes:
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


# ---------------------------------------------------------------- data groups


def data_groups(person: Person, portrait_jpeg: bytes, size_px: tuple[int, int]) -> dict[int, bytes]:
    """Return DG1, DG2 and DG13 of a person, by number.

    Args:
        person: the holder.
        portrait_jpeg: the portrait, encoded.
        size_px: its width and height.
    """
    zone = "".join(encode_mrz(person)).encode("ascii")
    record = wrap_portrait(portrait_jpeg, is_jpeg_2000=False, size_px=size_px)
    template = tlv("7F60", tlv("A1", tlv("87", b"\x01\x01")) + tlv("5F2E", record))
    return {
        1: tlv("61", tlv("5F1F", zone)),
        2: tlv("75", tlv("7F61", tlv("02", b"\x01") + template)),
        13: tlv("6D", _holder(person)),
    }


def _holder(person: Person) -> bytes:
    printable, utf8 = core.PrintableString, core.UTF8String
    entries: dict[int, core.Asn1Value] = {
        1: printable(person.id_number),
        2: utf8(person.full_name),
        3: printable(format_date(person.date_of_birth)),
        4: utf8(str(person.sex)),
        5: utf8(person.nationality),
        8: utf8(person.place_of_origin),
        9: utf8(person.place_of_residence),
        10: utf8(person.personal_identification),
        11: printable(format_date(person.date_of_issue)),
        12: utf8(format_date(person.date_of_expiry)),
    }
    if person.old_id_number:
        entries[15] = printable(person.old_id_number)
    rows = [tlv("30", core.Integer(key).dump() + value.dump()) for key, value in entries.items()]
    head = core.Integer(1).dump() + core.ObjectIdentifier(_DG13_KIND).dump()
    return tlv("30", head + tlv("31", b"".join(rows)))


def tlv(tag: str, content: bytes) -> bytes:
    """Return an element: tag in hexadecimal, DER length, content."""
    size = len(content)
    if size < 128:
        length = bytes([size])
    else:
        digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(digits)]) + digits
    return bytes.fromhex(tag) + length + content


# ---------------------------------------------------------------- security object


def security_object(
    groups: Mapping[int, bytes],
    signer: Signer,
    *,
    digest: str = "sha256",
    signed_at: datetime | None = None,
) -> bytes:
    """Return EF.SOD over data groups.

    Args:
        groups: data groups by number.
        signer: the document signer.
        digest: hash of the groups, of the attributes and of the signature.
        signed_at: written as the signing time, or left out.
    """
    content = _hash_list(groups, digest)
    attributes = _attributes(content, digest, signed_at)
    certificate = asn1_x509.Certificate.load(signer.certificate)
    signature = _sign_attributes(signer, attributes.dump(), digest)
    message = cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": {
                "version": "v3",
                "digest_algorithms": [{"algorithm": digest}],
                "encap_content_info": {
                    "content_type": _LDS_SECURITY_OBJECT,
                    "content": core.ParsableOctetString(content),
                },
                "certificates": [certificate],
                "signer_infos": [
                    {
                        "version": "v1",
                        "sid": cms.SignerIdentifier(
                            "issuer_and_serial_number",
                            {
                                "issuer": certificate.issuer,
                                "serial_number": certificate.serial_number,
                            },
                        ),
                        "digest_algorithm": {"algorithm": digest},
                        "signed_attrs": attributes,
                        "signature_algorithm": _algorithm(signer, digest),
                        "signature": signature,
                    }
                ],
            },
        }
    )
    return tlv("77", message.dump())


def _hash_list(groups: Mapping[int, bytes], digest: str) -> bytes:
    rows = b"".join(
        tlv("30", core.Integer(n).dump() + core.OctetString(hashlib.new(digest, g).digest()).dump())
        for n, g in sorted(groups.items())
    )
    algorithm = cms.DigestAlgorithm({"algorithm": digest}).dump()
    return tlv("30", core.Integer(0).dump() + algorithm + tlv("30", rows))


def _attributes(content: bytes, digest: str, signed_at: datetime | None) -> cms.CMSAttributes:
    rows: list[dict[str, object]] = [
        {"type": "content_type", "values": [_LDS_SECURITY_OBJECT]},
        {"type": "message_digest", "values": [hashlib.new(digest, content).digest()]},
    ]
    if signed_at is not None:
        time = cms.Time(name="utc_time", value=core.UTCTime(signed_at))
        rows.append({"type": "signing_time", "values": [time]})
    return cms.CMSAttributes([cms.CMSAttribute(row) for row in rows])


def _algorithm(signer: Signer, digest: str) -> dict[str, object]:
    if isinstance(signer.key, ec.EllipticCurvePrivateKey):
        return {"algorithm": f"{digest}_ecdsa"}
    if signer.padding == "pkcs1":
        return {"algorithm": f"{digest}_rsa"}
    parameters = {
        "hash_algorithm": {"algorithm": digest},
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": digest}},
        "salt_length": _SALT_BYTES,
    }
    return {"algorithm": "rsassa_pss", "parameters": parameters}


def _sign_attributes(signer: Signer, message: bytes, digest: str) -> bytes:
    algorithm: hashes.HashAlgorithm = getattr(hashes, digest.upper())()
    if isinstance(signer.key, ec.EllipticCurvePrivateKey):
        return signer.key.sign(message, ec.ECDSA(algorithm))
    if signer.padding == "pkcs1":
        return signer.key.sign(message, padding.PKCS1v15(), algorithm)
    return signer.key.sign(message, padding.PSS(padding.MGF1(algorithm), _SALT_BYTES), algorithm)


# ---------------------------------------------------------------- whole chips


def specimen_authority(kind: str = "SECP256R1") -> Signer:
    """Make an authority that was valid over all specimen cards' days of issue."""
    return make_authority(new_key(kind), first_day=date(2020, 1, 1), last_day=date(2045, 1, 1))


def specimen_signer(authority: Signer, kind: str = "SECP256R1") -> Signer:
    """Make a document signer that was valid over all specimen cards' days of issue."""
    return make_document_signer(
        new_key(kind), authority, first_day=date(2020, 6, 1), last_day=date(2040, 1, 1)
    )


def chip_files(
    person: Person, portrait_jpeg: bytes, size_px: tuple[int, int], signer: Signer
) -> dict[ChipFile, bytes]:
    """Return the files of a person's chip, signed on the day after the card's issue was set."""
    groups = data_groups(person, portrait_jpeg, size_px)
    day = person.date_of_issue + timedelta(days=1)
    signed_at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    named = {ChipFile(f"dg{number}"): data for number, data in groups.items()}
    return {ChipFile.SOD: security_object(groups, signer, signed_at=signed_at), **named}


def make_chip(person: Person, subject: Subject) -> tuple[bytes, bytes]:
    """Return a chip's upload and the certificate of the authority that its signer comes from.

    The keys are drawn anew each time: the same person has other signatures in the next run.

    Args:
        person: the holder.
        subject: who is on the portrait.
    """
    portrait = Image.fromarray(card_portrait(subject))
    encoded = io.BytesIO()
    portrait.save(encoded, "JPEG", quality=90)
    authority = specimen_authority()
    files = chip_files(person, encoded.getvalue(), portrait.size, specimen_signer(authority))
    return format_document(files), authority.certificate
