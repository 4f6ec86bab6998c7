"""How the stacks that are not the service itself are served: by the same server, set up in the same way."""

import sys
from typing import Any

import uvicorn


def serve(app: Any) -> None:
    """Serves an ASGI application on the port that the command line names, until a signal comes."""
    uvicorn.run(app, port=int(sys.argv[1]), http="httptools", loop="uvloop", log_level="warning", access_log=False)
