"""What is claimed of the service's speed, and by how much."""

from itertools import product
from typing import Annotated

from msgspec import Meta, Struct

from bench.peers import PEERS


class Target(Struct, frozen=True):
    """``aim`` is what we want, ``floor`` what must hold; ``at_most`` turns both round.

    ``why_missed`` stands below a line that is missed, where the reason is known.
    """

    what: str
    unit: str
    aim: float
    floor: Annotated[float | None, Meta(description="The aim itself, where there is none.")] = None
    at_most: bool = False
    why_missed: str = ""

    def verdict(self, value: float) -> str:
        """``reached`` the aim, ``holds`` the floor, or ``missed``."""
        if self._reaches(value, self.aim):
            return "reached"
        return "holds" if self.floor is not None and self._reaches(value, self.floor) else "missed"

    def _reaches(self, value: float, bound: float) -> bool:
        return value <= bound if self.at_most else value >= bound


CONCURRENCIES = (1, 16, 64)
FIGURES = {"rate": "requests/s", "p50": "p50", "p99": "p99"}
"""What this service is compared with its peers in, at each concurrency."""

WHY_BEHIND: dict[str, str] = {}
"""By the key of a line that compares with a peer, why this service is not ahead there."""


def _against_peers() -> dict[str, Target]:
    targets = {}
    for (name, peer), concurrency, (figure, title) in product(PEERS.items(), CONCURRENCIES, FIGURES.items()):
        key = f"{name}_{concurrency}_{figure}"
        what = f"Against {peer.title}, concurrency {concurrency}, {title}"
        unit, at_most = ("times", False) if figure == "rate" else ("of theirs", True)
        targets[key] = Target(what, unit, 1, at_most=at_most, why_missed=WHY_BEHIND.get(key, ""))
    return targets


TARGETS = {
    "bare": Target("POST /analyze, instant analyzer, bare route", "of the ceiling", 0.45),
    "everything": Target("POST /analyze, instant analyzer, everything on", "of the ceiling", 0.34, 0.30),
    "cache_hit": Target("POST /analyze, answered from the cache", "of the instant analyzer", 0.9),
    "upstream_1": Target("Comprehend in 50 ms, concurrency 1", "x the tutorial stack", 2.8, 2.6),
    "upstream_16": Target("Comprehend in 50 ms, concurrency 16", "x the tutorial stack", 2.6, 2.4),
    "upstream_64": Target(
        "Comprehend in 50 ms, concurrency 64",
        "x the tutorial stack",
        6,
        5.5,
        why_missed="In 50 ms 64 callers can have 1,280 answers a second at the most: see what theirs is of that.",
    ),
    "upstream_256": Target("Comprehend in 50 ms, concurrency 256", "x the tutorial stack", 17, 15),
    "quota": Target("Documents under Comprehend's default quota", "x single calls", 12, 11),
    "embedded_texts": Target("Embedded model through HTTP, one core", "texts/s", 1_000),
    "embedded_p99": Target("Embedded model, p99 at concurrency 1", "ms", 5, at_most=True),
    "embedded_calm_p99": Target("The same, while memory is as fast as usual", "ms", 5, at_most=True),
    "start": Target("Process start to first answer", "s", 1.5, at_most=True),
    "help": Target("sentiment --help", "s", 0.2, at_most=True),
    "memory": Target("Resident memory, one worker, tracking on", "MB", 300, at_most=True),
    "goodput": Target("4x load: documents answered", "of capacity", 0.95),
    "accepted_p99": Target("4x load: p99 of what is answered", "x unloaded", 2, at_most=True),
    "refusal_p99": Target("4x load: p99 of a refusal", "ms", 10, at_most=True),
    "recovery": Target("4x load: until it is as before", "s", 5, at_most=True),
    "abort": Target("From a caller's going to the end of its work", "ms", 100, at_most=True),
    **_against_peers(),
    "neighbours": Target("Good neighbours that a bad document takes down", "of 31", 0, at_most=True),
}
