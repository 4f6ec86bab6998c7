"""Who answers when, and within which time."""

import asyncio
import math
from collections.abc import Sequence

import pytest

from sentiment_core import errors
from sentiment_core.errors import (
    AllFailedError,
    AnalyzerError,
    AnalyzerUnavailableError,
    DeadlineExceededError,
    InputError,
    InvalidReplyError,
    InvalidTextError,
    OverloadedError,
    ThrottledError,
)
from sentiment_core.metric_names import FALLBACK_COUNT, FALLBACK_FAILURES
from sentiment_core.models import Analysis, Document, Feature, Options, Outcome
from sentiment_core.policies.fallback import FallbackAnalyzer
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics, run_virtually

ANALYZER_ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AnalyzerError)]
INPUT_ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, InputError)]
DOCUMENTS = [Document(text) for text in "abc"]


class Pair:
    """A primary and a secondary behind the policy; ``reserve`` is 0.5 s."""

    def __init__(self, primary: FakeAnalyzer | None = None, secondary: FakeAnalyzer | None = None) -> None:
        self.primary = primary or FakeAnalyzer()
        self.secondary = secondary or FakeAnalyzer()
        self.primary.name, self.secondary.name = "primary", "secondary"
        self.primary.model_version, self.secondary.model_version = "p-1", "s-1"
        self.metrics = RecordingMetrics()
        self.analyzer = FallbackAnalyzer(
            self.primary,
            self.secondary,
            reserve=0.5,
            clock=lambda: asyncio.get_running_loop().time(),
            metrics=self.metrics,
        )

    def analyze(self, documents: Sequence[Document] = DOCUMENTS, options: Options | None = None) -> list[Outcome]:
        """The outcomes; ``self.seconds`` of virtual time have passed until then."""

        async def main() -> list[Outcome]:
            outcomes = await self.analyzer.analyze(documents, options or Options())
            self.seconds = asyncio.get_running_loop().time()
            return outcomes

        return run_virtually(main())

    def fallbacks(self) -> float:
        return sum(self.metrics.value(FALLBACK_COUNT, *labels) for labels in self.metrics.labels(FALLBACK_COUNT))


def answered_by(outcomes: Sequence[Outcome]) -> list[tuple[str, str, bool, str | None]]:
    analyses = [outcome for outcome in outcomes if isinstance(outcome, Analysis)]
    assert len(analyses) == len(outcomes), outcomes
    return [(found.analyzer, found.model_version, found.degraded, found.degraded_reason) for found in analyses]


OWN = ("primary", "p-1", False, None)


def test_the_secondary_is_not_asked_while_the_primary_answers() -> None:
    pair = Pair()

    assert answered_by(pair.analyze()) == [OWN] * 3
    assert not pair.secondary.calls


@pytest.mark.parametrize("kind", ANALYZER_ERRORS, ids=lambda kind: kind.code)
def test_what_the_primary_failed_the_secondary_answers_and_says_why(kind: type[AnalyzerError]) -> None:
    pair = Pair(FakeAnalyzer({"b": kind("No.")}))

    assert answered_by(pair.analyze()) == [OWN, ("secondary", "s-1", True, kind.code), OWN]
    assert [documents for documents, _ in pair.secondary.calls] == [[Document("b")]]
    assert pair.metrics.value(FALLBACK_COUNT, kind.code) == 1


@pytest.mark.parametrize("kind", INPUT_ERRORS, ids=lambda kind: kind.code)
def test_what_is_the_caller_s_to_mend_is_not_asked_again(kind: type[InputError]) -> None:
    pair = Pair(FakeAnalyzer({"b": kind("No.")}))

    outcomes = pair.analyze()

    assert isinstance(outcomes[1], kind)
    assert not pair.secondary.calls
    assert pair.fallbacks() == 0


def test_all_failures_go_to_the_secondary_in_one_call_with_the_features_that_were_asked_for() -> None:
    pair = Pair(FakeAnalyzer({"a": ThrottledError("No."), "c": InvalidReplyError("No.")}))
    options = Options(frozenset({Feature.SENTIMENT}))

    found = answered_by(pair.analyze(DOCUMENTS, options))

    assert [(name, reason) for name, _, _, reason in found] == [
        ("secondary", "throttled"),
        ("primary", None),
        ("secondary", "invalid_reply"),
    ]
    assert pair.secondary.calls == [([Document("a"), Document("c")], options)]


@pytest.mark.parametrize("kind", ANALYZER_ERRORS, ids=lambda kind: kind.code)
def test_when_both_fail_the_document_may_be_sent_again_whatever_the_primary_s_reason_and_both_are_counted(
    kind: type[AnalyzerError],
) -> None:
    secondary = FakeAnalyzer({"b": InvalidTextError("Second.")})
    pair = Pair(FakeAnalyzer(dict.fromkeys("ab", kind("First."))), secondary)

    first, second, third = pair.analyze()

    assert answered_by([first, third]) == [("secondary", "s-1", True, kind.code), OWN]
    assert isinstance(second, AllFailedError)
    assert f"({kind.code}; then invalid_text)" in str(second)
    assert pair.metrics.value(FALLBACK_COUNT, kind.code) == 2
    assert pair.metrics.value(FALLBACK_FAILURES, "invalid_text") == 1


@pytest.mark.parametrize("kind", [OverloadedError, DeadlineExceededError], ids=lambda kind: kind.code)
def test_when_the_secondary_has_no_room_or_no_time_that_is_what_the_caller_can_mend(kind: type[AnalyzerError]) -> None:
    pair = Pair(FakeAnalyzer({"a": InvalidReplyError("First.")}), FakeAnalyzer({"a": kind("Second.")}))

    [outcome] = pair.analyze(DOCUMENTS[:1])

    assert isinstance(outcome, kind)


@pytest.mark.parametrize(
    ("left", "primary_has"),
    [(5.0, 4.5), (1.0, 0.5), (0.4, 0.2), (math.inf, math.inf)],
    ids=["the reserve", "half", "half of little", "no deadline"],
)
def test_the_primary_has_the_time_less_the_reserve_and_the_secondary_all_of_it(left: float, primary_has: float) -> None:
    pair = Pair(FakeAnalyzer({"a": ThrottledError("No.")}))

    pair.analyze(DOCUMENTS[:1], Options(deadline=left))

    assert pair.primary.calls[0][1].deadline == primary_has
    assert pair.secondary.calls[0][1].deadline == left


@pytest.mark.parametrize("left", [5.0, 0.2, 0.001])
def test_a_primary_that_hangs_is_cut_and_the_secondary_answers_in_time(left: float) -> None:
    pair = Pair(FakeAnalyzer(before=lambda: asyncio.sleep(3_600)))

    found = answered_by(pair.analyze(DOCUMENTS, Options(deadline=left)))

    assert found == [("secondary", "s-1", True, "deadline_exceeded")] * 3
    assert left / 2 <= pair.seconds < left


def test_a_primary_that_keeps_its_deadline_is_not_cut() -> None:
    """What it answered until then counts: only the rest goes to the secondary."""
    primary = FakeAnalyzer({"b": DeadlineExceededError("Late.")}, before=lambda: asyncio.sleep(4.5))
    pair = Pair(primary)

    found = answered_by(pair.analyze(DOCUMENTS, Options(deadline=5.0)))

    assert [name for name, *_ in found] == ["primary", "secondary", "primary"]


@pytest.mark.parametrize("deadline", [0.0, -1.0, -math.inf])
def test_when_the_deadline_has_passed_nobody_is_asked(deadline: float) -> None:
    pair = Pair()

    outcomes = pair.analyze(DOCUMENTS, Options(deadline=deadline))

    assert [type(outcome) for outcome in outcomes] == [DeadlineExceededError] * 3
    assert not pair.primary.calls + pair.secondary.calls
    assert pair.fallbacks() == 0


@pytest.mark.parametrize("error", [TimeoutError, ZeroDivisionError])
def test_a_bug_of_the_primary_is_not_hidden(error: type[Exception]) -> None:
    async def broken() -> None:
        raise error

    pair = Pair(FakeAnalyzer(before=broken))

    with pytest.raises(error):
        pair.analyze(DOCUMENTS, Options(deadline=5.0))
    assert not pair.secondary.calls


def test_a_caller_that_goes_away_is_neither_answered_nor_asked_for_again() -> None:
    pair = Pair(FakeAnalyzer(before=lambda: asyncio.sleep(3_600)))

    async def main() -> None:
        call = asyncio.create_task(pair.analyzer.analyze(DOCUMENTS, Options(deadline=5.0)))
        await asyncio.sleep(1.0)
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        assert asyncio.get_running_loop().time() == 1.0

    run_virtually(main())
    assert not pair.secondary.calls


def test_name_and_version_are_the_primary_s() -> None:
    analyzer = Pair().analyzer

    assert (analyzer.name, analyzer.model_version) == ("primary", "p-1")


@pytest.mark.parametrize("unready", [(), ("primary",), ("secondary",)])
async def test_it_is_ready_when_either_is(unready: tuple[str, ...]) -> None:
    pair = Pair()
    for name in unready:
        getattr(pair, name).unready = "No."

    await pair.analyzer.ready()


async def test_it_is_not_ready_when_neither_is_and_says_both_reasons() -> None:
    pair = Pair()
    pair.primary.unready, pair.secondary.unready = "No credentials.", "No model."

    with pytest.raises(AnalyzerUnavailableError, match=r"No credentials\. No model\."):
        await pair.analyzer.ready()


async def test_closing_it_closes_both() -> None:
    pair = Pair()

    await pair.analyzer.aclose()

    assert pair.primary.closed
    assert pair.secondary.closed


def test_its_repr_shows_both() -> None:
    assert repr(Pair().analyzer) == "FallbackAnalyzer(FakeAnalyzer(), FakeAnalyzer())"


def test_a_document_is_answered_once_and_in_its_place_whoever_fails() -> None:
    """All 27 ways in which three documents may be answered, thrown back, or failed by both."""
    failure, mistake = ThrottledError("No."), InvalidTextError("No.")
    for number in range(27):
        kinds = [number // 9, number // 3 % 3, number % 3]
        script = {text: [None, failure, mistake][kind] for text, kind in zip("abc", kinds, strict=True)}
        pair = Pair(FakeAnalyzer({text: outcome for text, outcome in script.items() if outcome}))

        outcomes = pair.analyze()

        for kind, outcome in zip(kinds, outcomes, strict=True):
            if kind == 2:
                assert isinstance(outcome, InvalidTextError)
            else:
                assert answered_by([outcome])[0][0] == ["primary", "secondary"][kind]
