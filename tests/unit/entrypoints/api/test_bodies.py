import time

import pytest

from entrypoints.api.settings import ApiSettings
from sentiment_core.metric_names import ERROR_COUNT
from tests.unit.entrypoints.api.support import JSON, Exchange, Service, body

TEXT = b'{"text": "a"}'


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "gzip, identity", "x" * 100])
async def test_a_compressed_body_is_415_and_is_not_even_read(encoding: str) -> None:
    exchange = Exchange(Service().app, [body(b"\x1f\x8b")])

    await exchange.run([*JSON, (b"content-encoding", encoding.encode())])

    assert exchange.status == 415
    assert exchange.inbox.qsize() == 1


async def test_identity_is_no_compression() -> None:
    assert (await Service().post("/analyze", {"text": "a"}, content_encoding="Identity")).status_code == 200


async def test_a_body_that_announces_too_much_is_refused_unread_and_the_connection_closed() -> None:
    exchange = Exchange(Service().app, [body(b"x")])

    await exchange.run([*JSON, (b"content-length", b"1000001")])

    assert exchange.status == 413
    assert exchange.headers[b"connection"] == b"close"
    assert exchange.inbox.qsize() == 1


async def test_a_chunked_body_is_refused_at_the_chunk_that_is_too_much() -> None:
    chunks = [body(b"x" * 400_000, more=True) for _ in range(100)]
    exchange = Exchange(Service().app, chunks)

    await exchange.run()

    assert exchange.status == 413
    assert exchange.inbox.qsize() == 97


async def test_a_body_of_exactly_the_limit_is_taken() -> None:
    service = Service(settings=ApiSettings(max_body_bytes=len(TEXT)))

    assert (await service.post("/analyze", TEXT)).status_code == 200
    assert (await service.post("/analyze", TEXT + b" ")).status_code == 413


async def test_a_body_in_many_chunks_is_put_together() -> None:
    chunks = [body(TEXT[index : index + 1], more=True) for index in range(len(TEXT))]
    exchange = Exchange(Service().app, [*chunks, body(b"")])

    await exchange.run()

    assert exchange.status == 200


@pytest.mark.parametrize("length", [b"-1", b"+5", b"abc", b"", b"5, 5", b"0x5"])
async def test_a_length_that_is_no_number_is_400(length: bytes) -> None:
    exchange = Exchange(Service().app, [body(TEXT)])

    await exchange.run([*JSON, (b"content-length", length)])

    assert exchange.status == 400
    assert b"invalid_framing" in exchange.body


async def test_a_length_beside_a_transfer_encoding_is_400() -> None:
    exchange = Exchange(Service().app, [body(TEXT)])

    await exchange.run([*JSON, (b"content-length", b"13"), (b"transfer-encoding", b"chunked")])

    assert exchange.status == 400


@pytest.mark.parametrize(
    "headers",
    [
        [(b"x-%d" % number, b"1") for number in range(200)],
        [(b"x", b"1")] * 200,
        [(b"x", b"y" * 65_536)],
        [(b"x" * 65_536, b"y")],
        [(b"x", b"y" * 10_000)] * 5,
    ],
    ids=["many", "many of one name", "large value", "large name", "large together"],
)
async def test_too_many_or_too_large_headers_are_431(headers: list[tuple[bytes, bytes]]) -> None:
    exchange = Exchange(Service().app, [body(TEXT)])

    await exchange.run([*JSON, *headers])

    assert exchange.status == 431


async def test_a_body_that_does_not_come_is_408() -> None:
    service = Service(settings=ApiSettings(body_timeout_s=0.02), clock=time.monotonic)
    exchange = Exchange(service.app, [body(b'{"te', more=True)])

    await exchange.run()

    assert exchange.status == 408
    assert exchange.headers[b"connection"] == b"close"
    assert service.metrics.value(ERROR_COUNT, "body_timeout") == 1
