"""The nightly backup of the machine: every SQLite database of MLflow and the service, into the bucket's ``backups``."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "deploy"))

from backup import back_up
from host import PROJECT, Host

VOLUMES = ("mlflow-data", "api-data")


def main() -> None:
    host = Host.read()
    for volume in VOLUMES:
        folder = host.data / "docker" / "volumes" / f"{PROJECT}_{volume}" / "_data"
        for file in sorted(folder.rglob("*.db")):
            print(back_up(file, f"s3://{host.bucket}/backups/{volume}"))


if __name__ == "__main__":
    main()
