"""What a certificate says that matters here, as plain values; parsing ends in this module."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import pem, x509

from pipeline.chip.signature import Scheme, UnsupportedScheme, read_scheme

#: Extensions that are looked at here, so that they may be critical (RFC 5280, 4.2: others must be refused).
_UNDERSTOOD = frozenset({"key_usage", "basic_constraints", "authority_key_identifier"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate. `scheme` is None if its signature is of a kind that is not checked here.

    `signed` are the bytes that `signature` covers; times are aware, UTC. `key_usage` is None without that extension.
    """

    subject: str
    issuer: str
    serial: int
    key_info: bytes
    key_identifier: bytes | None
    issuer_key_identifier: bytes | None
    not_before: datetime
    not_after: datetime
    key_usage: frozenset[str] | None
    is_authority: bool
    has_unknown_critical: bool
    scheme: Scheme | None
    signed: bytes
    signature: bytes

    def is_valid_at(self, moment: datetime) -> bool:
        """Whether a moment (aware) lies in the period of validity, both ends included."""
        return self.not_before <= moment <= self.not_after

    def may(self, usage: str) -> bool:
        """Whether the key may be used so; a certificate that does not say may not (ICAO 9303-12 demands it)."""
        return self.key_usage is not None and usage in self.key_usage


def parse_certificate(data: bytes) -> Certificate:
    """Return a certificate.

    Args:
        data: DER, or PEM with one certificate.

    Raises:
        ValueError: it is none.
    """
    try:
        if pem.detect(data):
            _, _, data = pem.unarmor(data)
        return _read(x509.Certificate.load(data, strict=True))
    except Exception as error:  # asn1crypto raises half a dozen types on hostile bytes, lazily
        raise ValueError("not a certificate") from error


def _read(parsed: x509.Certificate) -> Certificate:
    body = parsed["tbs_certificate"]
    if body["signature"].dump() != parsed["signature_algorithm"].dump():
        raise ValueError("two algorithms are named")
    usage, constraints = parsed.key_usage_value, parsed.basic_constraints_value
    return Certificate(
        subject=parsed.subject.hashable,
        issuer=parsed.issuer.hashable,
        serial=parsed.serial_number,
        key_info=parsed.public_key.dump(),
        key_identifier=parsed.key_identifier,
        issuer_key_identifier=parsed.authority_key_identifier,
        not_before=body["validity"]["not_before"].native,
        not_after=body["validity"]["not_after"].native,
        key_usage=frozenset(usage.native) if usage is not None else None,
        is_authority=constraints is not None and bool(constraints["ca"].native),
        has_unknown_critical=bool(set(parsed.critical_extensions) - _UNDERSTOOD),
        scheme=_scheme(parsed),
        signed=body.dump(),
        signature=parsed.signature,
    )


def _scheme(parsed: x509.Certificate) -> Scheme | None:
    try:
        return read_scheme(parsed["signature_algorithm"], "")
    except UnsupportedScheme:
        return None
