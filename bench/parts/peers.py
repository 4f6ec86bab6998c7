"""The embedded model on one core: this service against BentoML, LitServe and Ray Serve with the same model.

Each has its turn with this service, and nothing else runs meanwhile, since some are never quite idle.
"""

import json
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from statistics import mean

from bench.client import together
from bench.lines import Finding, Line, Plan, Skipped
from bench.load import alternated
from bench.parts.embedded import SETTINGS
from bench.peers import PEERS, Peer, served
from bench.servers import Server, StartError, service, stack
from bench.targets import CONCURRENCIES, FIGURES
from bench.texts import POISON

SECONDS = 3.0

TOGETHER = 32
"""Requests that are sent at once, one of them bad, in the middle: as many as a batch may have."""

ROUNDS = 6
PATIENCE_S = 30.0

SELF = Peer("this service", "", ())
"""For its body."""


def measure(plan: Plan) -> Iterator[Finding]:
    """``PEER_N_rate``, ``PEER_N_p50`` and ``PEER_N_p99`` for each concurrency N, then ``neighbours``."""
    rounds = max(1, round(ROUNDS * plan.scale))
    with stack("poisoned", **SETTINGS) as ours:
        failed = {"service": _neighbours(ours, SELF, rounds)}
    for name, peer in PEERS.items():
        try:
            with served(peer) as theirs:
                with service(**SETTINGS) as ours:
                    _check_equal(ours, theirs)
                    yield from _compared(name, {"service": ours, name: theirs}, plan)
                failed[name] = _neighbours(theirs, peer, rounds)
        except StartError as error:
            for concurrency in CONCURRENCIES:
                yield from _skipped(name, concurrency, str(error))
    yield Line("neighbours", max(failed["service"].values()), counts=failed)


def _compared(name: str, servers: dict[str, Server], plan: Plan) -> Iterator[Finding]:
    for concurrency in CONCURRENCIES:
        loads = alternated(servers, concurrency, SECONDS * plan.scale, plan.rounds)
        ours, theirs = loads["service"], loads[name]
        if not theirs.per_second:
            yield from _skipped(name, concurrency, "it answered nothing in that time")
            continue
        yield Line(f"{name}_{concurrency}_rate", ours.per_second / theirs.per_second, loads)
        yield Line(f"{name}_{concurrency}_p50", ours.p50_ms / theirs.p50_ms)
        yield Line(f"{name}_{concurrency}_p99", ours.p99_ms / theirs.p99_ms)


def _skipped(name: str, concurrency: int, reason: str) -> Iterator[Finding]:
    for figure in FIGURES:
        yield Skipped(f"{name}_{concurrency}_{figure}", reason)


def _neighbours(server: Server, peer: Peer, rounds: int) -> dict[str, float]:
    """By kind of bad document, how many of the good ones that were sent with it have failed, at the mean.

    With none, what fails does so for want of time, and the others' figures say nothing.
    """
    server.settle()
    placeholder = peer.body("x")
    bad = {
        "none": server.bodies[0],
        "empty": peer.body(""),
        "not UTF-8": placeholder.replace(b'"x"', b'"\xff"'),
        "half a character": placeholder.replace(b'"x"', rb'"\ud83d"'),
        "too long": peer.body("long " * 40_000),
        "poison": peer.body(POISON),
    }
    return {kind: mean(_failed_beside(server, body) for _ in range(rounds)) for kind, body in bad.items()}


def _failed_beside(server: Server, bad: bytes) -> int:
    place = TOGETHER // 2
    bodies = [*server.bodies[:place], bad, *server.bodies[place : TOGETHER - 1]]
    statuses = together(f"{server.address}/analyze", bodies, PATIENCE_S)
    return sum(status != HTTPStatus.OK for status in statuses[:place] + statuses[place + 1 :])


def _check_equal(ours: Server, theirs: Server) -> None:
    """Raises StartError unless both give one text the same answer: otherwise their work is not equal."""
    if _found(ours) != _found(theirs):
        raise StartError("it answers otherwise than this service")


def _found(server: Server) -> dict[str, object]:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.address}/analyze", server.bodies[0], headers)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
        answer = json.load(reply)
    analysis = answer[0] if isinstance(answer, list) else answer
    return {feature: analysis[feature] for feature in ("sentiment", "entities", "key_phrases")}
