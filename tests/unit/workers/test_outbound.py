"""Where a webhook may lead, and how long it waits before it tries again."""

from __future__ import annotations

import socket
from ipaddress import ip_address, ip_network

import pytest

from workers.courier import pause_after
from workers.outbound import AddressRefused, HostUnknown, checked_addresses, may_be_reached
from workers.webhook_settings import WebhookSettings

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "192.0.2.1", "198.18.0.1", "::1", "fc00::1",
    "::ffff:10.0.0.1", "2002:0a00:0001::", "64:ff9b::0a00:0001", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
    "240.0.0.1",
]  # fmt: skip
NEVER = [
    "169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "0.0.0.0", "::",
    "224.0.0.1", "ff02::1", "255.255.255.255", "0.1.2.3",
]  # fmt: skip
EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "203.113.131.1", "2606:4700::1111", "::ffff:1.1.1.1"]
)
def test_public_addresses_are_reached(address: str) -> None:
    assert may_be_reached(ip_address(address), ())


@pytest.mark.parametrize("address", [*PRIVATE, *NEVER])
def test_others_are_not(address: str) -> None:
    assert not may_be_reached(ip_address(address), ())


@pytest.mark.parametrize("address", PRIVATE)
def test_a_bank_may_allow_its_own_networks(address: str) -> None:
    assert may_be_reached(ip_address(address), EVERYTHING)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_cannot_be_allowed(address: str) -> None:
    assert not may_be_reached(ip_address(address), EVERYTHING)


def resolver(*addresses: str):  # type: ignore[no-untyped-def]
    return lambda *_, **__: [(0, 0, 0, "", (address, 443)) for address in addresses]


def test_one_bad_address_among_several_is_enough() -> None:
    good = checked_addresses("h", 443, (), resolver("1.1.1.1", "2606:4700::1111"))
    assert [str(address) for address in good] == ["1.1.1.1", "2606:4700::1111"]
    with pytest.raises(AddressRefused):
        checked_addresses("h", 443, (), resolver("1.1.1.1", "10.0.0.1"))
    with pytest.raises(AddressRefused):
        checked_addresses("h", 443, (), resolver("fe80::1%eth0"))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "017700000001"])
def test_other_spellings_of_an_address_are_seen_through(host: str) -> None:
    with pytest.raises((AddressRefused, HostUnknown)):
        checked_addresses(host, 443, ())


def test_a_host_without_address_is_said_so() -> None:
    def resolve(*_: object, **__: object) -> None:
        raise socket.gaierror

    with pytest.raises(HostUnknown):
        checked_addresses("nowhere.invalid", 443, (), resolve)
    with pytest.raises(HostUnknown):
        checked_addresses("nowhere.invalid", 443, (), resolver())


def test_pauses_double_up_to_a_limit_and_half_of_each_is_chance() -> None:
    settings = WebhookSettings(retry_s=5, retry_max_s=3600)
    longest = [pause_after(attempt, settings, 1.0) for attempt in range(1, 21)]
    assert longest[:4] == [5, 10, 20, 40]
    assert longest[-1] == 3600
    assert [pause_after(n, settings, 0.0) for n in range(1, 21)] == [p / 2 for p in longest]
    assert 10 < sum(longest) / 3600 < 14  # hours until a delivery is dead
    assert pause_after(10_000, settings, 1.0) == 3600


def test_a_lease_outlasts_an_attempt() -> None:
    with pytest.raises(ValueError, match="lease"):
        WebhookSettings(timeout_s=20, lease_s=30)
