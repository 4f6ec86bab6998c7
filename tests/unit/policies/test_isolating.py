import pytest

from sentiment_core.errors import AnalysisError, InvalidTextError, TextTooLongError, ThrottledError
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.isolating import IsolatingAnalyzer
from sentiment_core.testing import FakeAnalyzer, fake_analysis

BAD = InvalidTextError("It is bad.")
GOOD, POISON = Document("good"), Document("poison")
OPTIONS = Options(deadline=5.0)


class Refusing(FakeAnalyzer):
    """Refuses any batch with POISON in it as a whole."""

    def __init__(self, error: AnalysisError) -> None:
        super().__init__({"poison": error})
        self._error = error

    async def analyze(self, documents: list[Document], options: Options) -> list[Outcome]:  # type: ignore[override]
        outcomes = await super().analyze(documents, options)
        return [self._error] * len(documents) if POISON in documents else outcomes


@pytest.mark.parametrize("error", [BAD, TextTooLongError("It is too long.")])
async def test_in_a_batch_that_was_refused_the_bad_document_fails_alone(error: AnalysisError) -> None:
    fake = Refusing(error)

    outcomes = await IsolatingAnalyzer(fake).analyze([GOOD, POISON, GOOD], OPTIONS)

    assert outcomes == [fake_analysis(), error, fake_analysis()]
    batches = [([GOOD, POISON, GOOD], OPTIONS), ([GOOD], OPTIONS), ([POISON], OPTIONS), ([GOOD], OPTIONS)]
    assert fake.calls == batches


async def test_a_document_that_fails_among_others_is_not_asked_for_again() -> None:
    fake = FakeAnalyzer({"poison": BAD})

    assert await IsolatingAnalyzer(fake).analyze([GOOD, POISON], OPTIONS) == [fake_analysis(), BAD]
    assert len(fake.calls) == 1


async def test_a_document_that_was_alone_is_not_asked_for_again() -> None:
    fake = Refusing(BAD)

    assert await IsolatingAnalyzer(fake).analyze([POISON], OPTIONS) == [BAD]
    assert len(fake.calls) == 1


async def test_a_batch_that_failed_for_another_reason_is_not_asked_for_again() -> None:
    fake = Refusing(ThrottledError("Slow down."))

    await IsolatingAnalyzer(fake).analyze([GOOD, POISON], OPTIONS)

    assert len(fake.calls) == 1
