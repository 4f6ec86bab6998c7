"""The peers: which, where their packages are, and how they are started.

Each has an environment of its own, since they want other versions of the same packages. It is made when it is first
asked for, from PyPI, and kept in the user's cache.
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import platformdirs
from msgspec import Struct
from msgspec.json import encode

import adapters
import bench
import sentiment_core
from bench.servers import SERVER_CORE, Server, StartError, process
from bench.texts import TEXTS

CACHE = platformdirs.user_cache_path("sentiment") / "bench"

MODEL_PACKAGES = ("msgspec", "numpy", "onnxruntime", "tokenizers")
"""What the embedded model needs, in the versions that it has here."""

START_S = 120
"""Ray starts ten processes, one after the other."""

VARIABLES = {"BENTOML_DO_NOT_TRACK": "true", "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
"""They report to nobody, and Ray's workers do not make way for others on the core, as they do by default."""


class Peer(Struct, frozen=True):
    """``command`` are Python's arguments, to which the port is added; ``quiet`` is the share of a core that it takes
    when it is idle; where a request has a list of texts, ``listed``.
    """

    title: str
    requirement: str
    command: tuple[str, ...]
    quiet: float = 0.1
    listed: bool = False

    @property
    def version(self) -> str:
        """That which is measured."""
        return self.requirement.partition("==")[2]

    def body(self, text: str) -> bytes:
        """That of ``POST /analyze`` with one text."""
        return encode({"texts": [text]} if self.listed else {"text": text})


PEERS = {
    "bentoml": Peer(
        "BentoML",
        "bentoml==1.4.40",
        ("-m", "bentoml", "serve", "bench.stacks.bentoml:Analysis", "--host", "127.0.0.1", "--port"),
        listed=True,
    ),
    "litserve": Peer("LitServe", "litserve==0.2.19", ("-m", "bench.stacks.litserve"), quiet=0.25),
    "ray_serve": Peer("Ray Serve", "ray[serve]==2.60.0", ("-m", "bench.stacks.ray_serve"), quiet=0.25),
}


@contextmanager
def served(peer: Peer) -> Iterator[Server]:
    """The peer with this service's model, settled, until the end of the block; raises StartError."""
    python = _environment(peer)
    with TemporaryDirectory() as packages:
        for package in (adapters, sentiment_core, bench):
            _link(Path(packages), package)
        with process(
            lambda port: [str(python), *peer.command, str(port)],
            SERVER_CORE,
            {"PYTHONPATH": packages, **VARIABLES},
            bodies=[peer.body(text) for text in TEXTS],
            quiet=peer.quiet,
            start_s=START_S,
        ) as server:
            server.settle()
            yield server


def _link(folder: Path, package: ModuleType) -> None:
    """The package as it is installed here, without its neighbours, which are this environment's."""
    (folder / package.__name__).symlink_to(Path(package.__path__[0]).resolve())


def _environment(peer: Peer) -> Path:
    """The interpreter of the peer's environment. Raises StartError when it cannot be made."""
    requirements = [peer.requirement, *(f"{package}=={version(package)}" for package in MODEL_PACKAGES)]
    digest = hashlib.sha256(" ".join([sys.version, *requirements]).encode()).hexdigest()[:8]
    folder = CACHE / f"{peer.title.replace(' ', '-').lower()}-{peer.version}-{digest}"
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        print(f"installing {peer.requirement} into {folder}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StartError(f"cannot be installed: {done.stderr.strip().splitlines()[-1][:200]}")
        complete.touch()
    return python
