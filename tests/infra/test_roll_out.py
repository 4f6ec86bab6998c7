"""A release on its way: laid down, fetched, rolled out, and back again; with a real AWS API and real HTTP services.

Docker alone is another program (``standins/docker.py``), which runs a process for a container.
"""

import json
import os
import socket
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import boto3
import pytest

from tests.infra.terraform import ROOT

pytestmark = pytest.mark.infra

DEPLOY = ROOT / "ops" / "deploy"
GOOD, BETTER, SICK, UNSTARTABLE = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)
IMAGES = {GOOD: "good", BETTER: "better", SICK: "sick", UNSTARTABLE: "unstartable"}


@dataclass
class Machine:
    """What the machine is to the scripts: its description, its data volume, Docker, the port of its service."""

    folder: Path
    bucket: str
    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "FAKE_DOCKER": str(self.folder),
            "SENTIMENT_HOST_FILE": str(self.folder / "host.json"),
            "SENTIMENT_SMOKE_URL": f"http://127.0.0.1:{self.port}",
            "SENTIMENT_SMOKE_SECONDS": "2",
        }

    def start(self, *release: str) -> subprocess.CompletedProcess[str]:
        """What user data's ``sentiment-start`` does."""
        return run("start.py", *release, **self.environment)

    @property
    def answers(self) -> str:
        """Which image the service is of."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/image", timeout=10) as reply:
            return str(reply.read().decode())

    @property
    def calls(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    @property
    def current(self) -> str:
        return str(boto3.client("ssm").get_parameter(Name="/sentiment/release")["Parameter"]["Value"])


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", str(DEPLOY / script), *arguments],
        env=os.environ | environment, capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip


def image(release: str) -> str:
    return f"registry.example/sentiment@sha256:{IMAGES[release]}"


@pytest.fixture
def machine(aws: str, bucket: str, tmp_path: Path) -> Iterator[Machine]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "port").write_text(str(port))
    (tmp_path / "bin").mkdir()
    docker = tmp_path / "bin" / "docker"
    docker.write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT / "tests" / "standins" / "docker.py"} "$@"\n')
    docker.chmod(0o755)
    host = {"name": "sentiment", "region": "eu-west-1", "bucket": bucket, "data": str(tmp_path / "data")}
    (tmp_path / "host.json").write_text(json.dumps(host))
    ssm = boto3.client("ssm")
    ssm.put_parameter(Name="/sentiment/release", Type="String", Value="none", Overwrite=True)
    ssm.put_parameter(Name="/sentiment/first_key", Type="SecureString", Value="none", Overwrite=True)
    ssm.put_parameter(Name="/sentiment/environment/DOMAIN", Type="String", Value="text.example.com", Overwrite=True)
    ssm.put_parameter(Name="/sentiment/environment/SECRET", Type="SecureString", Value="s3cr3t $X", Overwrite=True)
    yield Machine(tmp_path, bucket, port)
    if (tmp_path / "pid").exists():
        os.kill(int((tmp_path / "pid").read_text()), 9)


@pytest.fixture
def laid_down(machine: Machine) -> None:
    """Every release is in the bucket; they differ in their image."""
    sys.path.insert(0, str(DEPLOY))
    try:
        from deploy import lay_down  # a program, not a package
    finally:
        sys.path.remove(str(DEPLOY))
    lay_down(boto3.Session(), machine.bucket, GOOD, {"API_IMAGE": image(GOOD)})
    s3 = boto3.client("s3")
    first = json.loads(s3.get_object(Bucket=machine.bucket, Key=f"releases/{GOOD}.json")["Body"].read())
    for release in set(IMAGES) - {GOOD}:
        described = json.dumps(first | {"images": {"API_IMAGE": image(release)}})
        s3.put_object(Bucket=machine.bucket, Key=f"releases/{release}.json", Body=described.encode())


def test_a_machine_without_a_release_starts_nothing(machine: Machine) -> None:
    done = machine.start()

    assert done.returncode == 0, done.stderr
    assert "No release" in done.stdout
    assert not (machine.folder / "calls").exists()


@pytest.mark.usefixtures("laid_down")
def test_a_release_that_answers_becomes_the_current_one(machine: Machine) -> None:
    done = machine.start(GOOD)

    assert done.returncode == 0, done.stdout + done.stderr
    assert (machine.current, machine.answers) == (GOOD, image(GOOD))
    assert (machine.folder / "data" / "current" / "ops" / "deploy" / "compose.aws.yaml").exists()


@pytest.mark.usefixtures("laid_down")
def test_containers_get_the_environment_and_no_file_does(machine: Machine) -> None:
    """And Docker is logged in where the image is from."""
    machine.start(GOOD)
    up = next(call for call in machine.calls if "up" in call["arguments"])

    assert up["environment"] == {"API_IMAGE": image(GOOD), "DOMAIN": "text.example.com", "SECRET": "s3cr3t $X"}
    written = [path for path in (machine.folder / "data").rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if b"s3cr3t" in path.read_bytes()]

    login = next(call for call in machine.calls if call["arguments"][0] == "login")

    assert login["arguments"][-1] == "registry.example"
    assert login["password"]


@pytest.mark.usefixtures("laid_down")
def test_the_first_api_key_is_made_before_the_start_and_kept_for_the_operator(machine: Machine) -> None:
    """Without a key the service would not start."""
    machine.start(GOOD)
    kept = boto3.client("ssm").get_parameter(Name="/sentiment/first_key", WithDecryption=True)["Parameter"]
    called = [call["arguments"] for call in machine.calls]
    made = [index for index, arguments in enumerate(called) if "keys" in arguments]
    up = [index for index, arguments in enumerate(called) if "up" in arguments]

    assert (kept["Type"], kept["Value"]) == ("SecureString", "ta_made-by-the-service")
    assert made[0] < up[0]


@pytest.mark.usefixtures("laid_down")
@pytest.mark.parametrize("bad", [SICK, UNSTARTABLE], ids=IMAGES.__getitem__)
def test_after_a_release_that_fails_the_former_one_runs(machine: Machine, bad: str) -> None:
    machine.start(GOOD)
    done = machine.start(bad)

    assert done.returncode == 1
    assert f"Going back to {GOOD}" in done.stdout
    assert (machine.current, machine.answers) == (GOOD, image(GOOD))


@pytest.mark.usefixtures("laid_down")
def test_without_a_former_release_a_failure_says_so(machine: Machine) -> None:
    done = machine.start(SICK)

    assert done.returncode == 1
    assert "no other release" in done.stderr
    assert machine.current == "none"


@pytest.mark.usefixtures("laid_down")
def test_a_machine_that_starts_again_runs_the_current_release(machine: Machine) -> None:
    """Releases of the same files share a folder, so that a new image leaves the other containers alone; the first API
    key is made once."""
    machine.start(GOOD)
    machine.start(BETTER)
    done = machine.start()

    assert done.returncode == 0, done.stderr
    assert (machine.current, machine.answers) == (BETTER, image(BETTER))
    assert len([path for path in (machine.folder / "data" / "releases").iterdir() if path.is_dir()]) == 1
    assert len([call for call in machine.calls if "keys" in call["arguments"]]) == 1


@pytest.mark.usefixtures("laid_down")
def test_files_that_are_not_those_laid_down_are_refused(machine: Machine) -> None:
    s3 = boto3.client("s3")
    [files] = s3.list_objects_v2(Bucket=machine.bucket, Prefix="releases/files/")["Contents"]
    s3.put_object(Bucket=machine.bucket, Key=files["Key"], Body=b"something else")
    done = machine.start(GOOD)

    assert done.returncode == 1
    assert "not what was laid down" in done.stderr


def test_what_is_packed_is_what_git_has(machine: Machine, laid_down: None) -> None:
    s3 = boto3.client("s3")
    described = json.loads(s3.get_object(Bucket=machine.bucket, Key=f"releases/{GOOD}.json")["Body"].read())
    packed = s3.get_object(Bucket=machine.bucket, Key=f"releases/files/{described['files']}.tar.gz")["Body"].read()
    with tarfile.open(fileobj=BytesIO(packed)) as tar:
        names = tar.getnames()

    assert {"ops/deploy/roll_out.py", "ops/backup/backup.py"} <= set(names)
    assert not [name for name in names if not name.startswith(("ops/", "compose"))]


class TestDeploying:
    """``deploy.py``: moto takes the command and says that it succeeded; what runs is the test's to say."""

    @pytest.fixture
    def environment(self, machine: Machine) -> dict[str, str]:
        ec2, ssm = boto3.client("ec2"), boto3.client("ssm")
        image_id = ec2.describe_images(Owners=["099720109477"])["Images"][0]["ImageId"]
        [instance] = ec2.run_instances(ImageId=image_id, MinCount=1, MaxCount=1)["Instances"]
        ssm.put_parameter(Name="/sentiment/machine", Type="String", Value=instance["InstanceId"], Overwrite=True)
        return machine.environment | {
            "SERVICE": "sentiment", "BUCKET": machine.bucket, "URL": f"http://127.0.0.1:{machine.port}",
        }  # fmt: skip

    def commands(self) -> list[str]:
        """Releases that the machine was told to roll out, in order."""
        sent = boto3.client("ssm").list_commands()["Commands"]
        return [command["Parameters"]["release"][0] for command in sent]

    @pytest.mark.usefixtures("laid_down")
    def test_a_release_that_answers_from_outside_is_deployed(
        self, machine: Machine, environment: dict[str, str]
    ) -> None:
        machine.start(GOOD)
        before = self.commands()
        done = run("deploy.py", BETTER, f"API_IMAGE={image(BETTER)}", **environment)

        assert done.returncode == 0, done.stdout + done.stderr
        assert self.commands()[len(before) :] == [BETTER]

    @pytest.mark.usefixtures("laid_down")
    def test_one_that_does_not_answer_from_outside_is_rolled_back(
        self, machine: Machine, environment: dict[str, str]
    ) -> None:
        machine.start(GOOD)
        before = self.commands()
        with socket.create_server(("127.0.0.1", 0)) as shut:
            port = shut.getsockname()[1]
        nobody = {"URL": f"http://127.0.0.1:{port}"}
        done = run("deploy.py", BETTER, f"API_IMAGE={image(BETTER)}", **environment | nobody)

        assert done.returncode == 1
        assert f"{BETTER} does not answer; {GOOD} runs again" in done.stderr
        assert self.commands()[len(before) :] == [BETTER, GOOD]

    def test_an_image_by_its_tag_is_refused(self, machine: Machine, environment: dict[str, str]) -> None:
        done = run("deploy.py", GOOD, "API_IMAGE=registry.example/sentiment:latest", **environment)

        assert done.returncode == 1
        assert "by digest" in done.stderr
