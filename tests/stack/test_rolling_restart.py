"""Two replicas behind the Caddy that is deployed: what callers notice when one is replaced, and when one is killed."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.e2e.serving import Service, serve
from tests.stack.caddy import caddy, needs_caddy

pytestmark = [needs_caddy, pytest.mark.stack, pytest.mark.timeout(1200)]

CLIENTS = 4
PAUSE_SECONDS = 0.02
"""Between a caller's requests: some load, and time for the replicas to start in."""
SETTINGS = {
    "SENTIMENT_DRAIN_SECONDS": "1",
    "SENTIMENT_TRACKING": "off",
    "SENTIMENT_CACHE": "off",
    "SENTIMENT_EMBEDDED_THREADS": "1",
}


class Replica:
    """A service that comes back on its port."""

    def __init__(self, data: Path) -> None:
        data.mkdir()
        self._data = data
        self._port = "0"
        self._stack = ExitStack()
        self.start()

    def start(self) -> None:
        self.service: Service = self._stack.enter_context(serve(self._data, "--port", self._port, **SETTINGS))
        self.name = self.service.address.removeprefix("http://")
        self._port = self.name.rsplit(":")[-1]

    def restart(self) -> None:
        """As a deployment does it."""
        assert self.service.stop() == 0
        self.start()

    def close(self) -> None:
        self._stack.close()


class Callers:
    """Clients that ask one question after the other; ``outcomes`` are the status codes of each, or what went wrong."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._ended = threading.Event()
        self._number = count()
        self.outcomes: list[list[int | str]] = [[] for _ in range(CLIENTS)]
        self._threads = [threading.Thread(target=self._ask, args=(outcomes,)) for outcomes in self.outcomes]
        for thread in self._threads:
            thread.start()

    def _ask(self, outcomes: list[int | str]) -> None:
        while not self._ended.is_set():
            try:
                text = f"The staff were wonderful on day {next(self._number)}."
                outcomes.append(self._client.post("/analyze", json={"text": text}).status_code)
            except httpx.HTTPError as error:
                outcomes.append(repr(error))
            self._ended.wait(PAUSE_SECONDS)

    def wait_for_answers(self) -> None:
        """Until each has been answered twice more: what was under way, and what was asked since."""
        seen = [len(outcomes) for outcomes in self.outcomes]
        while any(len(outcomes) < then + 2 for outcomes, then in zip(self.outcomes, seen, strict=True)):
            self._ended.wait(0.01)

    def stop(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[tuple[Replica, Replica]]:
    with ExitStack() as stack:
        replicas = Replica(tmp_path / "one"), Replica(tmp_path / "two")
        for replica in replicas:
            stack.callback(replica.close)
        yield replicas


@pytest.fixture
def callers(replicas: tuple[Replica, Replica], tmp_path: Path) -> Iterator[Callers]:
    with (
        caddy(tmp_path, *(replica.name for replica in replicas)) as (address, trust),
        httpx.Client(base_url=address, verify=trust, timeout=30) as client,
    ):
        callers = Callers(client)
        try:
            callers.wait_for_answers()
            yield callers
        finally:
            callers.stop()


def test_twenty_restarts_in_a_row_under_load_lose_no_request(
    replicas: tuple[Replica, Replica], callers: Callers
) -> None:
    for number in range(20):
        replicas[number % 2].restart()

    callers.wait_for_answers()
    callers.stop()
    assert {outcome for outcomes in callers.outcomes for outcome in outcomes} == {200}


def test_kill_of_one_replica_costs_no_more_than_what_it_had_under_way(
    replicas: tuple[Replica, Replica], callers: Callers
) -> None:
    """A caller has one request under way, so it may lose one; the other replica answers whatever comes after."""
    replicas[0].service.process.kill()
    replicas[0].service.process.wait()

    callers.wait_for_answers()
    callers.wait_for_answers()
    callers.stop()
    lost = [[outcome for outcome in outcomes if outcome != 200] for outcomes in callers.outcomes]
    assert all(len(outcomes) <= 1 for outcomes in lost), lost
    assert all(outcomes[-1] == 200 for outcomes in callers.outcomes)


def test_metrics_are_not_for_the_world(replicas: tuple[Replica, Replica], tmp_path: Path) -> None:
    with caddy(tmp_path, replicas[0].name) as (address, trust), httpx.Client(base_url=address, verify=trust) as client:
        for path in ("/metrics", "/metrics/", "//metrics", "/%6detrics", "/./metrics", "/a/../metrics", "/METRICS"):
            response = client.get(f"{address}{path}")

            assert (response.status_code, "request_count" in response.text) == (404, False), path
        assert client.get("/health").headers["strict-transport-security"] == "max-age=0"
