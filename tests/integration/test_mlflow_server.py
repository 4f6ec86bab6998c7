"""The service with a real MLflow server on SQLite, whose artifacts are on a (moto) S3."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import msgspec
import pytest
from mlflow import MlflowClient

from adapters.model_registries.mlflow import MlflowModelRegistry
from sentiment_core.ports import ModelRegistry
from sentiment_core.testing.model_registries import FILES, ModelRegistryContract
from tests.e2e.serving import Service, serve
from tests.mlflow_store import read_runs, tolerate_mlflow
from tests.standins.mlflow_server import START_SECONDS, MlflowStack, mlflow_on_s3, mlflow_program

pytestmark = [
    tolerate_mlflow,
    pytest.mark.skipif(mlflow_program() is None, reason="MLFLOW_SERVER names no mlflow of the full distribution"),
    pytest.mark.xdist_group("mlflow-server"),
]

CANARY = "canary-of-the-mine"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowStack]:
    with mlflow_on_s3(tmp_path_factory.mktemp("mlflow")) as stack:
        yield stack


@pytest.fixture(scope="module")
def served(stack: MlflowStack, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service that has answered one text and recorded it there, and has ended."""
    settings = {"MLFLOW_TRACKING_URI": stack.mlflow, "SENTIMENT_TRACKING_WINDOW_SECONDS": "1"}
    with serve(tmp_path_factory.mktemp("service"), **settings, **stack.variables) as service:
        request = urllib.request.Request(
            f"{service.address}/analyze",
            msgspec.json.encode({"text": f"The {CANARY} sang beautifully in Paris."}),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            assert reply.status == 200
        _wait_for_figures(stack)
        assert service.stop() == 0
    return service


def _wait_for_figures(stack: MlflowStack) -> None:
    """The run begins beside the first requests, and takes seconds; a service that is ended sooner has none."""
    give_up = time.monotonic() + START_SECONDS
    while not any(run.figures for run in read_runs(stack.mlflow, "sentiment-service")):
        assert time.monotonic() < give_up, "no run has arrived"
        time.sleep(0.2)


def test_a_services_run_arrives_with_its_parameters_figures_and_files(stack: MlflowStack, served: Service) -> None:
    [run] = read_runs(stack.mlflow, "sentiment-service")

    assert (run.parameters["analyzer"], run.ended) == ("embedded", "finished")
    assert sum(figures["documents"] for figures in run.figures.values()) == 1
    assert run.files["chain.txt"].startswith(b"IdentifyingAnalyzer(")


def test_the_files_are_in_the_bucket(stack: MlflowStack, served: Service) -> None:
    assert [key.rsplit("/", 1)[-1] for key in stack.objects()] == ["chain.txt"]


def test_no_text_arrives(stack: MlflowStack, served: Service) -> None:
    stored = (stack.folder / "mlflow.db").read_bytes() + (stack.folder / "mlflow-server.log").read_bytes()

    assert CANARY.encode() not in stored


def test_the_pages_answer(stack: MlflowStack) -> None:
    with urllib.request.urlopen(stack.mlflow, timeout=30) as page:
        assert b"<title>MLflow</title>" in page.read()


def test_a_stranger_who_sends_the_browser_here_under_another_name_is_refused(stack: MlflowStack) -> None:
    """DNS rebinding: the server answers to its own names only."""
    request = urllib.request.Request(stack.mlflow, headers={"Host": "attacker.example"})
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request, timeout=30)

    with raised.value as refusal:
        assert refusal.code == 403


def test_the_server_runs_no_jobs(stack: MlflowStack) -> None:
    """Its job endpoints have run other people's code: CVE-2026-0545."""
    request = urllib.request.Request(
        f"{stack.mlflow}/ajax-api/3.0/jobs/",
        b'{"job_name": "optimize_prompts", "params": {}}',
        {"Content-Type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request, timeout=30)

    with raised.value as refusal:
        assert b"not enabled" in refusal.read()


class TestMlflowModelRegistry(ModelRegistryContract):
    """Over HTTP, with the files on S3."""

    @pytest.fixture(autouse=True)
    def place(self, stack: MlflowStack, request: pytest.FixtureRequest) -> None:
        self.stack, self.model = stack, request.node.name

    def make_registry(self) -> ModelRegistry:
        return MlflowModelRegistry(self.stack.mlflow, loader="entrypoints.pyfunc")

    def test_the_files_are_in_the_bucket_and_the_version_leads_to_its_run_and_its_logged_model(self) -> None:
        self.register()
        client = MlflowClient(tracking_uri=self.stack.mlflow)
        version = client.get_model_version(self.model, "1")
        run = client.get_run(version.run_id)
        [output] = run.outputs.model_outputs
        logged = client.get_logged_model(output.model_id)

        assert run.info.status == "FINISHED"
        assert (logged.status, version.source) == ("READY", logged.artifact_location)
        assert json.loads(logged.tags["mlflow.modelVersions"]) == [{"name": self.model, "version": "1"}]
        prefix = logged.artifact_location.removeprefix(f"s3://{self.stack.bucket}/")
        there = {key.removeprefix(f"{prefix}/") for key in self.stack.objects() if key.startswith(prefix)}
        assert {"MLmodel", "input_example.json", *(f"model/{name}" for name in FILES)} <= there
