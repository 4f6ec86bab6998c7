"""One connection to a server that says what the test has it say."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httptools
import pytest

from adapters.analyzers.comprehend.connection import MAX_REPLY_BYTES, Connection, Reply
from adapters.analyzers.comprehend.pool import ConnectionPool
from adapters.analyzers.comprehend.route import Route
from sentiment_core.errors import InvalidReplyError

REQUEST = b"POST / HTTP/1.1\r\n\r\n"


@asynccontextmanager
async def saying(*replies: bytes, end: bool = False) -> AsyncIterator[Callable[[], Awaitable[Connection]]]:
    """Connects to a server that gives these replies, one a request, in pieces as small as can be."""

    serving = set[asyncio.Future[None]]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended = asyncio.get_running_loop().create_future()
        serving.add(ended)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            for reply in replies:
                await reader.readuntil(b"\r\n\r\n")
                for piece in (reply[at : at + 7] for at in range(0, len(reply), 7)) if len(reply) < 1_000 else (reply,):
                    writer.write(piece)
                    await asyncio.sleep(0)
            if not end:
                await reader.read()
        writer.close()
        ended.set_result(None)

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield Route(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}").connect
        await asyncio.gather(*serving)


@pytest.mark.parametrize(
    ("reply", "expected", "lives_on"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", Reply(200, b"abc"), True),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
            Reply(200, b"abc"),
            True,
        ),
        (b"HTTP/1.1 400 Bad\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", Reply(400, b""), False),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", Reply(200, b"abc"), True),
        (b"HTTP/1.1 204 No\r\n\r\n", Reply(204, b""), True),
    ],
    ids=["length", "chunks", "last", "announced", "no body"],
)
async def test_a_reply_is_read_and_the_connection_kept_if_it_may_be(
    reply: bytes, expected: Reply, lives_on: bool
) -> None:
    async with saying(reply) as connect:
        connection = await connect()

        assert await connection.ask(REQUEST) == expected
        assert connection.usable is lives_on
        connection.close()


async def test_a_reply_without_a_length_ends_with_its_connection() -> None:
    async with saying(b"HTTP/1.0 502 Bad\r\n\r\nabc", end=True) as connect:
        connection = await connect()

        assert await connection.ask(REQUEST) == Reply(502, b"abc")
        assert not connection.usable


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b"", ConnectionError),
        (b"HTTP/1.1 2", ConnectionError),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", asyncio.IncompleteReadError),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", asyncio.IncompleteReadError),
        (b"SSH-2.0-OpenSSH\r\n", httptools.HttpParserError),
        (b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", httptools.HttpParserUpgrade),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * MAX_REPLY_BYTES, InvalidReplyError),
    ],
    ids=["nothing", "cut head", "cut body", "cut chunks", "no HTTP", "upgrade", "endless head"],
)
async def test_what_is_no_whole_reply_is_an_error_and_closes_the_connection(
    reply: bytes, error: type[Exception]
) -> None:
    async with saying(reply, end=True) as connect:
        connection = await connect()

        with pytest.raises(error):
            await connection.ask(REQUEST)
        assert not connection.usable


async def test_a_connection_on_which_more_came_than_was_asked_for_is_not_used_again() -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
    async with saying(reply + reply.replace(b"\r\na", b"\r\nb"), reply) as connect:
        pool = ConnectionPool(connect, 1)

        assert await pool.ask(REQUEST) == Reply(200, b"a")
        await asyncio.sleep(0.05)
        assert await pool.ask(REQUEST) == Reply(200, b"a")
        pool.close()


async def test_no_more_connections_are_open_than_the_pool_has_places_and_they_are_kept() -> None:
    opened = []
    async with saying(*[b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"] * 10) as connect:

        async def counted() -> Connection:
            opened.append(await connect())
            return opened[-1]

        pool = ConnectionPool(counted, 2)
        await asyncio.gather(*(pool.ask(REQUEST) for _ in range(10)))
        pool.close()

    assert len(opened) == 2
    assert not any(connection.usable for connection in opened)
