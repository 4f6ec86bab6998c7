"""The fault proxy does what its faults say: the tests that rely on it are worth as much as that."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.integration.api_server import wait_until
from tests.standins.fault_proxy import FaultProxy
from tests.standins.network_faults import (
    Blackhole,
    Corrupt,
    Cut,
    Drip,
    Fault,
    Latency,
    Refusing,
    Reset,
    SlowClose,
    Unaccepting,
)

SHORT, LONG = 0.1, 30.0
"""Seconds: as long as a test waits for what does not come, and as it could wait for what does."""


class Echo:
    """A server that sends back whatever it gets, and closes when it gets ``bye``."""

    def __init__(self) -> None:
        self.received = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                connection.settimeout(LONG)
                while data := connection.recv(65_536):
                    self.received += data
                    if data == b"stop":
                        return
                    if data == b"bye":
                        break
                    connection.sendall(data)

    def close(self) -> None:
        with socket.create_connection(self._listener.getsockname()) as connection:
            connection.sendall(b"stop")
            self._thread.join()
        self._listener.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    echo = Echo()
    yield echo
    echo.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[FaultProxy]:
    with FaultProxy(echo.endpoint_url) as proxy:
        yield proxy


def connect(proxy: FaultProxy, timeout: float = LONG) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(proxy.endpoint_url.rsplit(":", 1)[1])), timeout)


def receive(connection: socket.socket, size: int) -> bytes:
    """So many bytes, or less where the connection ends."""
    received = b""
    connection.settimeout(LONG)
    while len(received) < size and (data := connection.recv(size - len(received))):
        received += data
    return received


def ended(connection: socket.socket) -> bool:
    connection.settimeout(LONG)
    return connection.recv(1) == b""


def silent(connection: socket.socket) -> bool:
    """Whether there is neither a byte nor an end within SHORT seconds."""
    connection.settimeout(SHORT)
    try:
        connection.recv(1)
    except TimeoutError:
        return True
    return False


def test_without_a_fault_everything_passes_both_ways(proxy: FaultProxy) -> None:
    with connect(proxy) as connection:
        connection.sendall(b"x" * 100_000)
        assert receive(connection, 100_000) == b"x" * 100_000

        connection.sendall(b"bye")
        assert ended(connection)


def test_it_counts_connections_and_those_that_are_open(proxy: FaultProxy) -> None:
    with connect(proxy) as first, connect(proxy) as second:
        first.sendall(b"1")
        assert receive(first, 1) == b"1"
        first.sendall(b"bye")
        assert ended(first)
        second.sendall(b"2")
        assert receive(second, 1) == b"2"

        assert proxy.connections == 2
        wait_until(lambda: proxy.open == 1)


def test_a_black_hole_takes_all_and_gives_nothing(proxy: FaultProxy, echo: Echo) -> None:
    proxy.fault = Blackhole()
    with connect(proxy) as connection:
        connection.sendall(b"hello")

        assert silent(connection)
    assert echo.received == b""


def test_unaccepting_nobody_gets_in_until_the_fault_is_over(proxy: FaultProxy) -> None:
    proxy.fault = Unaccepting()
    with pytest.raises(TimeoutError), connect(proxy, timeout=SHORT):
        pass
    assert proxy.connections == 0

    proxy.fault = Fault()
    with connect(proxy) as connection:
        connection.sendall(b"hello")
        assert receive(connection, 5) == b"hello"


def test_refusing_nobody_gets_in_at_once_until_the_fault_is_over(proxy: FaultProxy) -> None:
    with connect(proxy) as connection:
        connection.sendall(b"a")
        assert receive(connection, 1) == b"a"
        proxy.fault = Refusing()

        with pytest.raises(ConnectionRefusedError), connect(proxy):
            pass
        connection.sendall(b"b")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)

    proxy.fault = Fault()
    with connect(proxy) as connection:
        connection.sendall(b"hello")
        assert receive(connection, 5) == b"hello"


def test_a_fault_also_befalls_connections_that_are_open(proxy: FaultProxy) -> None:
    with connect(proxy) as connection:
        connection.sendall(b"a")
        assert receive(connection, 1) == b"a"

        for fault in (Blackhole(), Unaccepting()):
            proxy.fault = fault
            connection.sendall(b"lost")
            assert silent(connection)

        proxy.fault = Fault()
        connection.sendall(b"b")
        assert receive(connection, 1) == b"b"


def test_a_scripted_fault_befalls_one_new_connection(proxy: FaultProxy) -> None:
    proxy.fail(Cut(1), Fault())
    with connect(proxy) as first, connect(proxy) as second:
        for connection in (first, second):
            connection.sendall(b"hello")

        assert receive(first, 5) == b"h"
        assert receive(second, 5) == b"hello"


def test_a_reset_keeps_the_request_from_the_server(proxy: FaultProxy, echo: Echo) -> None:
    proxy.fault = Reset()
    with connect(proxy) as connection:
        connection.sendall(b"hello")

        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert echo.received == b""


def test_a_cut_passes_so_many_bytes_of_each_reply_and_ends_the_connection(proxy: FaultProxy) -> None:
    with connect(proxy) as connection:
        connection.sendall(b"before")
        assert receive(connection, 6) == b"before"

        proxy.fault = Cut(3)
        connection.sendall(b"hello")

        assert receive(connection, 5) == b"hel"
        assert ended(connection)


def test_a_cut_may_be_a_reset(proxy: FaultProxy, echo: Echo) -> None:
    proxy.fault = Cut(0, reset=True)
    with connect(proxy) as connection:
        connection.sendall(b"hello")

        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert echo.received == b"hello"


def test_a_corrupted_reply_is_sound_up_to_where_it_begins(proxy: FaultProxy) -> None:
    proxy.fault = Corrupt(2)
    with connect(proxy) as connection:
        connection.sendall(b"abcd")

        assert receive(connection, 4) == b"ab\xe3\xe4"


def test_a_dripping_reply_comes_byte_by_byte(proxy: FaultProxy) -> None:
    proxy.fault = Drip(0.01)
    with connect(proxy) as connection:
        connection.sendall(b"hello")

        assert connection.recv(5) == b"h"
        assert receive(connection, 4) == b"ello"


def test_latency_holds_replies_back(proxy: FaultProxy) -> None:
    proxy.fail(Latency(LONG), Latency(0.01))
    with connect(proxy) as late, connect(proxy) as soon:
        late.sendall(b"hello")
        assert silent(late)
        late.shutdown(socket.SHUT_WR)

        soon.sendall(b"hello")
        assert receive(soon, 5) == b"hello"


def test_a_slow_close_is_heard_late(proxy: FaultProxy) -> None:
    proxy.fail(SlowClose(LONG), SlowClose(0.01))
    with connect(proxy) as late, connect(proxy) as soon:
        for connection in (late, soon):
            connection.sendall(b"bye")

        assert silent(late)
        assert ended(soon)


def test_it_shuts_down_with_connections_open(echo: Echo) -> None:
    with FaultProxy(echo.endpoint_url) as proxy:
        connection = connect(proxy)
        connection.sendall(b"hello")
        assert receive(connection, 5) == b"hello"

    with connection:
        assert ended(connection)
