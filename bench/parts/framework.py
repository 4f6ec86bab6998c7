"""What the way to an instant answer costs, against the ceiling; and what a cached answer costs against that."""

from collections.abc import Iterator
from contextlib import ExitStack

from bench.key import PEPPER
from bench.lines import Finding, Line, Plan, Skipped
from bench.load import Load, alternated
from bench.parts.upstream import LIFTED, far_side
from bench.servers import KNOWN_SETTINGS, Server, StartError, service, stack

CONCURRENCY = 32
"""Enough that the server's core is never idle."""

EVERYTHING = {"SENTIMENT_CACHE": "off", "SENTIMENT_KEYS": "on", "SENTIMENT_KEY_PEPPER": PEPPER}


def measure(plan: Plan) -> Iterator[Finding]:
    """``bare``, ``everything`` and ``cache_hit``, each a ratio of requests per second."""
    with ExitStack() as servers:
        running = {name: servers.enter_context(stack(name)) for name in ("ceiling", "bare")}
        running["everything"] = servers.enter_context(stack("everything", **EVERYTHING))
        reason = _add_cached(running, servers)
        loads = alternated(running, CONCURRENCY, 2 * plan.scale, 2 * plan.rounds)
    yield _ratio("bare", loads, "bare", "ceiling")
    yield _ratio("everything", loads, "everything", "ceiling")
    yield Skipped("cache_hit", reason) if reason else _ratio("cache_hit", loads, "cached", "everything")


def _add_cached(running: dict[str, Server], servers: ExitStack) -> str:
    """Adds the service with a cache, whose texts the warm-up puts there; or says why there is none."""
    if "SENTIMENT_CACHE" not in KNOWN_SETTINGS:
        return "this service has no cache yet"
    try:
        upstream = servers.enter_context(far_side(0))
        settings = LIFTED | {"SENTIMENT_CACHE": "memory"}
        running["cached"] = servers.enter_context(service(**settings, AWS_ENDPOINT_URL_COMPREHEND=upstream.address))
    except StartError as error:
        return str(error)
    return ""


def _ratio(key: str, loads: dict[str, Load], ours: str, theirs: str) -> Line:
    pair = {ours: loads[ours], theirs: loads[theirs]}
    return Line(key, loads[ours].per_second / loads[theirs].per_second, pair)
