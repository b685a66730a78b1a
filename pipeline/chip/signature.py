"""One signature, checked: the schemes of ICAO 9303-12 (RSA PKCS#1 v1.5, RSA-PSS, ECDSA) with SHA-2."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from asn1crypto import algos, keys
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from pipeline.chip.curves import with_named_curve

#: SHA-1 is left out: ICAO 9303-12 no longer allows it, and its collisions are cheap.
HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
#: ICAO 9303-12 asks for 2048 bits at least; beyond the upper bound a check costs more than a chip is worth.
_RSA_BITS = range(2048, 8193)


class UnsupportedScheme(Exception):
    """The algorithm, the key or its size is none that is checked here; says nothing about the signature."""


class Family(StrEnum):
    """How a signature is made."""

    RSA_PKCS1 = "rsassa_pkcs1v15"
    RSA_PSS = "rsassa_pss"
    ECDSA = "ecdsa"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A signature algorithm with its parameters; `salt_bytes` is of RSA-PSS alone."""

    family: Family
    digest: str
    salt_bytes: int = 0


def read_scheme(algorithm: algos.SignedDigestAlgorithm, digest: str) -> Scheme:
    """Return the scheme of an algorithm identifier.

    Args:
        algorithm: parsed identifier; plain `rsaEncryption` and `ecdsa` name no hash.
        digest: hash to use when the identifier names none.

    Raises:
        UnsupportedScheme: none that is checked here.
    """
    name = algorithm.signature_algo
    if name not in set(Family):
        raise UnsupportedScheme(name)
    family = Family(name)
    if family is Family.RSA_PSS:
        return _pss(algorithm["parameters"])
    named = algorithm["algorithm"].native.partition("_")[0]
    found = named if named in HASHES or named.startswith(("sha", "md")) else digest
    return Scheme(family=family, digest=_known(found))


def _pss(parameters: algos.RSASSAPSSParams) -> Scheme:
    digest = _known(parameters["hash_algorithm"]["algorithm"].native)
    mask = parameters["mask_gen_algorithm"]
    same = mask["algorithm"].native == "mgf1" and mask["parameters"]["algorithm"].native == digest
    if not same or parameters["trailer_field"].native not in (1, "trailer_field_bc"):
        raise UnsupportedScheme("rsassa_pss")
    return Scheme(
        family=Family.RSA_PSS, digest=digest, salt_bytes=int(parameters["salt_length"].native)
    )


def _known(digest: str) -> str:
    if digest not in HASHES:
        raise UnsupportedScheme(digest)
    return digest


def is_signed_by(key_info: bytes, scheme: Scheme, signature: bytes, message: bytes) -> bool:
    """Return whether `signature` is the key's over `message`.

    Args:
        key_info: SubjectPublicKeyInfo, DER.
        scheme: the algorithm that the signature claims.
        signature: as it stands in the certificate or the security object.
        message: the bytes that were signed.

    Raises:
        UnsupportedScheme: the key cannot be loaded, is of another kind than the scheme, or of an unusual size.
    """
    key, digest = _load(key_info), HASHES[scheme.digest]()
    try:
        match key, scheme.family:
            case rsa.RSAPublicKey(), Family.RSA_PKCS1:
                key.verify(signature, message, padding.PKCS1v15(), digest)
            case rsa.RSAPublicKey(), Family.RSA_PSS:
                pss = padding.PSS(padding.MGF1(digest), scheme.salt_bytes)
                key.verify(signature, message, pss, digest)
            case ec.EllipticCurvePublicKey(), Family.ECDSA:
                key.verify(signature, message, ec.ECDSA(digest))
            case _:
                raise UnsupportedScheme("key_kind")
    except InvalidSignature:
        return False
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnsupportedScheme("key") from error
    return True


def _load(key_info: bytes) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    try:
        parsed = keys.PublicKeyInfo.load(key_info, strict=True)
        if parsed.algorithm == "ec":
            parsed = with_named_curve(parsed)
        key = load_der_public_key(_plain_rsa(parsed).dump())
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm) as error:
        raise UnsupportedScheme("key") from error
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in _RSA_BITS:
        return key
    raise UnsupportedScheme("key_size")


def _plain_rsa(key: keys.PublicKeyInfo) -> keys.PublicKeyInfo:
    """A key that is bound to RSA-PSS is an RSA key; the scheme's parameters come from the signature."""
    if key.algorithm != "rsassa_pss":
        return key
    return keys.PublicKeyInfo(
        {"algorithm": {"algorithm": "rsa"}, "public_key": key["public_key"].parsed}
    )
