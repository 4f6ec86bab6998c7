"""The API behind a real server, over real sockets: what only shows there."""

import contextlib
import re
import select
import socket
import time
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


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: test\r\n\r\n",
        b"CONNECT test:443 HTTP/1.1\r\nHost: test\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: test\r\nX: a\x00b\r\n\r\n",
    ],
)
def test_what_is_no_http_is_400_and_a_problem_like_all_others(server: Running, request_: bytes) -> None:
    received = server.ask(request_)

    assert received.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"invalid_http"' in received
    assert b"x-content-type-options: nosniff" in received


@pytest.mark.parametrize("count", [200, 20_000])
def test_many_headers_are_431(server: Running, count: int) -> None:
    received = server.ask(post(BODY, *[b"X-%d: y" % number for number in range(count)]))

    assert received.startswith(b"HTTP/1.1 431 ")


def test_a_head_is_431_before_its_end_is_there(server: Running) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000)

        assert receive_all(connection).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("size", [64_000, 1_000_000, 20_000_000])
def test_large_headers_are_431(server: Running, size: int) -> None:
    received = server.ask(post(BODY, b"X: " + b"y" * size))

    assert received.startswith(b"HTTP/1.1 431 ")


def test_garbage_after_a_request_ends_that_request_too() -> None:
    with Running() as server, server.connect() as connection:
        server.hold.holding = True
        connection.sendall(post())
        assert server.hold.started.wait(5)
        connection.sendall(b"garbage\r\n\r\n")

        assert receive_all(connection).startswith(b"HTTP/1.1 400 ")
        assert server.hold.cancelled.wait(5)


def test_a_caller_who_waits_for_100_and_then_sends_garbage_is_gone_like_any_other() -> None:
    """What the fuzzer found: the 100 cannot be written any more, which is no fault of the service's (500)."""
    head = b"POST /analyze HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n"
    with Running() as server:
        assert server.ask(head + b"garbage\r\n\r\n").startswith(b"HTTP/1.1 400 ")
        wait_until(lambda: server.service.metrics.value(REQUEST_COUNT, "/analyze", "499") == 1)


def test_slow_heads_and_idle_connections_are_closed_and_the_others_are_served() -> None:
    """Row 31, without the proxy that has a limit of its own."""
    starts = (b"", b"P", b"POST /analyze HTTP/1.1\r\nHost: te", post()[:-15] + b"X: y")
    with Running(head_seconds=3.0) as server, contextlib.ExitStack() as connections:
        slow = [connections.enter_context(server.connect()) for _ in range(50) for _ in starts]
        for connection, start in zip(slow, starts * 50, strict=True):
            connection.sendall(start)

        assert server.ask(post(BODY, b"Connection: close")).startswith(b"HTTP/1.1 200 ")
        assert [receive_all(connection) for connection in slow] == [b""] * len(slow)


def test_the_head_of_a_later_request_has_no_more_time_than_that_of_the_first() -> None:
    with Running(head_seconds=0.5) as server, server.connect() as connection:
        connection.sendall(post() + b"POST /analyze HT")
        received = receive_all(connection)

    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"200"]


def test_a_kept_connection_may_be_idle_for_longer_than_a_head_may_take() -> None:
    with Running(head_seconds=0.2) as server, server.connect() as connection:
        connection.sendall(post())
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
        time.sleep(0.5)
        connection.sendall(post(BODY, b"Connection: close"))

        assert receive_all(connection).startswith(b"HTTP/1.1 200 ")


def test_hundreds_of_slow_bodies_are_408_and_the_others_are_served(server: Running) -> None:
    """Row 30."""
    with contextlib.ExitStack() as connections:
        slow = [connections.enter_context(server.connect()) for _ in range(500)]
        for connection in slow:
            connection.sendall(post(BODY)[:-5])

        assert server.ask(post(BODY, b"Connection: close")).startswith(b"HTTP/1.1 200 ")
        assert {receive_all(connection)[:13] for connection in slow} == {b"HTTP/1.1 408 "}


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
