"""What the images are made of is what pyproject.toml asks for, to the byte. When one fails: nox -s lock"""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
DOCKER = ROOT / "ops" / "docker"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = {
    "requirements.txt": [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["redis"]],
    "build.txt": (DOCKER / "build.in").read_text().split("\n"),
    "mlflow.txt": (DOCKER / "mlflow.in").read_text().split("\n"),
}


def entries(lock: str) -> list[str]:
    text = re.sub(r"^ *#.*\n", "", (DOCKER / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [line for line in text.replace("\\\n", " ").splitlines() if line]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_what_it_was_made_of(lock: str) -> None:
    pins = {
        canonicalize_name(pin.name): pin for pin in (Requirement(entry.split("--hash")[0]) for entry in entries(lock))
    }

    for wanted in (Requirement(line) for line in LOCKS[lock] if line):
        [pin] = pins[canonicalize_name(wanted.name)].specifier
        assert pin.operator == "=="
        assert wanted.specifier.contains(pin.version, prereleases=True), f"{wanted}, but {pin}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_of_a_lock_has_hashes_and_none_says_where_to_look(lock: str) -> None:
    assert [entry for entry in entries(lock) if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)] == []
