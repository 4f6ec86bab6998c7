"""The service as it is wired and served, with an analyzer that is instant: ``python -m tests.fuzzing.server``.

It prints its port. A key is in force, and any address may forward.
"""

import socket
import sys
from tempfile import TemporaryDirectory

from entrypoints.container import build_container, key_store
from entrypoints.logs import configure_logging
from entrypoints.server import serve
from entrypoints.settings import Settings
from sentiment_core.testing import FakeAnalyzer
from tests.fuzzing.inputs import KEY, PEPPER


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(data: str) -> None:
    configure_logging("error", "json")
    settings = Settings(
        data_dir=data, tracking="off", cache="off", keys="on", key_pepper=PEPPER, trusted_proxies="0.0.0.0/0"
    )
    key_store(settings).add(KEY)
    container = build_container(settings)
    container.backend.override(FakeAnalyzer())
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    serve(container, listener, announce=lambda: say(str(listener.getsockname()[1])))


if __name__ == "__main__":
    with TemporaryDirectory() as data:
        main(data)
