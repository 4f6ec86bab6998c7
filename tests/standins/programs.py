"""Programs that are no Python packages, which a machine may lack."""

import shutil

import pytest


def program(name: str, package: str) -> str:
    """Where it is; without it the test is skipped."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {package})")
    return found
