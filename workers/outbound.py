"""One HTTP POST to an address that somebody else chose: where it leads is checked, and nothing about it is trusted.

The name is resolved once, every address it has is checked, and the connection goes to the address that was checked: a
name that points elsewhere a moment later (DNS rebinding) changes nothing. There are no redirects and no proxies, the
whole attempt has one deadline, and of the answer only the status line and bounded headers are read.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpcore
import httpx

from pipeline.errors import EkycError
from workers.webhook_settings import WebhookSettings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: Never, whatever the settings allow: link-local holds the metadata services of clouds (AWS, GCP, Azure), the single
#: ones are those of Alibaba and of AWS on IPv6; `0.0.0.0/8` and `::` mean this host.
NEVER: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "169.254.0.0/16", "100.100.100.200/32", "224.0.0.0/4", "255.255.255.255/32",
        "::/128", "fe80::/10", "fd00:ec2::/32", "ff00::/8",
    )
)  # fmt: skip
#: IPv6 that carries an IPv4 address inside (6to4, Teredo, NAT64): public to look at, private where it ends.
TUNNELS: tuple[Network, ...] = tuple(
    ip_network(text) for text in ("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48")
)
#: Status line and headers; the body of an answer is not read at all.
MAX_ANSWER_BYTES = 64 * 1024


class DeliveryError(EkycError):
    """The receiver was not told; `code` says why."""

    code = "webhook_failed"


class AddressRefused(DeliveryError):
    """The host leads to an address that must not be reached."""

    code = "webhook_address_refused"


class HostUnknown(DeliveryError):
    """The host has no address."""

    code = "webhook_host_unknown"


class CertificateRefused(DeliveryError):
    """The receiver's certificate does not prove that it is the host."""

    code = "webhook_certificate_refused"


class TooSlow(DeliveryError):
    """No answer in time."""

    code = "webhook_timeout"


class Unreachable(DeliveryError):
    """No connection, or one that broke."""

    code = "webhook_unreachable"


def post(url: str, body: bytes, headers: Mapping[str, str], settings: WebhookSettings) -> int:
    """Send `body` and return the HTTP status of the answer.

    Raises:
        DeliveryError: the subclass says what went wrong; the receiver may have seen the message all the same.
    """
    deadline = time.monotonic() + settings.timeout_s
    backend = _GuardedBackend(settings.allow_networks, deadline)
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=_trust(settings), network_backend=backend, max_connections=1, retries=0
            ) as pool,
            pool.stream("POST", url, headers=list(headers.items()), content=body) as answer,
        ):
            return int(answer.status)
    except httpcore.TimeoutException:
        raise TooSlow("no answer in time") from None
    except httpcore.ConnectError as error:
        if _is_certificate_error(error):
            raise CertificateRefused("the certificate was refused") from None
        raise Unreachable("no connection") from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise Unreachable("the connection broke") from None


def _trust(settings: WebhookSettings) -> ssl.SSLContext:
    trust = httpx.create_ssl_context(trust_env=False)
    if settings.ca_file is not None:
        trust.load_verify_locations(settings.ca_file)
    return trust


def _is_certificate_error(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def checked_addresses(
    host: str,
    port: int,
    allowed: Iterable[Network],
    resolve: Callable[..., Any] = socket.getaddrinfo,
) -> list[Address]:
    """Return the addresses of a host, all of which may be reached.

    Raises:
        HostUnknown: it has none.
        AddressRefused: at least one may not be reached.
    """
    try:
        found = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise HostUnknown("the host has no address") from None
    addresses = [ip_address(place[0].partition("%")[0]) for *_, place in found]
    networks = tuple(allowed)
    if not addresses:
        raise HostUnknown("the host has no address")
    if not all(may_be_reached(address, networks) for address in addresses):
        raise AddressRefused("the host leads to an address that is not public")
    return addresses


def may_be_reached(address: Address, allowed: Iterable[Network]) -> bool:
    """Whether an address is public, or in a network that the settings allow; never when it is in `NEVER`."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if _within(address, NEVER):
        return False
    if _within(address, allowed):
        return True
    return address.is_global and not _within(address, TUNNELS)


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


class _GuardedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and hands out streams that keep the deadline."""

    def __init__(self, allowed: Iterable[Network], deadline: float) -> None:
        self._allowed, self._deadline = tuple(allowed), deadline
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None,
        local_address: str | None = None, socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        address = checked_addresses(host, port, self._allowed)[0]
        stream = self._backend.connect_tcp(
            str(address), port, _left(self._deadline), local_address, socket_options
        )
        return _BoundedStream(stream, self._deadline)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise AddressRefused("a socket file is no receiver")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return left


@dataclass(slots=True)
class _Read:
    """Bytes read so far."""

    size: int = 0


class _BoundedStream(httpcore.NetworkStream):
    """A stream with one deadline for everything and a bound on what is read; a trickle of bytes wins no time."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline, self._read = stream, deadline, _Read()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, _left(self._deadline))
        self._read.size += len(data)
        if self._read.size > MAX_ANSWER_BYTES:
            raise httpcore.ReadError("the answer is too large")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _BoundedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
