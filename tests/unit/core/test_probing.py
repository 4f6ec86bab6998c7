"""When an analyzer that stands by is fit. Rounds follow one another on virtual time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.metric_names import ANALYZER_FIT
from sentiment_core.models import Outcome, SentimentType
from sentiment_core.probing import GOLDEN, GoldenProbe
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics, fake_analysis, run_virtually
from tests.behaviour.floors import NEWCOMER_SENTENCES
from tests.behaviour.sentences import read_sentences

RIGHT: dict[str, Outcome] = {document.text: fake_analysis(label) for document, label in GOLDEN.items()}
WRONG: dict[str, Outcome] = {text: fake_analysis(SentimentType.MIXED) for text in RIGHT}
FIRST = next(iter(RIGHT))

FAILURES: dict[str, dict[str, Outcome]] = {
    "one wrong label": RIGHT | {FIRST: fake_analysis(SentimentType.MIXED)},
    "all wrong": WRONG,
    "a failure": RIGHT | {FIRST: AnalyzerUnavailableError("Gone.")},
}


class Probed:
    """An analyzer that is probed every 10 s, for 5 s at most; a test runs its rounds from ``rounds``."""

    def __init__(self, script: dict[str, Outcome], before: Callable[[], Awaitable[object]] | None = None) -> None:
        self.fake = FakeAnalyzer(script, name="embedded", before=before)
        self.metrics = RecordingMetrics()

    def run(self, *scripts: dict[str, Outcome]) -> list[float]:
        """Whether it was fit after each of the rounds; the fake has the next script at each."""

        async def main() -> list[float]:
            probe = GoldenProbe(self.fake, self.metrics, clock=asyncio.get_running_loop().time)
            fit = []
            for number, script in enumerate(scripts):
                self.fake.script = script
                if not number:
                    await probe.start()
                await asyncio.sleep(9.0 if not number else 10.0)
                fit.append(self.metrics.value(ANALYZER_FIT, "embedded"))
            await probe.stop()
            return fit

        return run_virtually(main())


def test_an_analyzer_that_gives_every_golden_text_its_label_is_fit() -> None:
    assert Probed({}).run(RIGHT) == [1]


@pytest.mark.parametrize("script", FAILURES.values(), ids=FAILURES)
def test_one_mistake_makes_it_unfit_until_it_is_right_again(script: dict[str, Outcome]) -> None:
    assert Probed({}).run(RIGHT, script, script, RIGHT) == [1, 0, 0, 1]


def test_it_is_asked_all_golden_texts_at_once_every_ten_seconds_with_a_deadline() -> None:
    probed = Probed({})
    probed.run(RIGHT, RIGHT, RIGHT)

    assert [(documents, options.deadline) for documents, options in probed.fake.calls] == [
        (list(GOLDEN), 5.0),
        (list(GOLDEN), 15.0),
        (list(GOLDEN), 25.0),
    ]


@pytest.mark.parametrize("broken", [lambda: asyncio.sleep(3_600), lambda: 1 / 0], ids=["hangs", "raises"])
def test_an_analyzer_that_hangs_or_raises_is_unfit_and_the_probing_goes_on(
    broken: Callable[[], Awaitable[object]],
) -> None:
    probed = Probed({}, before=broken)

    assert probed.run(RIGHT, RIGHT, RIGHT) == [0, 0, 0]
    assert len(probed.fake.calls) >= 2


def test_each_change_is_logged_once_and_without_a_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Probed({}).run(RIGHT, WRONG, WRONG, RIGHT, RIGHT)

    assert caplog.messages == [
        "The analyzer embedded fails its golden texts: POSITIVE was wanted, MIXED was given",
        "The analyzer embedded is fit again.",
    ]


def test_stopping_ends_a_round_under_way_at_once() -> None:
    async def main() -> None:
        fake = FakeAnalyzer(before=lambda: asyncio.sleep(3_600))
        probe = GoldenProbe(fake, RecordingMetrics(), clock=asyncio.get_running_loop().time)
        await probe.start()
        await asyncio.sleep(1.0)

        await probe.stop()

        assert asyncio.get_running_loop().time() == 1.0
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_virtually(main())


async def test_stopping_what_was_not_started_does_nothing() -> None:
    fake = FakeAnalyzer()
    await GoldenProbe(fake, RecordingMetrics(), clock=lambda: 0.0).stop()

    assert not fake.calls


def test_the_golden_texts_have_both_clear_labels() -> None:
    """An analyzer that always says the same must not pass."""
    assert set(GOLDEN.values()) == {SentimentType.POSITIVE, SentimentType.NEGATIVE}


def test_the_golden_texts_are_of_those_that_the_embedded_model_must_get_right() -> None:
    for document, label in GOLDEN.items():
        sentences = [read_sentences(document.language)[name] for name in NEWCOMER_SENTENCES]

        assert (document.text, label) in [(sentence.text, sentence.sentiment) for sentence in sentences]
