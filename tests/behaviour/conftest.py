from collections.abc import Iterator

import pytest

from entrypoints import open_analyzer
from entrypoints.settings import Settings
from sentiment_core import BlockingAnalyzer
from sentiment_core.models import answer_or_raise
from tests.behaviour.rates import Ask


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """Asks the embedded analyzer, wired as the API has it."""
    with BlockingAnalyzer(open_analyzer(Settings(analyzer="embedded"))) as analyzer:
        yield lambda documents: [answer_or_raise(outcome) for outcome in analyzer.analyze(documents)]
