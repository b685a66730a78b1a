"""Elliptic curves that keys spell out as parameters instead of naming them, as many document signers do."""

from __future__ import annotations

import hashlib

from asn1crypto import keys

#: sha256 of `p,a,b,Gx,Gy,n` in lower-case hexadecimal. All six are compared, the generator too: a key with a generator
#: of the attacker's choice on a known curve forges signatures (CVE-2020-0601). Parameters: SEC 2 and RFC 5639.
_NAME_OF = {
    "91e0ccc7571c60d979dfb679d65400cb8e5d8b3d141c54baeb4b87970e241013": "secp256r1",
    "d8a9ceaa0573f69feeee32f204e4ce4b4e372a33e50de5d4371933e971723944": "secp384r1",
    "3eedee93c4063db5467d39cc7331aecccddf519a03549e2ebdb1c2f1fb0cb69c": "secp521r1",
    "910bb8329d7533822113ed131db7c03174bac1be4d4786281476902be04e7973": "1.3.36.3.3.2.8.1.1.7",  # brainpoolP256r1
    "bb14318d44b1718a2b46a515fa7dd4c2c27166bd6bf8bb2dfd52637ab0e80f0e": "1.3.36.3.3.2.8.1.1.11",  # brainpoolP384r1
    "ce9c4675bd7b6d9b44e1e6ee4093c106d3e668de21e4323f26263b3a37fba642": "1.3.36.3.3.2.8.1.1.13",  # brainpoolP512r1
}
_UNCOMPRESSED = 4


def with_named_curve(key: keys.PublicKeyInfo) -> keys.PublicKeyInfo:
    """Return an EC key with its curve named, so that libraries that refuse spelled-out parameters take it.

    Args:
        key: a parsed EC public key; one with a named curve comes back unchanged.

    Raises:
        ValueError: the parameters are those of no known curve.
    """
    parameters = key["algorithm"]["parameters"]
    if parameters.name == "named":
        return key
    if parameters.name != "specified":
        raise ValueError("the curve is neither named nor spelled out")
    name = _NAME_OF.get(_fingerprint(parameters.chosen))
    if name is None:
        raise ValueError("unknown curve parameters")
    named = keys.PublicKeyInfo.load(key.dump())
    named["algorithm"]["parameters"] = keys.ECDomainParameters(
        name="named", value=keys.NamedCurve(name)
    )
    return keys.PublicKeyInfo.load(named.dump(force=True))


def _fingerprint(curve: keys.SpecifiedECDomain) -> str:
    point = bytes(curve["base"].native)
    if point[:1] != bytes([_UNCOMPRESSED]) or len(point) % 2 != 1:
        raise ValueError("the generator is not an uncompressed point")
    half = len(point) // 2
    numbers = (
        int(curve["field_id"]["parameters"].native),
        int.from_bytes(curve["curve"]["a"].native, "big"),
        int.from_bytes(curve["curve"]["b"].native, "big"),
        int.from_bytes(point[1 : half + 1], "big"),
        int.from_bytes(point[half + 1 :], "big"),
        int(curve["order"].native),
    )
    return hashlib.sha256(",".join(f"{number:x}" for number in numbers).encode()).hexdigest()
