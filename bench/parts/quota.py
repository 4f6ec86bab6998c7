"""Documents a second that Comprehend's default quota allows, against what it allows to single calls."""

from collections.abc import Iterator

from bench.lines import Finding, Line, Plan, Skipped
from bench.load import closed
from bench.parts.upstream import ALONE, LATENCY_MS, far_side
from bench.servers import KNOWN_SETTINGS, service

SINGLE_TPS, BATCH_TPS = 20, 10
"""The default quota of an account, in calls a second of each operation. Single calls can answer the first at best."""

CONCURRENCY = 200
SETTLE_S = 4
"""Seconds until the burst is over that the quota allows at first."""


def measure(plan: Plan) -> Iterator[Finding]:
    """``quota``: texts in one language, the far side keeping the quota."""
    if "SENTIMENT_COMPREHEND_BATCH_TPS" not in KNOWN_SETTINGS:
        yield Skipped("quota", "this service does not pace its calls yet")
        return
    with (
        far_side(LATENCY_MS, SINGLE_TPS, BATCH_TPS) as comprehend,
        service(**ALONE, AWS_ENDPOINT_URL_COMPREHEND=comprehend.address) as ours,
    ):
        closed(ours, CONCURRENCY, SETTLE_S)
        load = closed(ours, CONCURRENCY, 12 * plan.scale)
    yield Line("quota", load.per_second / SINGLE_TPS, {"service": load})
