"""Signing in: the branch's API key, one for each gateway, kept in the vault and told to nobody but that gateway."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit
from uuid import UUID

from capture_client.api_client import CaptureApi
from capture_client.problems import ApiProblem, GatewayAddress, KeyMissing
from capture_client.transport import Patience
from capture_client.vault import Vault

#: The key of the branch, for scripts; an argument would be seen by every user of the machine.
KEY_VARIABLE = "EKYC_CAPTURE_KEY"
#: The forwarder rests by itself between tries, and says meanwhile that it does.
_PATIENCE = Patience(attempts=2, first_pause_s=0.5)
_NO_CASE = UUID(int=0)
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def gateway_address(text: str, *, allow_http: bool = False) -> str:
    """Return the address of a gateway without its path: https, or http on this machine.

    Args:
        text: what somebody typed.
        allow_http: take http to other machines, too: a test network, or a tunnel that encrypts.

    Raises:
        GatewayAddress: it is none.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise GatewayAddress(text) from error
    is_safe = parts.scheme == "https" or host in _THIS_MACHINE or allow_http
    if parts.scheme not in {"http", "https"} or not host or not is_safe or parts.username:
        raise GatewayAddress(text)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def keep_key(vault: Vault, gateway: str, api_key: str) -> None:
    """Keep the key for a gateway in place of the former.

    Raises:
        VaultClosed: it cannot be kept.
    """
    vault.put(_entry(gateway), api_key.strip())


def has_key(vault: Vault, gateway: str) -> bool:
    """Whether somebody signed in at this gateway before."""
    return bool(vault.get(_entry(gateway)))


def check_key(gateway: str, api_key: str) -> None:
    """Ask the gateway whether it takes this key for capturing.

    Raises:
        ApiProblem: `unauthenticated`, `scope_missing`.
        CaptureError: it does not answer; the key may be kept and checked later.
    """
    with CaptureApi(gateway, api_key.strip(), patience=_PATIENCE) as api:
        try:
            api.upload_offset(_NO_CASE)
        except ApiProblem as problem:
            if problem.status in {401, 403}:
                code = "unauthenticated" if problem.status == 401 else "scope_missing"
                raise ApiProblem(code, problem.status, "", problem.members) from problem


@contextmanager
def connection_for(vault: Vault, *, language: str) -> Iterator[Callable[[str], CaptureApi]]:
    """Yield a function from a gateway's address to a client with the key of this moment; for one thread."""
    known: dict[str, tuple[str, CaptureApi]] = {}
    with ExitStack() as stack:

        def connect(gateway: str) -> CaptureApi:
            key = vault.get(_entry(gateway))
            if not key:
                raise KeyMissing(gateway)
            if gateway not in known or known[gateway][0] != key:
                api = CaptureApi(gateway, key, language=language, patience=_PATIENCE)
                known[gateway] = (key, stack.enter_context(api))
            return known[gateway][1]

        yield connect


def _entry(gateway: str) -> str:
    return f"api_key_{hashlib.sha256(gateway.encode()).hexdigest()[:16]}"
