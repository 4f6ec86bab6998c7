"""As much work as a request of the service has, and nothing to it: counting, on a thread of its own.

What is left of a slow answer when this one is as slow is the machine's: another guest of its host, or its scheduler.
"""

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.stacks.serving import serve

_TRIAL = 10_000
_executor = ThreadPoolExecutor(1)
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"2")]


def _count(to: int) -> None:
    for _ in range(to):
        pass


def _goal(microseconds: float) -> int:
    """How far to count in so long, by the fastest of some trials."""
    times = []
    for _ in range(100):
        start = time.perf_counter()
        _count(_TRIAL)
        times.append(time.perf_counter() - start)
    return round(_TRIAL * microseconds * 1e-6 / min(times))


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
