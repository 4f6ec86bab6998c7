"""What ``sentiment doctor`` says of the model registry, of trials, and of the feedback key."""

from collections.abc import Callable
from pathlib import Path

import pytest
from dependency_injector import providers

from entrypoints.analyzers import model_shelf
from entrypoints.answer_key import make_answer_key
from entrypoints.checks import (
    Check,
    check_analyzer,
    check_canary,
    check_feedback_key,
    check_registry,
    check_shadow,
)
from entrypoints.container import Container, build_container
from entrypoints.settings import Settings
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.models import Document
from sentiment_core.ports import Analyzer
from sentiment_core.registry import ModelReference
from sentiment_core.testing import FakeAnalyzer, FakeModelRegistry

CHAMPION = ModelReference("sentiment", "champion")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=str(tmp_path / "data"), analyzer=str(CHAMPION))


@pytest.fixture
def registry(tmp_path: Path) -> FakeModelRegistry:
    """Its second version is the champion."""
    registry = FakeModelRegistry()
    (tmp_path / "made").mkdir()
    for _ in range(2):
        registry.register("sentiment", tmp_path / "made", {})
    registry.set_alias("sentiment", "champion", 2)
    return registry


def put_on_the_disk(settings: Settings, number: int) -> None:
    """As a service leaves a version that was good."""
    shelf = model_shelf(settings, CHAMPION)
    shelf.add(number, Path.mkdir, lambda _: None)
    shelf.keep(CHAMPION.target, number)


def test_the_version_that_the_alias_is_on_is_named_and_whether_it_is_here(
    settings: Settings, registry: FakeModelRegistry
) -> None:
    absent = check_registry(settings, registry)
    put_on_the_disk(settings, 1)
    another = check_registry(settings, registry)
    put_on_the_disk(settings, 2)
    present = check_registry(settings, registry)

    assert [check.good for check in (absent, another, present)] == [True] * 3
    assert "models:/sentiment@champion is sentiment/2, which will be downloaded" in absent.finding
    assert another == absent
    assert "is sentiment/2, which is on the disk" in present.finding


@pytest.mark.parametrize(("away", "remedy"), [(True, "MLFLOW_TRACKING_URI"), (False, "sentiment models list")])
def test_without_the_alias_the_service_starts_only_with_a_good_version_on_the_disk(
    settings: Settings, registry: FakeModelRegistry, away: bool, remedy: str
) -> None:
    registry.set_alias("sentiment", "champion", None)
    registry.away = away

    without = check_registry(settings, registry)
    put_on_the_disk(settings, 1)
    from_disk = check_registry(settings, registry)

    assert (without.good, from_disk.good) == (False, None)
    assert "sentiment/1 on the disk would answer" in from_disk.finding
    assert remedy in without.remedy
    assert remedy in from_disk.remedy


def test_where_the_registry_is_away_no_password_is_shown(
    settings: Settings, registry: FakeModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:s3cret@mlflow:5000")
    registry.away = True

    check = check_registry(settings, registry)

    assert "mlflow:5000" in check.remedy
    assert "s3cret" not in f"{check}"


Trial = tuple[str, Callable[[Container], Check]]


@pytest.fixture(params=["canary", "shadow"])
def trial(request: pytest.FixtureRequest) -> Trial:
    return request.param, {"canary": check_canary, "shadow": check_shadow}[request.param]


def with_trial(role: str, analyzer: Analyzer) -> Container:
    container = build_container(Settings(**{role: "comprehend", f"{role}_share": 0.25}))

    def build(spec: str) -> Analyzer:
        assert spec == "comprehend"
        return analyzer

    for factory in (container.build, container.build_modestly):
        factory.override(providers.Callable(build))
    return container


def test_what_is_on_trial_is_asked_a_text_and_closed(trial: Trial) -> None:
    role, check = trial
    analyzer = FakeAnalyzer(name="comprehend", model_version="2026")

    found = check(with_trial(role, analyzer))

    assert (found.subject, found.good, found.remedy) == (role, True, "")
    assert "comprehend (2026) answers" in found.finding
    assert "25% of" in found.finding
    assert [documents for documents, _ in analyzer.calls] == [[Document("The staff were wonderful.", "en")]]
    assert analyzer.closed


@pytest.mark.parametrize("trouble", ["not ready", "a failure"])
def test_what_is_on_trial_and_cannot_be_had_harms_no_caller_and_is_said(trial: Trial, trouble: str) -> None:
    role, check = trial
    analyzer = FakeAnalyzer({"The staff were wonderful.": AnalyzerUnavailableError("It is away.")})
    analyzer.unready = "It is away." if trouble == "not ready" else ""

    found = check(with_trial(role, analyzer))

    assert found.good is None
    assert "It is away." in found.finding
    assert f"SENTIMENT_{role.upper()}" in found.remedy
    assert analyzer.closed


KEY = "a key for the tests, of 40 characters, ab"


def test_a_feedback_key_that_is_set_is_good_and_one_that_is_bad_keeps_the_service_from_starting(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(KEY)
    set_, in_file = Settings(feedback_key=KEY), Settings(feedback_key_file=str(tmp_path / "secret"))
    bad, missing = Settings(feedback_key="changeme"), Settings(feedback_key_file=str(tmp_path / "none"))

    assert [check_feedback_key(each, can_be_kept=False).good for each in (set_, in_file)] == [True, True]
    for each in (bad, missing):
        check = check_feedback_key(each, can_be_kept=True)
        assert check.good is False
        assert "SENTIMENT_FEEDBACK_KEY" in check.finding
        assert check_analyzer(build_container(each)).good is False
    assert KEY not in check_feedback_key(set_, can_be_kept=True).finding


def test_without_a_feedback_key_one_is_announced_and_none_is_made(settings: Settings) -> None:
    check = check_feedback_key(settings, can_be_kept=True)

    assert (check.good, check.remedy) == (True, "")
    assert "feedback.key will be made" in check.finding
    assert not settings.data_path.exists()


def test_a_feedback_key_that_the_service_made_is_found(settings: Settings) -> None:
    make_answer_key(settings)

    check = check_feedback_key(settings, can_be_kept=False)

    assert (check.good, check.finding) == (True, str(settings.data_path / "feedback.key"))


def test_several_replicas_are_told_to_share_the_feedback_key_unless_it_is_set(tmp_path: Path) -> None:
    made = check_feedback_key(Settings(data_dir=str(tmp_path), replicas=2), can_be_kept=True)
    given = check_feedback_key(Settings(feedback_key=KEY, replicas=2), can_be_kept=True)

    assert made.good is None
    assert "the same SENTIMENT_FEEDBACK_KEY" in made.remedy
    assert given.good is True


def test_a_feedback_key_that_cannot_be_kept_or_is_empty_is_said_with_what_to_do(settings: Settings) -> None:
    lost = check_feedback_key(settings, can_be_kept=False)
    settings.data_path.mkdir()
    (settings.data_path / "feedback.key").touch()
    empty = check_feedback_key(settings, can_be_kept=True)

    assert (lost.good, empty.good) == (None, None)
    assert "SENTIMENT_FEEDBACK_KEY" in lost.remedy
    assert "Remove it" in empty.remedy
