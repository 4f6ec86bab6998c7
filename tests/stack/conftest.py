from collections.abc import Iterator

import pytest

from tests.stack.engine import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The images built, and everything up and healthy."""
    stack = Stack()
    try:
        stack.compose("build", "--quiet")
        stack.compose("up", "--detach", "--no-build", "--wait", "--wait-timeout", "600")
        yield stack
    finally:
        stack.compose("down", "--volumes", "--remove-orphans")
