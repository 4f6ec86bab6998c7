"""A real redis-server of a test's own, on a free port of this machine, which keeps nothing on disk."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from redis import Redis, RedisError


class RedisServer:
    """``start``, ``kill``, ``freeze`` and ``thaw`` it; ``url`` stays the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it takes connections."""
        options = {"--port": str(self._port), "--bind": "127.0.0.1", "--save": "", "--appendonly": "no"}
        command = ["redis-server", *(word for option in options.items() for word in option)]
        self._process = subprocess.Popen(command, cwd=self._folder, stdout=subprocess.DEVNULL)
        for _ in range(1_000):
            with contextlib.suppress(RedisError), self._client() as client:
                client.ping()
                return
            time.sleep(0.01)
        raise TimeoutError("redis-server takes no connections.")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """From now on it takes connections, as the kernel does for it, and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def forget(self) -> None:
        with self._client() as client:
            client.flushall()

    def entries(self) -> dict[bytes, bytes]:
        """All that it holds."""
        with self._client() as client:
            return {key: client.get(key) for key in client.scan_iter()}

    def pass_time(self, seconds: float) -> None:
        """Everything it holds has so much less time left."""
        with self._client() as client:
            for key in client.scan_iter():
                client.pexpire(key, client.pttl(key) - int(seconds * 1000))

    def _client(self) -> Any:
        return Redis.from_url(self.url)


@contextlib.contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A started one, killed at the end; without the program the test is skipped."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    with TemporaryDirectory() as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()
