#!/usr/bin/env python3
"""Docker, for the roll-out: ``compose up`` runs the release's ``service`` as a process; every call is written down.

FAKE_DOCKER is the folder of what it keeps: ``calls``, the port that services take, and the process that runs.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

STATE = Path(os.environ["FAKE_DOCKER"])


def main() -> None:
    arguments = sys.argv[1:]
    named = ("API_IMAGE", "DOMAIN", "SECRET")
    call = {"arguments": arguments, "environment": {name: os.environ.get(name) for name in named}}
    if arguments[0] == "login":
        call["password"] = sys.stdin.read()
    with (STATE / "calls").open("a") as calls:
        calls.write(json.dumps(call) + "\n")
    if "keys" in arguments:
        sys.stdout.write("ta_made-by-the-service\n")
    if "up" in arguments:
        stop()
        start()


def stop() -> None:
    running = STATE / "pid"
    if running.exists():
        os.kill(int(running.read_text()), signal.SIGKILL)
        running.unlink()


def start() -> None:
    """Gives 1 for an image that does not start; waits for one that does."""
    image = os.environ["API_IMAGE"]
    if "unstartable" in image:
        sys.exit("manifest unknown")
    port = (STATE / "port").read_text()
    status = "503" if "sick" in image else "200"
    service = [sys.executable, str(Path(__file__).with_name("rolled_out.py")), port, status, image]
    with (STATE / "log").open("a") as log:
        process = subprocess.Popen(service, stdout=log, stderr=log, start_new_session=True)
    (STATE / "pid").write_text(str(process.pid))
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/image", timeout=5)
        except OSError:
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    main()
