"""What the machine knows: who it is, the containers' environment, and how Compose is called."""

import json
import os
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import boto3

PROJECT = "sentiment"
COMPOSE_FILES = ("compose.yaml", "compose.production.yaml", "ops/deploy/compose.aws.yaml")


@dataclass(frozen=True)
class Release:
    """``images`` are by digest, each by its variable in the Compose files, which are in the folder ``files``."""

    name: str
    images: dict[str, str]
    files: Path


@dataclass(frozen=True)
class Host:
    """As Terraform described it in ``/etc/sentiment.json``; ``data`` is where the data volume is mounted."""

    name: str
    region: str
    bucket: str
    data: Path = Path("/data")

    @classmethod
    def read(cls) -> "Host":
        described = json.loads(Path(os.environ.get("SENTIMENT_HOST_FILE", "/etc/sentiment.json")).read_text())
        return cls(**described | {"data": Path(described.get("data", "/data"))})

    @cached_property
    def session(self) -> boto3.Session:
        return boto3.Session(region_name=self.region)

    def release(self, name: str) -> Release:
        """A release that was fetched. Raises FileNotFoundError for another."""
        releases = self.data / "releases"
        described = json.loads((releases / f"{name}.json").read_text())
        return Release(name, described["images"], releases / described["files"])

    @property
    def current(self) -> str | None:
        """Name of the release that was last rolled out."""
        value = self.session.client("ssm").get_parameter(Name=f"/{self.name}/release")["Parameter"]["Value"]
        return None if value == "none" else value

    def make_current(self, release: Release) -> None:
        self.session.client("ssm").put_parameter(Name=f"/{self.name}/release", Value=release.name, Overwrite=True)
        link = self.data / "current.new"
        link.unlink(missing_ok=True)
        link.symlink_to(release.files)
        link.replace(self.data / "current")

    @cached_property
    def environment(self) -> dict[str, str]:
        """The variables under ``/NAME/environment``, secrets included. They are in memory only, in no file."""
        path = f"/{self.name}/environment/"
        pages = self.session.client("ssm").get_paginator("get_parameters_by_path")
        found = [item for page in pages.paginate(Path=path, WithDecryption=True) for item in page["Parameters"]]
        return {item["Name"].removeprefix(path): item["Value"] for item in found}

    def make_first_key(self, release: Release) -> None:
        """Has the service make an API key, which goes into Parameter Store, unless that was done before."""
        ssm, name = self.session.client("ssm"), f"/{self.name}/first_key"
        if ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == "none":
            create = ("run", "--rm", "--no-deps", "-T", "api", "sentiment", "keys", "create", "first")
            key = self.compose(release, *create, stdout=subprocess.PIPE).stdout.strip()
            ssm.put_parameter(Name=name, Value=key, Type="SecureString", Overwrite=True)

    def compose(self, release: Release, *arguments: str, stdout: int | None = None) -> subprocess.CompletedProcess[str]:
        """Runs Docker Compose on the release. Raises CalledProcessError when it fails."""
        files = [part for file in COMPOSE_FILES for part in ("--file", str(release.files / file))]
        base = ["--project-name", PROJECT, "--project-directory", str(release.files), *files, "--profile", "tls"]
        environment = os.environ | self.environment | release.images
        command = ["docker", "compose", *base, *arguments]
        return subprocess.run(command, env=environment, check=True, stdout=stdout, text=True)
