"""Docker Compose on the release that runs, with its environment: ``sentiment-compose ps``, ``logs``, ``exec``."""

import subprocess
import sys

from host import Host


def main() -> None:
    host = Host.read()
    if (name := host.current) is None:
        raise SystemExit("No release has been rolled out yet: see docs/deploy.md.")
    try:
        host.compose(host.release(name), *sys.argv[1:])
    except subprocess.CalledProcessError as error:
        raise SystemExit(error.returncode) from None


if __name__ == "__main__":
    main()
