"""Who calls: the address that a request comes from, which a header alone never decides."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from litestar.types import HTTPScope
from msgspec import Struct

Network = IPv4Network | IPv6Network

INSIDE: tuple[Network, ...] = tuple(
    map(ip_network, ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)
"""Loopback, RFC 1918 and RFC 4193: the networks that no packet from the internet comes from."""

_FORWARDED = frozenset({b"x-forwarded-for", b"forwarded", b"via"})
_SUBSCRIBER = 64
"""Bits of an IPv6 address that tell subscribers apart; the rest each of them chooses freely."""


class Caller(Struct, frozen=True):
    """``address`` is that of one subscriber; ``inside``, whether it is in our own network and came through no proxy."""

    address: str
    inside: bool


class Callers:
    """Finds callers. Of X-Forwarded-For only what a proxy of ``trusted`` networks wrote is believed."""

    def __init__(self, trusted: Iterable[Network] = ()) -> None:
        self._trusted = tuple(trusted)
        self._look_up = lru_cache(10_000)(self._examine)

    def find(self, scope: HTTPScope) -> Caller:
        """The caller of a request: the right-most hop that is no trusted proxy."""
        peer = (scope["client"] or ("",))[0] if "client" in scope else ""
        address, trusted, inside = self._look_up(peer)
        forwarded = [(name, value) for name, value in scope["headers"] if name in _FORWARDED]
        if not forwarded:
            return Caller(address, inside)
        if trusted:
            address = self._behind(address, _hops(forwarded))
        return Caller(address, inside=False)

    def _behind(self, address: str, hops: Iterator[str]) -> str:
        for hop in hops:
            seen, trusted, _ = self._look_up(hop)
            if not seen:  # no address: whoever wrote it, the hop before is the last that is known
                break
            address = seen
            if not trusted:
                break
        return address

    def _examine(self, text: str) -> tuple[str, bool, bool]:
        """The subscriber's address (empty for what is no address), whether it is trusted, whether it is inside."""
        try:
            address = ip_address(text)
        except ValueError:
            return "", False, False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return _subscriber(address), _among(address, self._trusted), _among(address, INSIDE)


def networks(text: str) -> tuple[Network, ...]:
    """The networks of a list with commas. Raises ValueError, naming the part that is none."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _hops(forwarded: Iterable[tuple[bytes, bytes]]) -> Iterator[str]:
    """The hops of all X-Forwarded-For headers, the last first."""
    together = b",".join(value for name, value in forwarded if name == b"x-forwarded-for")
    while together:
        together, _, hop = together.rpartition(b",")
        yield hop.strip().decode("latin-1")


def _subscriber(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _SUBSCRIBER), strict=False))


def _among(address: IPv4Address | IPv6Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
