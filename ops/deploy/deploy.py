"""Lays a release down in AWS, has the machine roll it out, and looks from outside whether it answers.

    python ops/deploy/deploy.py RELEASE API_IMAGE=... MLFLOW_IMAGE=... CADDY_IMAGE=...
    python ops/deploy/deploy.py --back RELEASE

RELEASE is the commit, the images are by digest. The second rolls out a release that was laid down before.

Runs in the deploy workflow or by hand, with boto3 and the AWS credentials of who may deploy, in the checkout of the
commit. Takes SERVICE, BUCKET, URL and AWS_REGION from the environment (``terraform output github_variables``).
The exit status is 0 only if RELEASE answers; otherwise the release before it has been rolled out again.
"""

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import boto3
from smoke import smoke

ROOT = Path(__file__).parents[2]
ENDED = {"Success", "Failed", "TimedOut", "Cancelled", "Undeliverable", "Terminated"}
PAUSE_SECONDS = 2.0


def main() -> None:
    service, bucket, url = (os.environ[name] for name in ("SERVICE", "BUCKET", "URL"))
    session = boto3.Session(region_name=os.environ["AWS_REGION"])
    match sys.argv[1:]:
        case ["--back", release]:
            pass
        case [release, *images] if images and all("=" in image and "@sha256:" in image for image in images):
            lay_down(session, bucket, release, dict(image.split("=", 1) for image in images))
        case _:
            raise SystemExit(__doc__)
    former = parameter(session, f"/{service}/release")
    if not rolls_out(session, service, release):
        raise SystemExit(f"{release} does not run on the machine; {former} runs still.")
    if wrong := smoke(url, seconds=float(os.environ.get("SENTIMENT_SMOKE_SECONDS", "300"))):
        print(f"From outside, {wrong}.")
        if former in ("none", release):
            raise SystemExit(f"{release} does not answer, and there is no other release to go back to.")
        back = rolls_out(session, service, former)
        raise SystemExit(f"{release} does not answer; {former} {'runs again' if back else 'could not be started'}.")
    print(f"{release} answers at {url}.")


def lay_down(session: boto3.Session, bucket: str, release: str, images: dict[str, str]) -> None:
    """Puts the release's files and its description into the bucket."""
    s3 = session.client("s3")
    archive = pack(ROOT)
    digest = hashlib.sha256(archive).hexdigest()
    s3.put_object(Bucket=bucket, Key=f"releases/files/{digest}.tar.gz", Body=archive)
    description = json.dumps({"images": images, "files": digest})
    s3.put_object(Bucket=bucket, Key=f"releases/{release}.json", Body=description.encode())


def pack(root: Path) -> bytes:
    """The Compose files and ``ops``, as git has them; the same files give the same bytes."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "compose*.yaml", "ops"], cwd=root, check=True, capture_output=True, text=True
    )
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for name in sorted(filter(None, listed.stdout.split("\0"))):
            tar.add(root / name, name, filter=_plain)
    return packed.getvalue()


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.mode & 0o100 else 0o644
    return member


def rolls_out(session: boto3.Session, service: str, release: str) -> bool:
    """Whether the machine says that the release runs. Shows what it said."""
    ssm = session.client("ssm")
    machine = parameter(session, f"/{service}/machine")
    sent = ssm.send_command(
        DocumentName=f"{service}-roll-out", InstanceIds=[machine], Parameters={"release": [release]}
    )
    where = {"CommandId": sent["Command"]["CommandId"], "InstanceId": machine}
    while True:
        time.sleep(PAUSE_SECONDS)
        try:
            outcome = ssm.get_command_invocation(**where)
        except ssm.exceptions.InvocationDoesNotExist:  # not yet
            continue
        if outcome["Status"] in ENDED:
            print(outcome["StandardOutputContent"], outcome["StandardErrorContent"], sep="\n", flush=True)
            return bool(outcome["Status"] == "Success")


def parameter(session: boto3.Session, name: str) -> str:
    return str(session.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


if __name__ == "__main__":
    main()
