"""Whose address a request is put down to."""

import pytest

from entrypoints.api.callers import Caller, Callers, networks

PROXY = "172.20.0.5"
TRUSTED = networks("172.20.0.0/16, fd00:1::/32")


def caller(peer: str, *forwarded: bytes, name: bytes = b"x-forwarded-for") -> Caller:
    headers = [(b"host", b"test"), *((name, value) for value in forwarded)]
    return Callers(TRUSTED).find({"client": (peer, 1), "headers": headers})  # type: ignore[typeddict-item]


def test_a_peer_that_is_no_proxy_is_the_caller_whatever_it_writes() -> None:
    assert caller("203.0.113.7").address == "203.0.113.7"
    assert caller("203.0.113.7", b"198.51.100.1").address == "203.0.113.7"


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ((b"198.51.100.1",), "198.51.100.1"),
        ((b"198.51.100.1, 203.0.113.7",), "203.0.113.7"),
        ((b"198.51.100.1, 203.0.113.7, 172.20.0.9",), "203.0.113.7"),
        ((b"198.51.100.1", b"203.0.113.7"), "203.0.113.7"),
        ((b"172.20.0.8,172.20.0.9",), "172.20.0.8"),
        ((b"\xff\x00, 203.0.113.7",), "203.0.113.7"),
        ((b"203.0.113.7, unknown",), PROXY),
        ((b"203.0.113.7, unknown, 172.20.0.9",), "172.20.0.9"),
        ((b"",), PROXY),
        ((b"10.0.0.1, ::ffff:203.0.113.7",), "203.0.113.7"),
    ],
)
def test_behind_trusted_proxies_the_caller_is_the_last_hop_that_is_none_of_them(
    forwarded: tuple[bytes, ...], address: str
) -> None:
    assert caller(PROXY, *forwarded).address == address


def test_addresses_of_one_ipv6_subscriber_are_one_caller() -> None:
    assert caller("2001:db8:1:2::3").address == caller("2001:db8:1:2:ffff::9").address
    assert caller("2001:db8:1:2::3").address != caller("2001:db8:1:3::3").address


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "fd12::1", PROXY])
def test_a_direct_peer_of_loopback_or_a_private_network_is_inside(peer: str) -> None:
    assert caller(peer).inside
    assert not caller(peer, b"10.0.0.1").inside
    assert not caller(peer, b"for=10.0.0.1", name=b"forwarded").inside
    assert not caller(peer, b"1.1 proxy", name=b"via").inside


@pytest.mark.parametrize("peer", ["203.0.113.7", "172.32.0.1", "100.64.0.1", "169.254.0.1", "2001:db8::1", "", "unix"])
def test_everybody_else_is_outside(peer: str) -> None:
    assert not caller(peer).inside


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy", "10.0.0.1/8", "10.0.0.0/8;::1"])
def test_what_is_no_network_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text.partition("/")[0]):
        networks(text)
