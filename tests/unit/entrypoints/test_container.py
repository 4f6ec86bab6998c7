import asyncio
import re
import shutil
from pathlib import Path

import pytest
from dependency_injector import providers

from adapters.analyzers.comprehend.calls import MAX_DOCUMENTS
from adapters.analyzers.onnx.analyzer import BATCH
from adapters.analyzers.onnx.model import PACKAGED
from entrypoints import chains, open_analyzer
from entrypoints.chains import compose
from entrypoints.container import Container, build_container, tracking_uri
from entrypoints.settings import Settings, printable
from sentiment_core import Analysis, BudgetSpentError, Document, Options, Outcome, ValidatingAnalyzer
from sentiment_core.drift import REFERENCE
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.ledger import MICRODOLLARS
from sentiment_core.metric_names import SENTIMENT_COUNT
from sentiment_core.model_folder import MANIFEST, SIGNATURE, signature
from sentiment_core.model_watch import ModelWatch
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.testing import FakeAnalyzer, FakeModelRegistry, RecordingMetrics
from tests.tiny_models import write_model
from tests.unit.core.drift.world import World


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


def test_shadow_and_canary_are_in_the_chain_when_they_are_asked_for() -> None:
    container = build_container(Settings(canary="comprehend", shadow="models:/sentiment@challenger"))
    container.backend.override(FakeAnalyzer())
    container.canary.override(providers.Object(FakeAnalyzer()))
    container.shadow.override(providers.Object(FakeAnalyzer()))

    assert repr(container.analyzer()) == (
        "IdentifyingAnalyzer(TrackingAnalyzer(ValidatingAnalyzer(MeasuringAnalyzer(CanaryAnalyzer("
        "CachingAnalyzer(ShadowingAnalyzer(AdmissionAnalyzer(FakeAnalyzer()), FakeAnalyzer())), "
        "CachingAnalyzer(BudgetAnalyzer(AdmissionAnalyzer(FakeAnalyzer()))))))))"
    )


def test_a_test_swaps_any_part_and_the_rest_stays() -> None:
    container, _ = with_fake()
    metrics = RecordingMetrics()
    container.metrics.override(metrics)

    [outcome] = asyncio.run(container.analyzer().analyze([Document("Das ist ein Test.", "auto")], Options()))

    assert isinstance(outcome, Analysis)
    assert outcome.language == "de"
    assert metrics.value(SENTIMENT_COUNT, "NEUTRAL") == 1


def test_the_embedded_model_is_the_one_of_the_folder_that_is_named(tmp_path: Path) -> None:
    manifest = (PACKAGED / MANIFEST).read_text().replace("sentiment-embedded-", "our-own-")
    (tmp_path / MANIFEST).write_text(manifest)

    assert build_container(Settings(embedded_model=str(tmp_path))).backend().model_version.startswith("our-own-")
    with pytest.raises(AnalyzerUnavailableError, match="elsewhere"):
        build_container(Settings(embedded_model=str(tmp_path / "elsewhere"))).backend()


def test_where_models_are_signed_a_folder_must_be_and_the_shipped_model_need_not(tmp_path: Path) -> None:
    key = "a key for the tests, of 40 characters..."
    shutil.copy(PACKAGED / MANIFEST, tmp_path)

    build_container(Settings(model_key=key)).backend()
    with pytest.raises(AnalyzerUnavailableError, match="is not signed"):
        build_container(Settings(model_key=key, embedded_model=str(tmp_path))).backend()
    (tmp_path / SIGNATURE).write_bytes(signature((tmp_path / MANIFEST).read_bytes(), key.encode()))
    build_container(Settings(model_key=key, embedded_model=str(tmp_path))).backend()


def test_drift_is_that_of_the_model_that_answers_and_has_a_reference(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes((PACKAGED / MANIFEST).read_bytes())
    folder = str(tmp_path)
    assert "DriftMonitoringAnalyzer" not in repr(build_container(Settings(embedded_model=folder)).backend())

    (tmp_path / REFERENCE).write_bytes(World(1).reference(100).encode())
    chain = repr(build_container(Settings(embedded_model=folder)).backend())
    assert chain.startswith("DriftMonitoringAnalyzer(Splitting")
    beside = build_container(Settings(analyzer="comprehend", shadow="embedded", embedded_model=folder))
    assert "DriftMonitoringAnalyzer" not in f"{beside.embedded()!r} {beside.shadow()!r}"


def test_everything_is_built_once() -> None:
    container, _ = with_fake()

    assert container.analyzer() is container.analyzer()
    assert container.metrics() is container.metrics()


@pytest.mark.parametrize("spec", ["embedded", "comprehend"])
def test_an_analyzer_is_built_from_its_spec_whichever_the_service_answers_with(spec: str, tmp_path: Path) -> None:
    container = build_container(Settings(data_dir=str(tmp_path)))

    built = container.build(spec)

    assert built.name == spec
    assert built is not container.build(spec)
    assert built is not container.backend()


@pytest.mark.parametrize("spec", ["embedded", "comprehend"])
def test_the_service_answers_with_what_its_setting_names(spec: str, tmp_path: Path) -> None:
    container = build_container(Settings(analyzer=spec, fallback="off", data_dir=str(tmp_path)))

    assert container.analyzer().name == spec
    assert ValidatingAnalyzer.__name__ in repr(container.analyzer())
    assert (container.backend() is container.embedded()) == (spec == "embedded")


def test_behind_a_registered_model_stands_the_embedded_one_and_its_watch_works_beside(
    tmp_path: Path,
) -> None:
    registry = FakeModelRegistry()
    registry.register("sentiment", write_model(tmp_path / "model", 1.0), {})
    container = build_container(Settings(analyzer="models:/sentiment/1", data_dir=str(tmp_path / "data")))
    container.registry.override(providers.Object(registry))

    assert re.search(
        r"CachingAnalyzer\(FallbackAnalyzer\(AdmissionAnalyzer\(SwappingAnalyzer\(SplittingAnalyzer\(CoalescingAnalyzer\("
        r"NamingAnalyzer\(.*\), AdmissionAnalyzer\(SplittingAnalyzer\(",
        repr(container.analyzer()),
    )
    assert (container.analyzer().name, container.analyzer().model_version) == ("sentiment", "sentiment/1")
    assert [type(companion) for companion in container.companions()] == [ModelWatch]


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


async def test_who_opens_the_analyzer_in_a_library_has_a_budget_that_is_kept_from_process_to_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        analyzer="comprehend", fallback="off", cache="off", budget_usd_per_day=1, data_dir=str(tmp_path)
    )

    async def process() -> Outcome:
        container = build_container(settings)
        container.backend.override(providers.Object(FakeAnalyzer()))
        monkeypatch.setattr("entrypoints.container.build_container", lambda _: container)
        analyzer = open_analyzer()
        [outcome] = await analyzer.analyze([Document("text")], Options())
        container.ledger().charge(MICRODOLLARS)
        await analyzer.aclose()
        return outcome

    assert isinstance(await process(), Analysis)
    assert isinstance(await process(), BudgetSpentError)


def test_admission_is_made_of_the_analyzers_batches_and_the_quota() -> None:
    assert (chains.EMBEDDED_BATCH, chains.COMPREHEND_BATCH) == (BATCH, MAX_DOCUMENTS)

    assert chains.places(Settings(), "embedded") == 3 * BATCH
    assert chains.places(Settings(), "comprehend") == 5 * MAX_DOCUMENTS
    assert chains.places(Settings(replicas=10), "comprehend") == 3 * MAX_DOCUMENTS
    assert chains.places(Settings(comprehend_batch_tps=1_000), "comprehend") == (2 * 48 // 3 - 1) * MAX_DOCUMENTS
