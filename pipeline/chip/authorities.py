"""The country signing authorities that a bank trusts: certificates in a folder that it fills itself."""

from __future__ import annotations

from pathlib import Path

from pipeline.chip.certificate import Certificate, parse_certificate
from pipeline.errors import AuthorityError

_SUFFIXES = (".cer", ".crt", ".der", ".pem")


def load_authorities(folder: Path | None) -> tuple[Certificate, ...]:
    """Return the certificates of a folder, one a file, DER or PEM.

    Args:
        folder: None if no authority is trusted; the origin of every chip is then unknown.

    Raises:
        AuthorityError: there is no such folder, it holds no certificate, or one that cannot vouch for signers. A bank
            that configured trust must not run without it.
    """
    if folder is None:
        return ()
    if not folder.is_dir():
        raise AuthorityError(f"no such folder: {folder}")
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    if not files:
        raise AuthorityError(f"no certificate ({', '.join(_SUFFIXES)}) in {folder}")
    return tuple(_load(path) for path in files)


def _load(path: Path) -> Certificate:
    try:
        certificate = parse_certificate(path.read_bytes())
    except (ValueError, OSError) as error:
        raise AuthorityError(f"no certificate can be read from {path}") from error
    if not (certificate.is_authority and certificate.may("key_cert_sign")):
        raise AuthorityError(f"{path} is not the certificate of a signing authority")
    return certificate
