"""Passive authentication (ICAO 9303-11, 5.1): were these files signed, and by whom?

Integrity: every data group has the hash that the security object lists, and the document signer's key made its
signature. That holds for a chip that anybody signed. Origin: the signer's certificate was made by a country signing
authority that the bank trusts. Not looked at: revocation lists, and whether the chip is a copy (active authentication).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from pipeline.chip.certificate import Certificate
from pipeline.chip.document import ChipFile, ChipFiles, unreadable
from pipeline.chip.signature import UnsupportedScheme, is_signed_by
from pipeline.chip.sod import SecurityObject
from pipeline.findings import ChipFinding, Integrity, Origin


def authenticate(
    chip: ChipFiles,
    sod: SecurityObject,
    authorities: tuple[Certificate, ...],
    moment: datetime | None,
) -> ChipFinding:
    """Judge the files of a chip.

    Args:
        chip: the files.
        sod: the parsed security object among them.
        authorities: certificates of the signing authorities that the bank trusts; empty if none is configured.
        moment: when the chip was signed, aware, if its security object does not say; None if unknown.

    Returns:
        Integrity, origin and the codes of what is wrong.

    Raises:
        CannotJudge: `chip_unreadable`: the signature is of a kind that is not checked here.
    """
    broken = tuple(_integrity_causes(chip, sod))
    if broken:
        integrity, origin, causes = Integrity.FAILED, Origin.UNTRUSTED, broken
    else:
        integrity = Integrity.OK
        origin, causes = judge_origin(sod.signer, authorities, sod.signed_at or moment)
    return ChipFinding(integrity=integrity, origin=origin, files=_names(chip), causes=causes)


def _names(chip: ChipFiles) -> tuple[str, ...]:
    return tuple(str(file) for file in ChipFile if file in chip.files)


def _integrity_causes(chip: ChipFiles, sod: SecurityObject) -> Iterator[str]:
    for number, data in sorted(chip.groups.items()):
        expected = sod.group_hashes.get(number)
        if expected is None:
            yield f"dg{number}_unsigned"
        elif hashlib.new(sod.group_digest, data).digest() != expected:
            yield f"dg{number}_altered"
    if hashlib.new(sod.attributes_digest, sod.content).digest() != sod.content_digest:
        yield "security_object_altered"
    try:
        signed = is_signed_by(sod.signer.key_info, sod.scheme, sod.signature, sod.signed_attributes)
    except UnsupportedScheme:
        raise unreadable("algorithm_unsupported", ChipFile.SOD) from None
    if not signed:
        yield "signature_wrong"


def judge_origin(
    signer: Certificate, authorities: tuple[Certificate, ...], moment: datetime | None
) -> tuple[Origin, tuple[str, ...]]:
    """Return whether a document signer's certificate was made by a trusted authority, and why not.

    Args:
        signer: the document signer's certificate.
        authorities: see `authenticate`.
        moment: when the chip was signed, aware; both certificates must have been valid then.
    """
    if not authorities:
        return Origin.TRUST_UNKNOWN, ("no_authority_configured",)
    if moment is None:
        return Origin.TRUST_UNKNOWN, ("signing_time_unknown",)
    issuers = [authority for authority in authorities if _may_have_issued(authority, signer)]
    if not issuers:
        return Origin.UNTRUSTED, ("authority_unknown",)
    causes = tuple(_signer_causes(signer, moment))
    if not any(_made(authority, signer) for authority in issuers):
        causes = (*causes, "signer_certificate_forged")
    elif not any(
        _made(authority, signer) and authority.is_valid_at(moment) for authority in issuers
    ):
        causes = (*causes, "authority_not_valid_then")
    return (Origin.UNTRUSTED, causes) if causes else (Origin.TRUSTED, ())


def _signer_causes(signer: Certificate, moment: datetime) -> Iterator[str]:
    if not signer.is_valid_at(moment):
        yield "signer_not_valid_then"
    if not signer.may("digital_signature") or signer.is_authority:
        yield "signer_not_for_signing"
    if signer.has_unknown_critical:
        yield "signer_has_unknown_extension"


def _may_have_issued(authority: Certificate, signer: Certificate) -> bool:
    """Whether names and key identifiers fit; an authority renews its key under the same name."""
    wanted, own = signer.issuer_key_identifier, authority.key_identifier
    return authority.subject == signer.issuer and (wanted is None or own is None or wanted == own)


def _made(authority: Certificate, signer: Certificate) -> bool:
    """Whether the authority signed the certificate; one whose kind of signature is not checked here was not."""
    if not (authority.is_authority and authority.may("key_cert_sign")) or signer.scheme is None:
        return False
    try:
        return is_signed_by(authority.key_info, signer.scheme, signer.signature, signer.signed)
    except UnsupportedScheme:
        return False
