"""Keys that spell their curve out."""

from __future__ import annotations

import pytest
from asn1crypto import keys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pipeline.chip.signature import Family, Scheme, UnsupportedScheme, is_signed_by

ECDSA = Scheme(family=Family.ECDSA, digest="sha256")
#: brainpoolP256r1, RFC 5639 section 3.4.
P = 0xA9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377
A = 0x7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9
B = 0x26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6
GX = 0x8BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262
GY = 0x547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997
N = 0xA9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7


def spelled_out(public: ec.EllipticCurvePublicKey, generator: tuple[int, int] = (GX, GY)) -> bytes:
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    info = keys.PublicKeyInfo.load(der)
    point = b"\x04" + b"".join(number.to_bytes(32, "big") for number in generator)
    domain = keys.SpecifiedECDomain(
        {
            "version": "ecdpVer1",
            "field_id": {"field_type": "prime_field", "parameters": P},
            "curve": {"a": A.to_bytes(32, "big"), "b": B.to_bytes(32, "big")},
            "base": point,
            "order": N,
            "cofactor": 1,
        }
    )
    info["algorithm"]["parameters"] = keys.ECDomainParameters(name="specified", value=domain)
    return bytes(info.dump(force=True))


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.BrainpoolP256R1())


def test_a_curve_that_is_spelled_out_is_recognised(key: ec.EllipticCurvePrivateKey) -> None:
    signature = key.sign(b"message", ec.ECDSA(hashes.SHA256()))
    info = spelled_out(key.public_key())
    assert is_signed_by(info, ECDSA, signature, b"message")
    assert not is_signed_by(info, ECDSA, signature, b"another message")


def test_a_generator_of_ones_own_is_not_a_known_curve(key: ec.EllipticCurvePrivateKey) -> None:
    """With it anybody finds a private key that fits somebody else's public one (CVE-2020-0601)."""
    numbers = key.public_key().public_numbers()
    info = spelled_out(key.public_key(), generator=(numbers.x, numbers.y))
    with pytest.raises(UnsupportedScheme):
        is_signed_by(info, ECDSA, key.sign(b"m", ec.ECDSA(hashes.SHA256())), b"m")


def test_a_scheme_of_another_kind_than_the_key_is_not_judged(
    key: ec.EllipticCurvePrivateKey,
) -> None:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(UnsupportedScheme):
        is_signed_by(der, Scheme(family=Family.RSA_PKCS1, digest="sha256"), b"", b"")
