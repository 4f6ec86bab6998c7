#!/usr/bin/python3
"""Starts a release on this machine: the one that is named, else the one that ran last.

Lives in the machine, where Terraform's user data put it, and does no more than to fetch the release, whose own
``roll_out.py`` does the rest.
"""

import hashlib
import io
import json
import os
import sys
import tarfile
from pathlib import Path
from typing import Any

import boto3

HOST_FILE = Path(os.environ.get("SENTIMENT_HOST_FILE", "/etc/sentiment.json"))


def main() -> None:
    host = json.loads(HOST_FILE.read_text())
    session = boto3.Session(region_name=host["region"])
    release = sys.argv[1] if len(sys.argv) > 1 else last_release(session, host)
    if release == "none":
        print("No release has been rolled out yet: see docs/deploy.md.")
        return
    folder = fetch(session.client("s3"), host["bucket"], release, Path(host.get("data", "/data")) / "releases")
    script = folder / "ops" / "deploy" / "roll_out.py"
    os.execv(sys.executable, [sys.executable, str(script), release])


def last_release(session: boto3.Session, host: dict[str, str]) -> str:
    value = session.client("ssm").get_parameter(Name=f"/{host['name']}/release")
    return str(value["Parameter"]["Value"])


def fetch(s3: Any, bucket: str, release: str, folder: Path) -> Path:
    """Puts the release's description into ``folder`` and its files beside it; gives the files' folder.

    Releases with the same files share the folder, so that a release of nothing but a new image recreates no other
    container.
    """

    def read(key: str) -> bytes:
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    description = read(f"releases/{release}.json")
    digest: str = json.loads(description)["files"]
    files = folder / digest
    if not files.exists():
        archive = read(f"releases/files/{digest}.tar.gz")
        if hashlib.sha256(archive).hexdigest() != digest:
            raise SystemExit(f"The files of {release} are not what was laid down: lay it down again.")
        whole = folder / f"{digest}.partly"
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(whole, filter="data")
        whole.rename(files)
    (folder / f"{release}.json").write_bytes(description)
    return files


if __name__ == "__main__":
    main()
