"""AWS settings of a test's own: dummy credentials, and nothing of the machine's."""

import os

import pytest

DUMMY_AWS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def use_dummy_aws(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    """Replaces every ``AWS_*`` variable and the AWS files; ``variables`` are set besides, or instead."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in (DUMMY_AWS | variables).items():
        monkeypatch.setenv(name, value)
