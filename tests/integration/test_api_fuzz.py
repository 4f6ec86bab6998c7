"""Hostile bytes, thousands of them, straight into the application: never a 5xx."""

import itertools
import random

import pytest

from tests.fuzzing.inputs import SEEDS, bodies
from tests.unit.entrypoints.api.support import JSON, Exchange, Service, body

HEADERS = [
    *((b"content-type", value) for value in (b"text/plain", b"application/json; charset=\xff", b"", b";;;", b"\x00")),
    *((b"x-request-timeout-ms", value) for value in (b"\xb2", b"9" * 5_000, b"-1", b"\xd9\xa1", b"1_0")),
    *((b"x-request-id", value) for value in (b"\x00", b"\xff" * 10, b"a" * 10_000, b"\r\nx: y")),
    *((b"content-length", value) for value in (b"\xb2", b"-1", b"9" * 5_000, b"")),
    *(
        (b"content-encoding", b"\xff"),
        (b"accept", b"\xff"),
        (b"host", b"[::"),
        (b"host", b"a b"),
        (b"transfer-encoding", b"x"),
    ),
]


@pytest.mark.parametrize(("path", "good"), [("/analyze", 200), ("/analyze/batch", 200), ("/feedback", 201)])
async def test_no_body_gives_a_5xx(path: str, good: int) -> None:
    service = Service()
    statuses = set()

    for content in bodies(random.Random(f"bodies for {path}"), 10_000):
        exchange = Exchange(service.app, [body(content)], path)
        await exchange.run()
        statuses.add(exchange.status)
        assert exchange.status in {good, 400, 413}, content

    assert statuses >= {good, 400}


async def test_no_header_gives_a_5xx() -> None:
    service = Service()

    for pair in itertools.product(HEADERS, HEADERS):
        exchange = Exchange(service.app, [body(SEEDS[0])])
        await exchange.run([*JSON, *pair])
        assert exchange.status is not None
        assert exchange.status < 500, pair


async def test_no_path_or_method_gives_a_5xx() -> None:
    generator = random.Random("paths")
    service = Service()

    for _ in range(1_000):
        characters = generator.choices("/analyzebtch%.{}:\x00\u00e9\U0001f600?#\\ ", k=generator.randint(1, 30))
        exchange = Exchange(service.app, [body(SEEDS[0])], "/" + "".join(characters))
        await exchange.run(method=generator.choice(["GET", "POST", "PUT", "OPTIONS", "HEAD", "X", ""]))
        assert exchange.status is not None
        assert exchange.status < 500, characters
