"""The API behind a real server, over real sockets: what only shows there."""

import re
import select
import socket
from collections.abc import Iterator

import pytest

from sentiment_core.metric_names import REQUEST_COUNT
from tests.integration.api_server import BODY, Running, post, receive_all, wait_until


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with Running() as server:
        yield server


def test_requests_on_one_connection_are_answered_in_order(server: Running) -> None:
    received = server.ask(post() + post(b"{") + post(BODY, b"Connection: close"))

    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"200", b"400", b"200"]


def test_the_server_does_not_say_what_it_is(server: Running) -> None:
    received = server.ask(post(BODY, b"Connection: close")).lower()

    assert b"\r\nserver:" not in received
    assert b"uvicorn" not in received


def test_a_slow_body_is_408_and_the_connection_is_closed(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(post(BODY)[:-5])
        received = receive_all(connection)

    assert received.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"body_timeout"' in received


def test_a_dripping_body_has_no_more_time_than_one_that_stands_still(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(post(b" " * 1_000)[:-1_000])
        answered: list[socket.socket] = []
        while not answered:
            connection.sendall(b" ")
            answered, _, _ = select.select([connection], [], [], 0.05)
        received = receive_all(connection)

    assert received.startswith(b"HTTP/1.1 408 ")


def test_a_chunked_body_over_the_limit_is_413_and_the_connection_is_closed(server: Running) -> None:
    head = (
        b"POST /analyze HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"

    # 1,048,576 bytes, which is just over the limit: what is still unread when a socket closes resets the connection.
    received = server.ask(head + chunk * 16)

    assert received.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"body_too_large"' in received


def test_an_announced_body_over_the_limit_is_413_before_it_is_sent(server: Running) -> None:
    received = server.ask(
        b"POST /analyze HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 1000001\r\n\r\n"
    )

    assert received.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 13\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 13\r\nContent-Length: 14\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 1 3\r\n",
        b"Content-Length: 13\r\nX: a\r\n b: c\r\n",
        b"Content-Length: 13\r\nX\x00: a\r\n",
        b"Content-Length: 13\nX: a\r\n",
    ],
)
def test_ambiguous_framing_is_400_and_the_connection_is_closed(server: Running, headers: bytes) -> None:
    head = b"POST /analyze HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"

    received = server.ask(head + headers + b"\r\n" + BODY)

    assert received.startswith(b"HTTP/1.1 400 ")


def test_large_headers_are_431(server: Running) -> None:
    received = server.ask(post(BODY, b"X: " + b"y" * 1_000_000))

    assert received.startswith(b"HTTP/1.1 431 ")


def test_a_caller_who_goes_away_cancels_the_analysis(server: Running) -> None:
    server.hold.holding = True
    with server.connect() as connection:
        connection.sendall(post())
        assert server.hold.started.wait(5)

    assert server.hold.cancelled.wait(5)
    wait_until(lambda: server.service.metrics.value(REQUEST_COUNT, "/analyze", "499") == 1)
    server.hold.holding = False


def test_a_deadline_holds_over_the_wire(server: Running) -> None:
    server.hold.holding = True
    received = server.ask(post(BODY, b"X-Request-Timeout-Ms: 50", b"Connection: close"))
    server.hold.holding = False

    assert received.startswith(b"HTTP/1.1 504 ")


def test_a_draining_service_ends_kept_connections_with_their_next_answer() -> None:
    with Running() as server, server.connect() as connection:
        connection.sendall(post())
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")

        server.service.app.drain()
        connection.sendall(post())
        received = receive_all(connection)

    assert received.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in received.lower()


def test_what_is_still_under_way_when_the_grace_period_ends_is_answered_503() -> None:
    with Running(timeout_graceful_shutdown=1) as server, server.connect() as connection:
        server.hold.holding = True
        connection.sendall(post())
        assert server.hold.started.wait(5)

        server.service.app.drain()
        server.server.should_exit = True
        received = receive_all(connection)

    assert received.startswith(b"HTTP/1.1 503 ")
    assert b'"code":"shutting_down"' in received
