"""This service as it is wired and served, tracking and all policies included, with an analyzer that is instant."""

import socket
import sys

from dependency_injector import providers

from bench.stacks.instant import InstantAnalyzer
from entrypoints.container import build_container
from entrypoints.server import serve

if __name__ == "__main__":
    container = build_container()
    container.backend.override(providers.Object(InstantAnalyzer()))
    serve(container, socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=2048), announce=lambda: None)
