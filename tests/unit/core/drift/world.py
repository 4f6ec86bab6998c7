"""Texts and answers at random: what a model saw when it was measured, and what it sees now."""

import random
from collections.abc import Iterator, Mapping

from sentiment_core.drift import Profile, Reference
from sentiment_core.models import Analysis, Document, SentimentScore, top_sentiment

LENGTHS = {"en": 90, "de": 120, "zh": 25}
"""Median characters of a text in each language."""


class World:
    """``longer`` multiplies the lengths of texts, ``surer`` moves the confidence, ``negative`` is the share of texts
    that are, ``unknown`` of those that have pieces unknown to the model; ``mix`` are the weights of the languages.
    """

    def __init__(
        self,
        seed: int,
        *,
        longer: float = 1,
        surer: float = 0,
        negative: float = 0.3,
        unknown: float = 0.05,
        mix: Mapping[str, float] = dict.fromkeys(LENGTHS, 1),
    ) -> None:
        self._random = random.Random(seed)
        self._longer = longer
        self._surer = surer
        self._negative = negative
        self._unknown = unknown
        self._mix = mix

    def answers(self, count: int) -> Iterator[tuple[Document, Analysis, float]]:
        """Documents, their answers, and the share of their pieces that is unknown."""
        for _ in range(count):
            [language] = self._random.choices(list(self._mix), list(self._mix.values()))
            length = max(1, round(self._random.lognormvariate(0, 0.6) * LENGTHS[language] * self._longer))
            share = self._random.uniform(0.01, 0.2) if self._random.random() < self._unknown else 0.0
            yield Document("x" * length, language), self._analysis(language), share

    def reference(self, count: int) -> Reference:
        """The profile of so many."""
        profile = Profile()
        for document, analysis, share in self.answers(count):
            profile.observe(document, analysis)
            profile.observe_unknown([document], [share])
        return profile.reference("1.0")

    def _analysis(self, language: str) -> Analysis:
        confidence = min(0.99, 0.4 + 0.59 * self._random.betavariate(2 + self._surer, 2))
        rest = (1 - confidence) / 3
        scores = [rest] * 4
        scores[1 if self._random.random() < self._negative else self._random.choice((0, 2, 3))] = confidence
        return Analysis(top_sentiment(SentimentScore(*scores)), None, None, "1.0", "embedded", language)
