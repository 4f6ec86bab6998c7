"""The door: who may come in, and how often. Nothing here waits, and nothing is read from a disk."""

import logging
import math
import time
from collections.abc import Callable
from functools import partial

from litestar.types import HTTPScope
from litestar.utils import normalize_path
from msgspec import Struct

from entrypoints.api.callers import Callers
from entrypoints.api.errors import RefusedError, refuse
from entrypoints.api.exchange import PAGES
from entrypoints.api.reading import CLOSE
from sentiment_core.keys import ApiKey, KeyRefusedError, KeyRing, Scope
from sentiment_core.metric_names import AUTH_FAILURES, RATE_LIMITED
from sentiment_core.ports import Clock, Metrics, WallClock
from sentiment_core.resilience import RateLimiter

Charge = Callable[[int], None]
"""Counts documents beyond a request's first against whoever sent it."""

FAILURES_PER_SECOND = 1.0
FAILURES_AT_ONCE = 20
"""Failures to show a good key that one address is told about; the others are not looked into."""

_ROUTES: dict[str, Scope | None] = {
    **dict.fromkeys(("/", "/health", "/health/ready", PAGES)),
    "/metrics": Scope.METRICS,
    "/analyze": Scope.ANALYZE,
    "/analyze/batch": Scope.ANALYZE,
    "/feedback": Scope.ANALYZE,
}
"""What a path needs. One that is not here needs what an analysis needs, so that a new route is not open by mistake."""

_CHALLENGE = (b"www-authenticate", b'Bearer realm="sentiment"')

_log = logging.getLogger(__name__)


class Rates(Struct, frozen=True):
    """Documents a second; 0 is no limit."""

    per_key: float = 0.0
    per_address: float = 0.0


class Door:
    """Lets a request in, or raises the RefusedError that it is answered with.

    Without a ``ring`` no key is asked for, and callers from outside are limited by their address. With one they are
    limited by their key; a key's own rate goes before ``rates``. /health and the documentation are open to all, and
    /metrics to callers from inside.
    """

    def __init__(
        self,
        *,
        ring: KeyRing | None = None,
        callers: Callers | None = None,
        rates: Rates | None = None,
        metrics: Metrics,
        clock: Clock,
        wall_clock: WallClock = time.time,
    ) -> None:
        self._ring = ring
        self._callers = callers or Callers()
        self._rates = rates or Rates()
        self._metrics = metrics
        self._wall_clock = wall_clock
        self._limiter = RateLimiter(clock)
        self._failures = RateLimiter(clock, burst=FAILURES_AT_ONCE / FAILURES_PER_SECOND)

    @property
    def asks_for_keys(self) -> bool:
        """Whether a key is asked for."""
        return self._ring is not None

    def admit(self, scope: HTTPScope) -> Charge:
        """Counts the request as one document; what it gives counts the others, once they are known."""
        needed = wanted(scope["path"])
        if needed is None:
            return _free
        if self._ring is None:
            return self._admit_unknown(scope, needed)
        if needed is Scope.METRICS and self._callers.find(scope).inside:
            return _free
        key = self._identify(self._ring, scope)
        if needed not in key.scopes:
            self._metrics.add(AUTH_FAILURES, 1, "scope")
            raise RefusedError("forbidden", f"Use a key with the scope {needed.value!r}.", (CLOSE,))
        return self._count("key", key.id, self._rates.per_key if key.rate is None else key.rate)

    def _admit_unknown(self, scope: HTTPScope, needed: Scope) -> Charge:
        rate = self._rates.per_address
        if not rate or needed is Scope.METRICS or (caller := self._callers.find(scope)).inside:
            return _free
        return self._count("address", caller.address, rate)

    def _identify(self, ring: KeyRing, scope: HTTPScope) -> ApiKey:
        try:
            return ring.find(_token(scope), self._wall_clock())
        except KeyRefusedError as error:
            self._metrics.add(AUTH_FAILURES, 1, error.reason)
            address = self._callers.find(scope).address
            if wait := self._failures.admit(address, FAILURES_PER_SECOND):
                raise self._limited("failures", wait) from None
            if error.id:
                _log.info("The key %s was refused: %s", error.id, error.reason)
            raise refuse("unauthenticated", _CHALLENGE, CLOSE) from None

    def _count(self, by: str, caller: str, rate: float) -> Charge:
        if not rate:
            return _free
        if wait := self._limiter.admit(caller, rate):
            raise self._limited(by, wait)
        return partial(self._limiter.charge, caller, rate)

    def _limited(self, by: str, wait: float) -> RefusedError:
        self._metrics.add(RATE_LIMITED, 1, by)
        seconds = math.ceil(wait)
        detail = f"Wait {seconds} second{'s' if seconds > 1 else ''} before the next request."
        return RefusedError("rate_limited", detail, ((b"retry-after", str(seconds).encode()), CLOSE))


def wanted(path: str) -> Scope | None:
    """What a key has to be good for; None where none is needed. Other spellings of a path are read as Litestar does."""
    if path in _ROUTES:
        return _ROUTES[path]
    path = normalize_path(path)
    return None if path.startswith(f"{PAGES}/") else _ROUTES.get(path, Scope.ANALYZE)


def _token(scope: HTTPScope) -> bytes:
    shown = [value for name, value in scope["headers"] if name == b"authorization"]
    if not shown:
        raise KeyRefusedError("missing")
    scheme, _, token = shown[0].partition(b" ")
    if len(shown) > 1 or scheme.lower() != b"bearer":
        raise KeyRefusedError("malformed")
    return token


def _free(_: int) -> None:
    """Counts nothing."""
