import asyncio

import pytest

from entrypoints.chains import compose
from entrypoints.container import Container, build_container, tracking_uri
from entrypoints.settings import Settings, printable
from sentiment_core import Analysis, Document, Options, ValidatingAnalyzer
from sentiment_core.metric_names import SENTIMENT_COUNT
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics


def with_fake() -> tuple[Container, FakeAnalyzer]:
    container, fake = build_container(Settings()), FakeAnalyzer()
    container.backend.override(fake)
    return container, fake


def test_policies_are_composed_with_the_first_outermost() -> None:
    class Outer(AnalyzerDecorator): ...

    class Inner(AnalyzerDecorator): ...

    assert repr(compose([Outer, Inner], FakeAnalyzer())) == "Outer(Inner(FakeAnalyzer()))"


def test_the_chain_reads_as_it_is_documented() -> None:
    container, _ = with_fake()

    assert repr(container.analyzer()) == (
        "IdentifyingAnalyzer(TrackingAnalyzer(ValidatingAnalyzer(MeasuringAnalyzer(CachingAnalyzer("
        "AdmissionAnalyzer(FakeAnalyzer()))))))"
    )


def test_a_test_swaps_any_part_and_the_rest_stays() -> None:
    container, _ = with_fake()
    metrics = RecordingMetrics()
    container.metrics.override(metrics)

    [outcome] = asyncio.run(container.analyzer().analyze([Document("Das ist ein Test.", "auto")], Options()))

    assert isinstance(outcome, Analysis)
    assert outcome.language == "de"
    assert metrics.value(SENTIMENT_COUNT, "NEUTRAL") == 1


def test_everything_is_built_once() -> None:
    container, _ = with_fake()

    assert container.analyzer() is container.analyzer()
    assert container.metrics() is container.metrics()


def test_every_analyzer_that_a_setting_can_name_is_wired() -> None:
    names = {"embedded", "comprehend"}

    assert set(Container.backend.providers) == names
    assert set(Settings.__annotations__["analyzer"].__origin__.__args__) == names
    assert ValidatingAnalyzer.__name__ in repr(with_fake()[0].analyzer())


def test_runs_go_to_the_data_folder_unless_mlflow_is_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert tracking_uri(Settings(data_dir="/srv/sentiment")) == "sqlite:////srv/sentiment/mlflow.db"

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow:5000")
    assert tracking_uri(Settings()) == "http://mlflow:5000"


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("postgresql://user:secret@host/db", "postgresql://user:***@host/db"),
        ("sqlite:////srv/mlflow.db", "sqlite:////srv/mlflow.db"),
        ("http://mlflow:5000", "http://mlflow:5000"),
    ],
)
def test_a_uri_is_shown_without_its_password(uri: str, shown: str) -> None:
    assert printable(uri) == shown
