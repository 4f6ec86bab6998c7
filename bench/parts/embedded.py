"""The service as it is without any setting: the embedded model, on one core."""

import subprocess
import time
from collections.abc import Iterator
from statistics import median

from bench.calm import alone as calm_alone
from bench.lines import Finding, Line, Plan, Skipped
from bench.load import alternated
from bench.servers import SENTIMENT, StartError, service, stack, start_seconds

SETTINGS = {"SENTIMENT_EMBEDDED_THREADS": "1", "SENTIMENT_CACHE": "off"}
STARTS = 5


def measure(plan: Plan) -> Iterator[Finding]:
    """``help``, ``start``, ``embedded_texts``, ``embedded_p99``, ``embedded_calm_p99``; ``memory``, after the load."""
    yield Line("help", median(_help_seconds() for _ in range(STARTS)))
    try:
        yield Line("start", median(start_seconds(**SETTINGS) for _ in range(max(1, round(STARTS * plan.scale)))))
        with service(**SETTINGS) as server:
            many = alternated({"service": server}, 64, 4 * plan.scale, plan.rounds)
            yield Line("embedded_texts", many["service"].per_second, many)
            alone = alternated({"service": server}, 1, 2 * plan.scale, plan.rounds)["service"]
            with stack("counting", str(1_000 * alone.p50_ms)) as counting:
                one = alternated({"service": server, "counting": counting}, 1, 4 * plan.scale, plan.rounds)
            yield Line("embedded_p99", one["service"].p99_ms, one)
            calm, counts = calm_alone(server, 12 * plan.scale)
            yield Line("embedded_calm_p99", calm.p99_ms, {"service": calm}, {"answers": counts})
            yield Line("memory", server.resident_mb())
    except StartError as error:
        for key in ("start", "embedded_texts", "embedded_p99", "embedded_calm_p99", "memory"):
            yield Skipped(key, f"the embedded model is not served: {error}")


def _help_seconds() -> float:
    start = time.perf_counter()
    subprocess.run([str(SENTIMENT), "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
