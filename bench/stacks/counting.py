"""Counts, on a thread of its own, for about so many microseconds a request as the command line says.

What is slow here is slow by the machine: by another guest of its host, or its scheduler.
"""

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

from bench.stacks.serving import serve

_TRIAL = 50_000
_PAUSE_S = 0.002
_executor = ThreadPoolExecutor(1)
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"2")]


def _count(to: int) -> None:
    for _ in range(to):
        pass


def _goal(microseconds: float) -> int:
    """How far to count in so long, by half of some trials, each after a pause: a core that has slept is slower."""
    times = []
    for _ in range(200):
        time.sleep(_PAUSE_S)
        start = time.perf_counter()
        _count(_TRIAL)
        times.append(time.perf_counter() - start)
    return round(_TRIAL * microseconds * 1e-6 / median(times))


GOAL = _goal(float(sys.argv[2]))


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Any path and any method."""
    if scope["type"] != "http":
        return
    await receive()
    await asyncio.get_running_loop().run_in_executor(_executor, _count, GOAL)
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": b"{}"})


if __name__ == "__main__":
    serve(app)
