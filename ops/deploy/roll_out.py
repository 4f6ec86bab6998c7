"""Rolls a release out on this machine, and the former one again if it does not answer: ``roll_out.py RELEASE``.

The exit status is 0 only if RELEASE runs and answers.
"""

import os
import subprocess
import sys
from base64 import b64decode

from host import Host, Release
from smoke import smoke

URL = os.environ.get("SENTIMENT_SMOKE_URL", "http://127.0.0.1:8000")
SECONDS = float(os.environ.get("SENTIMENT_SMOKE_SECONDS", "120"))


class RollOutError(Exception):
    """A release does not run, or does not answer."""


def main() -> None:
    host = Host.read()
    release, former = host.release(sys.argv[1]), host.current
    try:
        run(host, release)
    except RollOutError as error:
        if former in (None, release.name):
            raise SystemExit(f"{release.name} failed: {error}. There is no other release to go back to.") from error
        print(f"{release.name} failed: {error}. Going back to {former}.", flush=True)
        run(host, host.release(former))
        raise SystemExit(f"{former} runs again.") from error
    host.make_current(release)
    print(f"{release.name} runs.")
    subprocess.run(["docker", "image", "prune", "--all", "--force", "--filter", "until=720h"], check=False)


def run(host: Host, release: Release) -> None:
    """Brings the release up. Raises RollOutError unless it answers."""
    try:
        log_in(host, release)
        host.compose(release, "pull", "--quiet")
        host.make_first_key(release)
        host.compose(release, "up", "--detach", "--remove-orphans", "--wait", "--wait-timeout", "300")
    except subprocess.CalledProcessError as error:
        raise RollOutError("Docker could not start it") from error
    if wrong := smoke(URL, seconds=SECONDS):
        raise RollOutError(wrong)


def log_in(host: Host, release: Release) -> None:
    """To the registry, with a password that AWS gives for twelve hours."""
    registry = release.images["API_IMAGE"].partition("/")[0]
    token = host.session.client("ecr").get_authorization_token()["authorizationData"][0]["authorizationToken"]
    password = b64decode(token).partition(b":")[2]
    command = ["docker", "login", "--username", "AWS", "--password-stdin", registry]
    subprocess.run(command, input=password, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
