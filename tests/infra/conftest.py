import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from tests.infra.terraform import Terraform, copy_of_the_module
from tests.standins.aws import use_dummy_aws


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """An initialised copy of the module. ``TF_PLUGIN_DIR`` names a folder of provider plugins, where there is one."""
    if shutil.which("terraform") is None:
        pytest.skip("there is no terraform on this machine")
    copy = copy_of_the_module(tmp_path_factory.mktemp("module"))
    plugins = os.environ.get("TF_PLUGIN_DIR")
    done = copy.run("init", "-backend=false", "-input=false", *([f"-plugin-dir={plugins}"] if plugins else []))
    if done.returncode and not plugins and "registry.terraform.io" in done.stderr:
        pytest.skip("terraform init cannot reach its registry; TF_PLUGIN_DIR may name a folder of plugins")
    assert done.returncode == 0, done.stderr
    return copy


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The URL of an AWS on the loopback, new for each file of tests."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(moto: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """boto3 of this process and its children speaks to ``moto``."""
    use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL=moto, AWS_DEFAULT_REGION="eu-west-1", AWS_REGION="eu-west-1")
    return moto


@pytest.fixture
def bucket(aws: str, tmp_path: Path) -> str:
    """The name of a bucket of the test's own."""
    import boto3

    name = f"bucket-{abs(hash(tmp_path)):x}"
    boto3.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return name
