"""Hostile bytes, thousands of them, straight into the application: never a 5xx."""

import itertools
import random
from collections.abc import Iterator

import pytest

from tests.unit.entrypoints.api.support import JSON, Exchange, Service, body

SEEDS = [
    b'{"text": "AWS provides a great service", "language": "en", "features": ["sentiment", "entities"]}',
    '{"text": "日本語 👩‍👩‍👧 \\u00e9", "language": "auto"}'.encode(),
    b'{"documents": [{"id": "a", "text": "fine", "language": "de"}, {"text": "\\"q\\""}], "features": ["entities"]}',
    b'{"documents": [{"text": ""}, {"text": 1}, 7, null, {"id": "x"}]}',
]
TOKENS = [
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"\\ud800", b"\\udc00", b"null", b"true", b"NaN"),
    *(
        b"Infinity",
        b"-0",
        b"1e400",
        b"-1e-400",
        b"9" * 400,
        b"\x00",
        b"\xff",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90",
    ),
    *(
        b"\xef\xbb\xbf",
        b'"text"',
        b'"documents"',
        b'"id"',
        b'"features"',
        b"[" * 2_000,
        b'{"text":' * 500,
        b"\r\n",
        b"/**/",
    ),
    *("\u202e".encode(), "é".encode(), b" " * 1_000),
]
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


def mutate(generator: random.Random, content: bytes) -> bytes:
    mutated = bytearray(content)
    for _ in range(generator.randint(1, 6)):
        at = generator.randint(0, len(mutated))
        match generator.randrange(4):
            case 0:
                mutated[at:at] = generator.choice(TOKENS)
            case 1:
                mutated[at : at + generator.randint(0, 8)] = generator.choice(TOKENS)
            case 2:
                del mutated[at : at + generator.randint(1, 20)]
            case _:
                mutated[at : at + 1] = generator.randbytes(generator.randint(1, 3))
    return bytes(mutated)


def bodies(generator: random.Random, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield generator.randbytes(50) if generator.random() < 0.05 else mutate(generator, generator.choice(SEEDS))


@pytest.mark.parametrize("path", ["/analyze", "/analyze/batch"])
async def test_no_body_gives_a_5xx(path: str) -> None:
    service = Service()
    statuses = set()

    for content in bodies(random.Random(f"bodies for {path}"), 10_000):
        exchange = Exchange(service.app, [body(content)], path)
        await exchange.run()
        statuses.add(exchange.status)
        assert exchange.status in {200, 400, 413}, content

    assert statuses >= {200, 400}


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
