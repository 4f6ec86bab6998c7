"""API keys: how one is made, what is kept of it, and whether one that is shown is good."""

import base64
import hmac
import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache

from msgspec import Struct

_WELL_FORMED = re.compile(rb"ta_([a-z2-7]{8})_[A-Za-z0-9_-]{43}").fullmatch


class Scope(StrEnum):
    """What a key may be good for."""

    ANALYZE = "analyze"
    METRICS = "metrics"


class ApiKey(Struct, frozen=True):
    """What is kept of a key: never its secret, from which ``digest`` is made and not the other way round.

    ``created`` and ``expires`` are seconds since the epoch. ``rate`` is in documents a second; 0 is no limit, None the
    service's own.
    """

    id: str
    name: str
    digest: bytes
    scopes: frozenset[Scope]
    created: float
    expires: float | None = None
    rate: float | None = None
    revoked: bool = False

    def usable(self, now: float) -> bool:
        """Whether it is neither revoked nor expired."""
        return not self.revoked and (self.expires is None or now < self.expires)


class KeyRefusedError(Exception):
    """A key is not good. ``reason`` is for metrics; ``id`` names the key, if it is a known one."""

    def __init__(self, reason: str, id_: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.id = id_


def digest(pepper: bytes, token: bytes) -> bytes:
    """HMAC-SHA-256. A slow hash would protect nothing: the secret has 256 bits, and nobody guesses those."""
    mac = _begun(pepper).copy()
    mac.update(token)
    return mac.digest()


@cache
def _begun(pepper: bytes) -> hmac.HMAC:
    """A copy for each token takes half the time of beginning anew, which every request would pay."""
    return hmac.new(pepper, digestmod="sha256")


def issue(
    pepper: bytes,
    *,
    name: str,
    scopes: Iterable[Scope],
    now: float,
    entropy: Callable[[int], bytes],
    expires: float | None = None,
    rate: float | None = None,
) -> tuple[str, ApiKey]:
    """A new key: ``ta_<id>_<secret>``, which is nowhere else, and what is kept. ``entropy`` is ``os.urandom``."""
    id_ = base64.b32encode(entropy(5)).decode().lower()
    secret = base64.urlsafe_b64encode(entropy(32)).decode().rstrip("=")
    token = f"ta_{id_}_{secret}"
    return token, ApiKey(id_, name, digest(pepper, token.encode()), frozenset(scopes), now, expires, rate)


class KeyRing:
    """The keys of the moment, which ``replace`` exchanges all at once."""

    def __init__(self, pepper: bytes, keys: Iterable[ApiKey] = ()) -> None:
        self._pepper = pepper
        self._keys: dict[bytes, ApiKey] = {}
        self.replace(keys)

    def replace(self, keys: Iterable[ApiKey]) -> None:
        """From now on these keys are known, and no others."""
        self._keys = {key.id.encode(): key for key in keys}

    def usable(self, now: float) -> int:
        """How many keys are good."""
        return sum(key.usable(now) for key in self._keys.values())

    def find(self, token: bytes, now: float) -> ApiKey:
        """The key that was shown. Raises KeyRefusedError.

        A well-formed token costs the same whether or not its id is known, and tells nothing about a key until the
        whole of it is right.
        """
        match = _WELL_FORMED(token)
        if match is None:
            raise KeyRefusedError("malformed")
        key = self._keys.get(match[1], _NOBODYS)
        right = hmac.compare_digest(digest(self._pepper, token), key.digest)
        if key is _NOBODYS:
            raise KeyRefusedError("unknown")
        if not right:
            raise KeyRefusedError("wrong_secret", key.id)
        if not key.usable(now):
            raise KeyRefusedError("revoked" if key.revoked else "expired", key.id)
        return key


_NOBODYS = ApiKey("", "", bytes(32), frozenset(), 0.0)
"""What an unknown id is compared with."""
