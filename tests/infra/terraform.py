"""Terraform as the tests run it: a copy of the module, a folder of plugins, a moto server for AWS."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MODULE = Path("infra", "terraform")

ON_MOTO = """
provider "aws" {
  access_key              = "testing"
  secret_key              = "testing"
  s3_use_path_style       = true # there is no name bucket.127.0.0.1
  skip_metadata_api_check = true
}
"""


@dataclass
class Terraform:
    """A copy of the module in ``root``; ``variables`` are of the module."""

    root: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def module(self) -> Path:
        return self.root / MODULE

    @property
    def state(self) -> str:
        return (self.module / "terraform.tfstate").read_text()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
        variables = {f"TF_VAR_{name}": _encode(value) for name, value in self.variables.items()}
        environment = clean | {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"} | self.environment | variables
        return subprocess.run(
            ["terraform", *arguments], cwd=self.module, env=environment, text=True, capture_output=True,
            timeout=600, check=False,
        )  # fmt: skip

    def succeed(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    @property
    def outputs(self) -> dict[str, Any]:
        return {name: output["value"] for name, output in json.loads(self.succeed("output", "-json")).items()}


def _encode(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def copy_of_the_module(root: Path) -> Terraform:
    """Initialised, in ``root``, without the rest of the repository but for what the module reads of it."""
    ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars")
    shutil.copytree(ROOT / MODULE, root / MODULE, ignore=ignored)
    shutil.copytree(ROOT / "ops" / "deploy", root / "ops" / "deploy")
    return Terraform(root)
