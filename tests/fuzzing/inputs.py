"""Hostile inputs, reproducible by their seed."""

import random
from collections.abc import Iterator, Sequence

from sentiment_core.feedback.answer_ids import AnswerIds
from sentiment_core.keys import Scope, issue
from sentiment_core.testing import fake_analysis

ANSWER_ID = AnswerIds(bytes(32), wall_clock=lambda: 1_800_000_000.0, entropy=bytes).issue(fake_analysis())
"""Good where the key is 32 zero bytes."""

SEEDS = [
    b'{"text": "AWS provides a great service", "language": "en", "features": ["sentiment", "entities"]}',
    '{"text": "日本語 👩‍👩‍👧 \\u00e9", "language": "auto"}'.encode(),
    b'{"documents": [{"id": "a", "text": "fine", "language": "de"}, {"text": "\\"q\\""}], "features": ["entities"]}',
    b'{"documents": [{"text": ""}, {"text": 1}, 7, null, {"id": "x"}]}',
    b'{"id": "%b", "sentiment": "NEGATIVE", "text": "fine"}' % ANSWER_ID.encode(),
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
PEPPER = "the pepper of the fuzzer, of 32 bytes and more"
TOKEN, KEY = issue(PEPPER.encode(), name="fuzzer", scopes=list(Scope), now=0.0, entropy=bytes, rate=0.0)

HEAD = b"Host: test\r\nContent-Type: application/json\r\nAuthorization: Bearer %b\r\n" % TOKEN.encode()
REQUESTS = [
    *(
        b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (path, HEAD, len(body), body)
        for path in (b"/analyze", b"/analyze/batch", b"/feedback")
        for body in SEEDS
    ),
    b'POST /analyze HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\nd\r\n{"text": "a"}\r\n0\r\n\r\n' % HEAD,
    b"GET /metrics?x=1 HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 198.51.100.1, 127.0.0.1\r\nAccept: */*\r\n\r\n",
    b"GET /schema/static/init.js HTTP/1.1\r\nHost: test\r\nRange: bytes=0-9\r\nIf-None-Match: *\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: test\r\nX-Request-Id: a\r\n\r\nGET /health HTTP/1.1\r\nHost: test\r\n\r\n",
    b"POST /analyze HTTP/1.1\r\n%bAuthorization: Bearer ta_aaaaaaaa_%b\r\nContent-Length: 2\r\n\r\n{}"
    % (HEAD, b"x" * 43),
]
REQUEST_TOKENS = [
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\r\n\r\n",
        b"\r\n ",
        b":",
        b" ",
        b"\t",
        b"\x00",
        b"\xff",
        b"\x16\x03\x01",
        b"HTTP/1.0",
        b"HTTP/2.0",
    ),
    *(
        b"Content-Length: 0\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99\r\n",
        b"Transfer-Encoding: chunked\r\n",
    ),
    *(b"Transfer-Encoding: gzip, chunked\r\n", b"Content-Encoding: gzip\r\n", b"Expect: 100-continue\r\n"),
    *(
        b"Connection: close\r\n",
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
        b"Upgrade: h2c\r\n",
        b"Cookie: a=\xff;;=\r\n",
    ),
    *(
        b"X-Forwarded-For: ::1, [::1]:1, a, 256.1.1.1, ,\xff\r\n",
        b"X-Request-Id: \xff\r\n",
        b"Authorization: Bearer \r\n",
    ),
    *(b"X-Request-Timeout-Ms: -1\r\n", b"X-Request-Timeout-Ms: 99999999999999999999\r\n", b"Range: bytes=9-1,-0\r\n"),
    *(
        b"X: " + b"y" * 40_000 + b"\r\n",
        b"X: y\r\n" * 200,
        b"/" * 5_000,
        b"%",
        b"%00",
        b"%ff",
        b"/../",
        b"?",
        b"#",
        b"[::",
        b"*",
    ),
    *(
        b"PUT",
        b"TRACE",
        b"OPTIONS",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"0\r\n\r\n",
        b"ffffffffffffffff\r\n",
        b"-1\r\n",
    ),
]
"""No short X-Request-Timeout-Ms is among them: it would rightly be answered with 504 on a busy machine."""


def mutate(generator: random.Random, content: bytes, tokens: Sequence[bytes], most: int = 6) -> bytes:
    """``content`` with up to ``most`` places broken."""
    mutated = bytearray(content)
    for _ in range(generator.randint(1, most)):
        at = generator.randint(0, len(mutated))
        match generator.randrange(4):
            case 0:
                mutated[at:at] = generator.choice(tokens)
            case 1:
                mutated[at : at + generator.randint(0, 8)] = generator.choice(tokens)
            case 2:
                del mutated[at : at + generator.randint(1, 20)]
            case _:
                mutated[at : at + 1] = generator.randbytes(generator.randint(1, 3))
    return bytes(mutated)


def bodies(generator: random.Random, count: int) -> Iterator[bytes]:
    """Hostile bodies: mostly JSON of the right shape, broken in a few places."""
    for _ in range(count):
        if generator.random() < 0.05:
            yield generator.randbytes(50)
        else:
            yield mutate(generator, generator.choice(SEEDS), TOKENS, most=generator.choice((1, 2, 6)))


def requests(generator: random.Random, count: int) -> Iterator[bytes]:
    """Hostile bytes for a connection: mostly whole requests, broken in a few places, head or body."""
    for _ in range(count):
        if generator.random() < 0.05:
            yield generator.randbytes(generator.randint(1, 200))
        else:
            yield mutate(generator, generator.choice(REQUESTS), REQUEST_TOKENS, most=2)
