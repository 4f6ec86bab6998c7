"""One caller who looks at the memory between requests: how fast is the service while no other guest slows it?"""

import time
from statistics import median

from bench import client
from bench.client import Pool, percentile
from bench.load import Load
from bench.servers import Server

_PAGES = 2_000
_SLOW = 2.0
"""So many times slower than usual, before a request or after it, and the request is left out."""


def alone(server: Server, seconds: float) -> tuple[Load, dict[str, int]]:
    """The answers at concurrency 1 that had fast memory; how many those are, and how many were left out."""
    memory = bytearray(b"1") * (_PAGES << 12)

    def look() -> float:
        start = time.perf_counter()
        memory[::4096]
        return time.perf_counter() - start

    async def work() -> list[tuple[float, float]]:
        pool, end = Pool(f"{server.address}/analyze", server.bodies), time.perf_counter() + seconds
        found, before = [], look()
        while (start := time.perf_counter()) < end:
            await pool.post()
            took, after = time.perf_counter() - start, look()
            found.append((took, max(before, after)))
            before = after
        pool.close()
        return found

    found = client.run(work)
    usual = median(looked for _, looked in found)
    calm = [took for took, looked in found if looked < _SLOW * usual]
    p50, p99 = (percentile(calm, share) * 1e3 for share in (0.50, 0.99))
    counts = {"counted": len(calm), "left out": len(found) - len(calm)}
    return Load(len(found) / seconds, p50, p99, failures=0), counts
