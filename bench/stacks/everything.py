"""This service as it is wired and served, all policies included, with an analyzer that is instant."""

import socket
import sys

from dependency_injector import providers

from bench.key import KEY
from bench.stacks.instant import InstantAnalyzer
from entrypoints.container import build_container, key_store
from entrypoints.server import serve
from entrypoints.settings import load_settings

if __name__ == "__main__":
    settings = load_settings()
    key_store(settings).add(KEY)
    container = build_container(settings)
    container.backend.override(providers.Object(InstantAnalyzer()))
    serve(container, socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=2048), announce=lambda: None)
