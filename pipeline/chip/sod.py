"""EF.SOD: the CMS message in which the issuer signs the hashes of all data groups (ICAO 9303-10, 4.6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import algos, cms, core

from pipeline.chip.certificate import Certificate, parse_certificate
from pipeline.chip.document import ChipFile, unreadable
from pipeline.chip.signature import HASHES, Scheme, UnsupportedScheme, read_scheme
from pipeline.chip.tags import unwrap

#: id-icao-mrtd-security-ldsSecurityObject.
_LDS_SECURITY_OBJECT = "2.23.136.1.1.1"


class _GroupHash(core.Sequence):  # type: ignore[misc]
    _fields = [("number", core.Integer), ("value", core.OctetString)]  # noqa: RUF012


class _GroupHashes(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _GroupHash


class _SecurityObject(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012
        ("version", core.Integer),
        ("hash_algorithm", algos.DigestAlgorithm),
        ("hashes", _GroupHashes),
        ("lds_version", core.Any, {"optional": True}),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityObject:
    """The signed hashes, and all that is needed to check the signature.

    `content` is the hashed and signed list, `signed_attributes` the DER that `signature` covers; `content_digest` is
    the hash of `content` that the attributes claim, made with `attributes_digest`.
    """

    group_digest: str
    group_hashes: Mapping[int, bytes]
    content: bytes
    content_digest: bytes
    attributes_digest: str
    signed_attributes: bytes
    signed_at: datetime | None
    scheme: Scheme
    signature: bytes
    signer: Certificate


def parse_sod(data: bytes) -> SecurityObject:
    """Return the security object of a chip.

    Args:
        data: EF.SOD as read, tag 77.

    Raises:
        CannotJudge: `chip_unreadable`: it is malformed (`malformed`), or signed in a way that is not checked here
            (`algorithm_unsupported`).
    """
    message = unwrap(data, ChipFile.SOD)
    try:
        return _read(cms.ContentInfo.load(message, strict=True))
    except UnsupportedScheme:
        raise unreadable("algorithm_unsupported", ChipFile.SOD) from None
    except Exception:  # asn1crypto raises half a dozen types on hostile bytes, lazily
        raise unreadable("malformed", ChipFile.SOD) from None


def _read(message: cms.ContentInfo) -> SecurityObject:
    if message["content_type"].native != "signed_data":
        raise ValueError("not signed data")
    signed = message["content"]
    packed = signed["encap_content_info"]
    if packed["content_type"].dotted != _LDS_SECURITY_OBJECT:
        raise ValueError("not a security object")
    (signer_info,) = signed["signer_infos"]
    attributes = {attribute["type"].native: attribute for attribute in signer_info["signed_attrs"]}
    if len(attributes) != len(signer_info["signed_attrs"]):
        raise ValueError("an attribute stands twice")
    if _only(attributes["content_type"]).dotted != _LDS_SECURITY_OBJECT:
        raise ValueError("the attributes are of another content")
    digest = _hash_name(signer_info["digest_algorithm"])
    content = bytes(packed["content"])
    groups = _SecurityObject.load(content, strict=True)
    signed_at = attributes.get("signing_time")
    return SecurityObject(
        group_digest=_hash_name(groups["hash_algorithm"]),
        group_hashes=_hashes(groups["hashes"]),
        content=content,
        content_digest=_only(attributes["message_digest"]).native,
        attributes_digest=digest,
        signed_attributes=signer_info["signed_attrs"].untag().dump(),
        signed_at=_only(signed_at).native if signed_at is not None else None,
        scheme=read_scheme(signer_info["signature_algorithm"], digest),
        signature=signer_info["signature"].native,
        signer=_signer(signed["certificates"], signer_info["sid"]),
    )


def _only(attribute: cms.CMSAttribute) -> core.Asn1Value:
    (value,) = attribute["values"]
    return value


def _hash_name(algorithm: algos.DigestAlgorithm) -> str:
    name: str = algorithm["algorithm"].native
    if name not in HASHES:
        raise UnsupportedScheme(name)
    return name


def _hashes(rows: _GroupHashes) -> dict[int, bytes]:
    found = {int(row["number"].native): row["value"].native for row in rows}
    if len(found) != len(rows):
        raise ValueError("a data group stands twice")
    return found


def _signer(choices: cms.CertificateSet, identifier: cms.SignerIdentifier) -> Certificate:
    """The embedded certificate that the signature names; there must be exactly one."""
    certificates = [parse_certificate(choice.chosen.dump()) for choice in choices]
    (signer,) = [c for c in certificates if _is_named(c, identifier)]
    return signer


def _is_named(certificate: Certificate, identifier: cms.SignerIdentifier) -> bool:
    if identifier.name == "subject_key_identifier":
        return bool(certificate.key_identifier == identifier.chosen.native)
    named = identifier.chosen
    issuer: str = named["issuer"].hashable
    serial: int = named["serial_number"].native
    return (certificate.issuer, certificate.serial) == (issuer, serial)
