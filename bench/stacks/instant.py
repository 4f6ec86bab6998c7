"""The answer that stacks give at once: what is left is the cost of the way to it."""

from collections.abc import Sequence

from bench.texts import NAME
from sentiment_core.models import (
    Analysis,
    Document,
    Entity,
    EntityType,
    KeyPhrase,
    Options,
    Outcome,
    Sentiment,
    SentimentScore,
    SentimentType,
)

ANALYSIS = Analysis(
    sentiment=Sentiment(SentimentType.POSITIVE, SentimentScore(0.97, 0.01, 0.01, 0.01)),
    entities=(Entity(NAME, EntityType.ORGANIZATION, 0.99, 0, len(NAME)),),
    key_phrases=(KeyPhrase(NAME, 0.99, 0, len(NAME)),),
    model_version="instant-1.0",
    analyzer="instant",
    language="en",
    id="5f0c2a9be14d4c375f0c2a9be14d4c37",
)


class InstantAnalyzer:
    """Gives every document the same answer."""

    name = ANALYSIS.analyzer
    model_version = ANALYSIS.model_version

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        return [ANALYSIS] * len(documents)

    async def ready(self) -> None:
        return

    async def aclose(self) -> None:
        return
