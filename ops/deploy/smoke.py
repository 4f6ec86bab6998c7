"""Whether a service answers, asked from outside: ``smoke.py URL``."""

import json
import sys
import time
import urllib.error
import urllib.request

SECONDS = 120
"""That a service has to become ready: a first certificate takes a minute."""


def smoke(url: str, *, seconds: float = SECONDS) -> str | None:
    """What is wrong with the service at ``url``, or None. Asks again every second until ``seconds`` are over."""
    end = time.monotonic() + seconds
    while (wrong := _wrong(url)) and time.monotonic() < end:
        time.sleep(1)
    return wrong


def _wrong(url: str) -> str | None:
    status = _status(f"{url}/health/ready")
    if status != 200:
        return f"{url}/health/ready answers {status}"
    status = _status(f"{url}/analyze", {"text": "It works, and we are glad."})
    if status not in (200, 401):  # without a key it says so, which the whole way to the route has to work for
        return f"{url}/analyze answers {status}"
    return None


def _status(url: str, body: dict[str, str] | None = None) -> int | str:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return f"nothing ({error})"


if __name__ == "__main__":
    sys.exit(smoke(sys.argv[1].rstrip("/")))
