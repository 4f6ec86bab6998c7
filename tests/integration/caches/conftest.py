from collections.abc import Iterator

import pytest

from tests.standins.redis import RedisServer, redis_server


@pytest.fixture(scope="module")
def shared_server() -> Iterator[RedisServer]:
    """One for all tests of a file, which do it no harm."""
    with redis_server() as server:
        yield server


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """One of the test's own, to kill and freeze."""
    with redis_server() as server:
        yield server
