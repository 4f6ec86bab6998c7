"""What the shadow is asked, when, and that no caller notices."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from msgspec.structs import replace

from sentiment_core.errors import ThrottledError, UnsupportedLanguageError
from sentiment_core.metric_names import (
    SHADOW_CONFIDENCE_DIFFERENCE,
    SHADOW_DROPPED,
    SHADOW_FAILURES,
    SHADOW_LATENCY_SECONDS,
    SHADOW_SENTIMENTS,
    SHADOW_SPANS,
)
from sentiment_core.models import Document, Entity, EntityType, Feature, Options, Outcome, SentimentType
from sentiment_core.policies.shadowing import PAUSE, ShadowingAnalyzer
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics, fake_analysis, run_virtually
from sentiment_core.tracking import ShadowWindow

BERLIN = Entity("Berlin", EntityType.LOCATION, 0.9, 0, 6)
DOCUMENTS = [Document(text) for text in "abc"]
TIMEOUT = 5.0


class Stage:
    """A primary and a shadow behind the policy, in virtual time; ``before`` is awaited by the shadow."""

    def __init__(
        self,
        *,
        primary: dict[str, Outcome] | None = None,
        shadow: dict[str, Outcome] | None = None,
        before: Callable[[], Awaitable[object]] | None = None,
        share: float = 1.0,
        max_documents: int = 100,
        random: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.primary = FakeAnalyzer(primary, name="primary", model_version="p-1")
        self.shadow = FakeAnalyzer(shadow, name="shadow", model_version="s-1", before=before)
        self.metrics = RecordingMetrics()
        self.window = ShadowWindow()
        self.policy = ShadowingAnalyzer(
            self.primary,
            self.shadow,
            share=share,
            max_documents=max_documents,
            timeout=TIMEOUT,
            window=self.window,
            metrics=self.metrics,
            clock=lambda: asyncio.get_running_loop().time(),
            sleep=asyncio.sleep,
            random=random,
        )

    @property
    def asked(self) -> list[str]:
        return [document.text for documents, _ in self.shadow.calls for document in documents]

    def run(self, *calls: Coroutine[Any, Any, list[Outcome]]) -> list[list[Outcome]]:
        """The outcomes of the calls; all comparisons are over."""

        async def main() -> list[list[Outcome]]:
            outcomes = await asyncio.gather(*calls)
            self.seconds = asyncio.get_running_loop().time()
            await asyncio.sleep(10 * TIMEOUT)
            return outcomes

        return run_virtually(main())

    def analyze(self, documents: list[Document] = DOCUMENTS, options: Options | None = None) -> list[Outcome]:
        [outcomes] = self.run(self.policy.analyze(documents, options or Options()))
        return outcomes


async def hang() -> None:
    await asyncio.sleep(1_000)


async def break_() -> None:
    raise RuntimeError("the caller's own words")


@pytest.mark.parametrize("before", [None, hang, break_])
def test_the_caller_has_the_primarys_answers_at_once_whatever_the_shadow_does(
    before: Callable[[], Awaitable[object]] | None,
) -> None:
    stage = Stage(before=before)
    outcomes = stage.analyze()

    assert outcomes == asyncio.run(stage.primary.analyze(DOCUMENTS, Options()))
    assert stage.seconds == 0
    assert stage.asked == ["a", "b", "c"]


def test_the_shadow_is_asked_when_the_caller_has_the_answer() -> None:
    stage = Stage()
    stage.shadow.before = lambda: asyncio.sleep(0, asked_at.append(asyncio.get_running_loop().time()))
    asked_at: list[float] = []
    stage.analyze()

    assert asked_at == [PAUSE]


def test_a_callers_deadline_is_not_the_shadows() -> None:
    stage = Stage()
    stage.analyze(options=Options(frozenset({Feature.SENTIMENT}), deadline=0.01))
    [(_, options)] = stage.shadow.calls

    assert options == Options(frozenset({Feature.SENTIMENT}), deadline=PAUSE + TIMEOUT)


def test_chance_chooses_the_share_that_is_asked_for() -> None:
    throws = itertools.cycle((0.0, 0.1, 0.5, 0.9))
    stage = Stage(share=0.1, random=lambda: next(throws))
    stage.analyze([Document(str(number)) for number in range(8)])

    assert stage.asked == ["0", "4"]


def test_only_what_the_primary_answered_itself_is_compared() -> None:
    stood_in = replace(fake_analysis(), degraded=True, degraded_reason="throttled")
    stage = Stage(primary={"a": ThrottledError("Full."), "b": stood_in})
    stage.analyze()

    assert stage.asked == ["c"]


def test_while_primary_and_shadow_are_one_version_there_is_nothing_to_compare() -> None:
    stage = Stage()
    stage.shadow.name, stage.shadow.model_version = "primary", "p-1"
    stage.analyze()
    assert stage.asked == []

    stage.shadow.model_version = "p-2"
    stage.analyze()
    assert stage.asked == ["a", "b", "c"]


def test_what_does_not_fit_is_dropped_and_counted_and_room_comes_back() -> None:
    stage = Stage(before=lambda: asyncio.sleep(1), max_documents=2)

    async def later() -> list[Outcome]:
        await asyncio.sleep(2)
        return await stage.policy.analyze([Document("later")], Options())

    stage.run(stage.policy.analyze(DOCUMENTS, Options()), later())

    assert stage.asked == ["a", "b", "later"]
    assert stage.metrics.value(SHADOW_DROPPED) == 1
    assert stage.window.take()["dropped"] == 1


@pytest.mark.parametrize(
    ("before", "code"), [(hang, "deadline_exceeded"), (break_, "analyzer_error")], ids=["hangs", "breaks"]
)
def test_a_shadow_that_hangs_or_breaks_is_counted_and_room_comes_back(
    before: Callable[[], Awaitable[object]], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    stage = Stage(before=before, max_documents=3)

    async def later() -> list[Outcome]:
        await asyncio.sleep(2 * TIMEOUT)
        return await stage.policy.analyze(DOCUMENTS, Options())

    stage.run(stage.policy.analyze(DOCUMENTS, Options()), later())

    assert stage.metrics.value(SHADOW_FAILURES, code) == 6
    assert stage.metrics.value(SHADOW_DROPPED) == 0
    assert "own words" not in caplog.text


def test_a_failure_of_the_shadow_is_counted_by_its_code() -> None:
    stage = Stage(shadow={"a": ThrottledError("Full."), "b": UnsupportedLanguageError("English only.")})
    stage.analyze()

    assert stage.metrics.value(SHADOW_FAILURES, "throttled") == 1
    assert stage.metrics.value(SHADOW_FAILURES, "unsupported_language") == 1
    assert stage.window.take()["failures"] == 2


def test_agreement_confidence_spans_and_latency_are_measured_by_analyzer_and_language() -> None:
    stage = Stage(
        primary={"a": fake_analysis(SentimentType.POSITIVE, [BERLIN])},
        shadow={"b": fake_analysis(SentimentType.NEGATIVE)},
        before=lambda: asyncio.sleep(2),
    )
    stage.analyze([Document("a", "de"), Document("b", "de"), Document("c", "fr")])
    metrics = stage.metrics

    assert metrics.value(SHADOW_SENTIMENTS, "shadow", "de", "no") == 2
    assert metrics.value(SHADOW_SENTIMENTS, "shadow", "fr", "yes") == 1
    assert metrics.observations(SHADOW_CONFIDENCE_DIFFERENCE, "shadow", "de") == [0, 0]
    assert metrics.value(SHADOW_SPANS, "shadow", "de", "entities", "primary") == 1
    assert metrics.value(SHADOW_SPANS, "shadow", "de", "entities", "both") == 0
    assert metrics.observations(SHADOW_LATENCY_SECONDS, "primary", "primary", "fr") == [0]
    assert metrics.observations(SHADOW_LATENCY_SECONDS, "shadow", "shadow", "fr") == [2]


def test_closing_ends_comparisons_under_way_then_closes_both() -> None:
    stage = Stage(before=hang)

    async def main() -> None:
        await stage.policy.analyze(DOCUMENTS, Options())
        await asyncio.sleep(1)
        await stage.policy.aclose()
        await stage.policy.aclose()
        assert len(asyncio.all_tasks()) == 1

    run_virtually(main())

    assert stage.asked == ["a", "b", "c"]
    assert (stage.primary.closed, stage.shadow.closed) == (True, True)
    assert stage.window.take() == {}
