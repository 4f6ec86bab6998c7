"""Comprehend behind the service, against the tutorial stack, with the quota lifted and the cache and fallback off."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

from bench.lines import Finding, Line, Plan
from bench.load import alternated
from bench.servers import LOAD_CORE, Server, service, stack

LATENCY_MS = 50
SECONDS = {1: 8.0, 16: 4.0, 64: 4.0, 256: 6.0}
"""By concurrency, how long a stack is measured in a round. At 1 the tutorial stack answers six times a second."""

ALONE = {
    "SENTIMENT_ANALYZER": "comprehend",
    "SENTIMENT_CACHE": "off",
    "SENTIMENT_FALLBACK": "off",
}
"""Only Comprehend answers: every success is one of its own."""

LIFTED = ALONE | {
    "SENTIMENT_COMPREHEND_SINGLE_TPS": "10000",
    "SENTIMENT_COMPREHEND_BATCH_TPS": "10000",
}
"""The quota is not what limits."""


def measure(plan: Plan) -> Iterator[Finding]:
    """``upstream_N``: requests per second as a multiple of the tutorial stack's."""
    with far_side(LATENCY_MS) as comprehend:
        endpoint = comprehend.address
        with (
            service(**LIFTED, AWS_ENDPOINT_URL_COMPREHEND=endpoint) as ours,
            stack("tutorial", AWS_ENDPOINT_URL_COMPREHEND=endpoint) as theirs,
        ):
            for concurrency, seconds in SECONDS.items():
                servers = {"service": ours, "tutorial": theirs}
                loads = alternated(servers, concurrency, seconds * plan.scale, plan.rounds)
                ratio = loads["service"].per_second / loads["tutorial"].per_second
                yield Line(f"upstream_{concurrency}", ratio, loads)


def far_side(latency_ms: float, *quota: float) -> AbstractContextManager[Server]:
    """The stand-in for Comprehend, on the load's core."""
    return stack("far_side", str(latency_ms), *map(str, quota), core=LOAD_CORE)
