"""A reference is made of a model's answers to labelled texts."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from sentiment_core.drift.reference import (
    CONFIDENCE,
    SENTIMENT,
    TEXT_LENGTH,
    UNKNOWN,
    Reference,
    distribution,
)
from sentiment_core.models import Analysis, Document, Feature, Options, SentimentType
from sentiment_core.ports import Analyzer

CHUNK = 256
"""Texts handed over at once."""

CLASSES = {sentiment: place for place, sentiment in enumerate(SentimentType)}

Values = defaultdict[str, list[float]]
"""By language."""


class Profile:
    """Adds up what a model's texts and answers are like."""

    def __init__(self) -> None:
        self._languages: Counter[str] = Counter()
        self._values: dict[str, Values] = {
            name: defaultdict(list) for name in (TEXT_LENGTH, SENTIMENT, CONFIDENCE, UNKNOWN)
        }

    def observe(self, document: Document, analysis: Analysis) -> None:
        """Adds a document that was answered, with its sentiment."""
        language = document.language
        self._languages[language] += 1
        self._values[TEXT_LENGTH][language].append(len(document.text))
        if analysis.sentiment is not None:
            self._values[SENTIMENT][language].append(CLASSES[analysis.sentiment.sentiment])
            self._values[CONFIDENCE][language].append(round(analysis.sentiment.confidence, 4))

    def observe_unknown(self, documents: Sequence[Document], shares: Sequence[float]) -> None:
        """Adds texts that were given to the model, with the share of their pieces that it does not know."""
        for document, share in zip(documents, shares, strict=True):
            self._values[UNKNOWN][document.language].append(round(share, 4))

    def reference(self, model_version: str) -> Reference:
        """What has been added up."""
        classes = range(len(CLASSES) - 1)
        return Reference(
            model_version,
            dict(self._languages),
            {
                name: distribution(values, classes if name == SENTIMENT else None)
                for name, values in self._values.items()
                if values
            },
        )

    async def ask(self, analyzer: Analyzer, documents: Sequence[Document]) -> Reference:
        """The reference of an analyzer's answers to ``documents``. It has to tell this profile of unknown pieces."""
        for first in range(0, len(documents), CHUNK):
            chunk = documents[first : first + CHUNK]
            outcomes = await analyzer.analyze(chunk, Options(frozenset({Feature.SENTIMENT})))
            for document, outcome in zip(chunk, outcomes, strict=True):
                if isinstance(outcome, Analysis):
                    self.observe(document, outcome)
        return self.reference(analyzer.model_version)
