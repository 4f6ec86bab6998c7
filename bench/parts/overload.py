"""Four times as many requests as can be answered: what is still answered, and how fast the rest is refused.

The quota is the default one, and Comprehend takes a third of a second, so that three calls of an operation are under
way at a time, each of 25 documents: that is what limits, and not the service's own core. Where the core is the limit,
a service cannot keep its capacity, since a refusal costs a tenth of an answer, and there are three to each.
"""

import asyncio
import re
import time
import urllib.request
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from statistics import median

from bench import client
from bench.client import Answer, Pool, percentile
from bench.lines import Finding, Line, Plan, Skipped
from bench.load import Load
from bench.parts.upstream import ALONE, far_side
from bench.servers import Server, service

LATENCY_MS = 350

CONCURRENCY = 120
"""Callers who keep the service full, and are let in: what they are answered is the capacity."""

UNLOADED = 3
"""Requests a second that hardly meet one another."""

TIMES = 4
SETTLE_S = 2.0
"""The first seconds of a load, which begins with an empty queue, do not count."""

BURST = 400
"""More requests at once than a service that refuses anybody lets in."""

CALM = 5
SLOWER = 1.2
"""So many answers in a row, none slower than this multiple of the unloaded p99, are as before."""

GONE_AFTER_S = 0.2
ABORTS = 5

_ACTIVE = re.compile(rb"^active_requests (\S+)", re.MULTILINE)


def measure(plan: Plan) -> Iterator[Finding]:
    """``abort``, ``goodput``, ``accepted_p99``, ``refusal_p99`` and ``recovery``."""
    with (
        far_side(LATENCY_MS) as comprehend,
        service(**ALONE, AWS_ENDPOINT_URL_COMPREHEND=comprehend.address) as ours,
    ):
        yield Line("abort", median(_abort_seconds(ours) for _ in range(ABORTS)) * 1e3)
        burst = client.open_loop(f"{ours.address}/analyze", BURST * 10, 0.1)
        if all(answer.status != HTTPStatus.SERVICE_UNAVAILABLE for answer in burst):
            for key in ("goodput", "accepted_p99", "refusal_p99", "recovery"):
                yield Skipped(key, "this service refuses nobody yet")
        else:
            yield from _overloaded(ours, plan)


def _overloaded(ours: Server, plan: Plan) -> Iterator[Finding]:
    url, seconds = f"{ours.address}/analyze", SETTLE_S + 12 * plan.scale
    unloaded = _load(client.open_loop(url, UNLOADED, seconds), seconds, HTTPStatus.OK)
    capacity = _load(client.closed(url, CONCURRENCY, seconds), seconds, HTTPStatus.OK)
    end = time.perf_counter() + seconds
    answers = client.open_loop(url, TIMES * capacity.per_second, seconds)
    recovery = _calm_since(url, SLOWER * unloaded.p99_ms / 1e3) - end
    accepted = _load(answers, seconds, HTTPStatus.OK)
    refused = _load(answers, seconds, HTTPStatus.SERVICE_UNAVAILABLE)
    loads = {
        "unloaded": unloaded,
        "capacity": capacity,
        "accepted": accepted,
        "refused": refused,
        "generator": _generator(answers, seconds),
    }
    yield Line("goodput", accepted.per_second / capacity.per_second, loads)
    yield Line("accepted_p99", accepted.p99_ms / unloaded.p99_ms)
    yield Line("refusal_p99", refused.p99_ms)
    yield Line("recovery", max(recovery, 0.0))


def _load(answers: Sequence[Answer], seconds: float, status: int) -> Load:
    """Those with one status that were given between SETTLE_S and ``seconds``; all others are its failures."""
    settled = [answer for answer in answers if SETTLE_S <= answer.due + answer.seconds < seconds]
    times = [answer.seconds for answer in settled if answer.status == status]
    p50, p99 = (percentile(times, share) * 1e3 for share in (0.50, 0.99))
    return Load(len(times) / (seconds - SETTLE_S), p50, p99, failures=len(settled) - len(times))


def _generator(answers: Sequence[Answer], seconds: float) -> Load:
    """The load itself, and how late its requests were sent: where that is not far below a figure, the figure is its."""
    p50, p99 = (percentile([answer.lag for answer in answers], share) * 1e3 for share in (0.50, 0.99))
    return Load(len(answers) / seconds, p50, p99, failures=0)


def _calm_since(url: str, limit_s: float) -> float:
    """When the first of CALM answers in a row was asked for, none of which took longer; within half a minute."""

    async def work() -> float:
        pool, give_up = Pool(url), time.perf_counter() + 30
        asked: list[float] = []
        while len(asked) < CALM and time.perf_counter() < give_up:
            asked.append(time.perf_counter())
            status = await pool.post()
            if status != HTTPStatus.OK or time.perf_counter() - asked[-1] > limit_s:
                asked.clear()
        pool.close()
        return asked[0] if asked else give_up

    return client.run(work)


def _abort_seconds(server: Server) -> float:
    """From a caller's going to when the service has no request under way but the one that asks for the metrics."""

    async def leave() -> None:
        pool = Pool(f"{server.address}/analyze")
        connection = await pool.connect()
        asking = asyncio.create_task(pool.ask(connection))
        await asyncio.sleep(GONE_AFTER_S)
        connection.close()
        await asking

    client.run(leave)
    start = time.perf_counter()
    while _active(server) > 1:
        time.sleep(0.002)
    return time.perf_counter() - start


def _active(server: Server) -> float:
    with urllib.request.urlopen(f"{server.address}/metrics", timeout=10) as reply:
        found = _ACTIVE.search(reply.read())
    return float(found[1]) if found else 0.0
