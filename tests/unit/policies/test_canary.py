"""Which texts the canary answers, and that none is lost by it."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core import errors
from sentiment_core.errors import AnalysisError, DeadlineExceededError, ThrottledError
from sentiment_core.metric_names import CANARY_ANSWERS, CANARY_CONFIDENCE, CANARY_FAILURES, CANARY_LATENCY_SECONDS
from sentiment_core.models import Analysis, Document, Options, Outcome
from sentiment_core.policies.canary import CanaryAnalyzer
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics, run_virtually
from sentiment_core.tracking import CanaryWindow

ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AnalysisError)]
TEXTS = [f"text {number}" for number in range(400)]
DOCUMENTS = [Document(text, "de") for text in TEXTS[:20]]
RESERVE = 0.5


class Trial:
    """A primary and a canary behind the policy, in virtual time; ``before`` is awaited by the canary."""

    def __init__(
        self,
        *,
        share: float = 0.5,
        salt: str = "models:/sentiment@challenger",
        primary: dict[str, Outcome] | None = None,
        canary: dict[str, Outcome] | None = None,
        before: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self.primary = FakeAnalyzer(primary, name="primary", model_version="p-1")
        self.canary = FakeAnalyzer(canary, name="canary", model_version="c-1", before=before)
        self.metrics = RecordingMetrics()
        self.window = CanaryWindow()
        self.policy = CanaryAnalyzer(
            self.primary,
            self.canary,
            share=share,
            salt=salt,
            reserve=RESERVE,
            window=self.window,
            metrics=self.metrics,
            clock=lambda: asyncio.get_running_loop().time(),
        )

    def analyze(self, documents: list[Document], options: Options | None = None) -> list[Outcome]:
        """The outcomes; ``self.seconds`` of virtual time have passed until then."""

        async def main() -> list[Outcome]:
            outcomes = await self.policy.analyze(documents, options or Options())
            self.seconds = asyncio.get_running_loop().time()
            return outcomes

        return run_virtually(main())

    def chosen(self, texts: list[str]) -> set[str]:
        """The texts that the canary answers."""
        self.analyze([Document(text) for text in texts])
        return {document.text for documents, _ in self.canary.calls for document in documents}


async def hang() -> None:
    await asyncio.sleep(1_000)


async def break_() -> None:
    raise RuntimeError("the caller's own words")


def named(outcomes: list[Outcome]) -> list[str]:
    return [outcome.analyzer if isinstance(outcome, Analysis) else outcome.code for outcome in outcomes]


def test_a_text_has_one_analyzer_whenever_and_with_whatever_it_comes() -> None:
    together = Trial().chosen(TEXTS)
    shuffled = random.Random(1).sample(TEXTS, len(TEXTS))
    alone = {text for text in shuffled[:40] if Trial().chosen([text])}

    assert 0 < len(together) < len(TEXTS)
    assert Trial().chosen(shuffled) == together
    assert alone == together & set(shuffled[:40])


def test_another_salt_chooses_other_texts() -> None:
    assert Trial(salt="one").chosen(TEXTS) != Trial(salt="another").chosen(TEXTS)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 1.0])
def test_the_share_of_texts_is_the_one_asked_for(share: float) -> None:
    texts = [f"text {number}" for number in range(10_000)]
    spread = 4 * (share * (1 - share) / len(texts)) ** 0.5

    assert len(Trial(share=share).chosen(texts)) / len(texts) == pytest.approx(share, abs=spread)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_keeps_the_texts_of_a_smaller_one(one: float, other: float) -> None:
    smaller, larger = sorted((one, other))

    assert Trial(share=smaller).chosen(TEXTS) <= Trial(share=larger).chosen(TEXTS)


def test_answers_keep_their_order_and_name_who_gave_them() -> None:
    trial = Trial()
    outcomes = trial.analyze(DOCUMENTS)
    chosen = Trial().chosen(TEXTS[:20])

    assert named(outcomes) == ["canary" if document.text in chosen else "primary" for document in DOCUMENTS]
    assert {outcome.model_version for outcome in outcomes if isinstance(outcome, Analysis)} == {"p-1", "c-1"}
    assert not any(outcome.degraded for outcome in outcomes if isinstance(outcome, Analysis))


def test_name_and_version_are_the_primarys() -> None:
    policy = Trial().policy

    assert (policy.name, policy.model_version) == ("primary", "p-1")


@pytest.mark.parametrize("kind", ERRORS)
def test_what_the_canary_fails_the_primary_answers_undegraded(kind: type[AnalysisError]) -> None:
    trial = Trial(share=1, canary={"a": kind("No.")})
    outcomes = trial.analyze([Document("a"), Document("b")])

    assert named(outcomes) == ["primary", "canary"]
    assert isinstance(outcomes[0], Analysis)
    assert not outcomes[0].degraded
    assert trial.metrics.value(CANARY_FAILURES, kind.code) == 1
    assert [len(documents) for documents, _ in trial.primary.calls] == [1]


def test_what_both_fail_is_the_primarys_failure() -> None:
    trial = Trial(share=1, canary={"a": ThrottledError("No.")}, primary={"a": errors.InvalidTextError("Empty.")})

    assert named(trial.analyze([Document("a")])) == ["invalid_text"]


def test_a_canary_that_hangs_leaves_the_primary_its_time() -> None:
    trial = Trial(share=1, before=hang)
    outcomes = trial.analyze(DOCUMENTS, Options(deadline=2))

    assert named(outcomes) == ["primary"] * len(DOCUMENTS)
    assert 2 - RESERVE <= trial.seconds < 2 - RESERVE * 0.8
    assert trial.metrics.value(CANARY_FAILURES, "deadline_exceeded") == len(DOCUMENTS)


def test_the_canary_is_told_of_less_time_than_the_primary() -> None:
    trial = Trial()
    trial.analyze(DOCUMENTS, Options(deadline=2))

    assert [options.deadline for _, options in trial.canary.calls] == [2 - RESERVE]
    assert [options.deadline for _, options in trial.primary.calls] == [2]


def test_a_canary_that_breaks_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    trial = Trial(share=1, before=break_)

    assert named(trial.analyze(DOCUMENTS)) == ["primary"] * len(DOCUMENTS)
    assert trial.metrics.value(CANARY_FAILURES, "analyzer_error") == len(DOCUMENTS)
    assert "breaks: RuntimeError" in caplog.text
    assert "own words" not in caplog.text


def test_a_deadline_that_has_passed_is_no_failure_of_the_canary() -> None:
    trial = Trial(share=1)
    [outcome] = trial.analyze([Document("a")], Options(deadline=-float("inf")))

    assert isinstance(outcome, DeadlineExceededError)
    assert not trial.canary.calls


def test_both_are_asked_at_once() -> None:
    trial = Trial(before=lambda: asyncio.sleep(1))
    trial.primary.before = lambda: asyncio.sleep(1)
    trial.analyze(DOCUMENTS)

    assert trial.seconds == 1


def test_both_sides_are_measured_by_analyzer_and_language() -> None:
    trial = Trial(before=lambda: asyncio.sleep(2))
    outcomes = trial.analyze(DOCUMENTS)
    canarys = named(outcomes).count("canary")

    assert trial.metrics.value(CANARY_ANSWERS, "canary", "canary", "de") == canarys
    assert trial.metrics.value(CANARY_ANSWERS, "primary", "primary", "de") == len(DOCUMENTS) - canarys
    assert trial.metrics.observations(CANARY_CONFIDENCE, "canary", "canary", "de") == [0.97] * canarys
    assert trial.metrics.observations(CANARY_LATENCY_SECONDS, "canary", "canary", "de") == [2] * canarys
    figures = trial.window.take()
    assert (figures["canary/documents"], figures["primary/documents"]) == (canarys, len(DOCUMENTS) - canarys)
    assert trial.window.take() == {}


def test_a_failure_of_the_canary_counts_on_its_side_and_the_answer_on_the_primarys() -> None:
    trial = Trial(share=1, canary={"a": ThrottledError("No.")})
    trial.analyze([Document("a")])
    figures = trial.window.take()

    assert (figures["canary/failures"], figures["primary/failures"], figures["primary/documents"]) == (1, 0, 1)


async def test_closing_closes_both() -> None:
    trial = Trial()
    await trial.policy.aclose()

    assert (trial.primary.closed, trial.canary.closed) == (True, True)


async def test_a_canary_that_is_not_ready_keeps_nobody_from_an_answer() -> None:
    trial = Trial()
    trial.canary.unready = "still loading"

    await trial.policy.ready()
