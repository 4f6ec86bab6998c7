"""Runs an analyzer over labelled texts, through the port."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from sentiment_core.errors import AnalysisError
from sentiment_core.evaluation.figures import (
    Evaluation,
    LanguageFigures,
    headline,
    mean_headline,
    pooled_types,
    span_figures,
)
from sentiment_core.evaluation.scoring import score_detection, score_entities, score_key_phrases, score_sentiment
from sentiment_core.evaluation.spans import total
from sentiment_core.evaluation.texts import TextResults, counted_entities, counted_key_phrases, judged_sentiment
from sentiment_core.examples import DatasetError, EntityExample, KeyPhraseExample, SentimentExample
from sentiment_core.models import Analysis, Document, Feature, Options
from sentiment_core.ports import Analyzer, Clock, Dataset, LanguageDetector

CHUNK = 256
"""Texts handed over at once: enough to fill batches, few enough that progress shows."""

T = TypeVar("T")

Example = SentimentExample | EntityExample | KeyPhraseExample

Advance = Callable[[int], object]
"""Told how many more texts are done."""


class Sample(Struct, frozen=True):
    """The examples of one language that are evaluated."""

    language: str
    sentiment: Sequence[SentimentExample]
    entities: Sequence[EntityExample]
    key_phrases: Sequence[KeyPhraseExample]

    @property
    def texts(self) -> list[str]:
        """The texts of all tasks."""
        return [example.text for task in (self.sentiment, self.entities, self.key_phrases) for example in task]


def load_samples(dataset: Dataset, languages: Sequence[str], split: str, limit: int | None = None) -> list[Sample]:
    """The split's examples, at most ``limit`` a task and language, taken at even distances.

    Languages without examples are left out. Raises DatasetError when none has any, or a file is broken.
    """
    samples = [
        Sample(
            language,
            _spread(dataset.sentiment(language, split), limit),
            _spread(dataset.entities(language, split), limit),
            _spread(dataset.key_phrases(language, split), limit),
        )
        for language in languages
    ]
    if found := [sample for sample in samples if sample.texts]:
        return found
    raise DatasetError(f"There are no texts of split {split!r} in {', '.join(languages)}.")


class Examination(Struct, frozen=True):
    """The figures of an analyzer, and by language what became of the single texts: what a comparison needs."""

    figures: Evaluation
    texts: Mapping[str, TextResults]


async def examine(
    samples: Sequence[Sample],
    analyzer: Analyzer,
    detector: LanguageDetector,
    *,
    split: str,
    limit: int | None,
    clock: Clock,
    advance: Advance = lambda _: None,
) -> Examination:
    """Has ``analyzer`` answer every sample. ``split`` and ``limit`` are how they were taken, for the record."""
    languages: dict[str, LanguageFigures] = {}
    texts: dict[str, TextResults] = {}
    for sample in samples:
        examinee = _Examinee(analyzer, sample.language, clock, advance)
        languages[sample.language], texts[sample.language] = await _examine_language(sample, examinee, detector)
    figures = Evaluation(
        analyzer=analyzer.name,
        model_version=analyzer.model_version,
        split=split,
        limit=limit,
        mean=mean_headline([headline(each) for each in languages.values()]),
        entity_types=pooled_types(languages.values()),
        languages=languages,
    )
    return Examination(figures, texts)


async def _examine_language(
    sample: Sample, examinee: "_Examinee", detector: LanguageDetector
) -> tuple[LanguageFigures, TextResults]:
    of_sentiment = await examinee.answers(sample.sentiment, Feature.SENTIMENT)
    of_entities = await examinee.answers(sample.entities, Feature.ENTITIES)
    of_key_phrases = await examinee.answers(sample.key_phrases, Feature.KEY_PHRASES)
    sentiment = score_sentiment(sample.sentiment, of_sentiment)
    entities = score_entities(sample.entities, of_entities)
    key_phrases = score_key_phrases(sample.key_phrases, of_key_phrases)
    entity_total = replace(total(entities.values()), texts=len(sample.entities))
    figures = LanguageFigures(
        texts=len(sample.texts),
        texts_per_second=len(sample.texts) / examinee.seconds if examinee.seconds else 0.0,
        sentiment=sentiment,
        entities=span_figures(entity_total) if sample.entities else None,
        entity_types={kind: span_figures(counts) for kind, counts in entities.items()},
        key_phrases=span_figures(key_phrases) if sample.key_phrases else None,
        detection=score_detection(sample.texts, sample.language, detector),
        failures=dict(examinee.failures),
    )
    texts = TextResults(
        judged_sentiment(sample.sentiment, of_sentiment),
        counted_entities(sample.entities, of_entities),
        counted_key_phrases(sample.key_phrases, of_key_phrases),
    )
    return figures, texts


class _Examinee:
    """Asks the analyzer in one language; keeps the time it takes and counts what it fails at."""

    def __init__(self, analyzer: Analyzer, language: str, clock: Clock, advance: Advance) -> None:
        self._analyzer = analyzer
        self._language = language
        self._clock = clock
        self._advance = advance
        self.seconds = 0.0
        self.failures: Counter[str] = Counter()

    async def answers(self, examples: Sequence[Example], feature: Feature) -> list[Analysis | None]:
        """The answer to each example, in order; None for a failure."""
        answers: list[Analysis | None] = []
        options = Options(frozenset({feature}))
        for start in range(0, len(examples), CHUNK):
            documents = [Document(example.text, self._language) for example in examples[start : start + CHUNK]]
            begin = self._clock()
            outcomes = await self._analyzer.analyze(documents, options)
            self.seconds += self._clock() - begin
            self.failures.update(outcome.code for outcome in outcomes if isinstance(outcome, AnalysisError))
            answers += [outcome if isinstance(outcome, Analysis) else None for outcome in outcomes]
            self._advance(len(documents))
        return answers


def _spread(examples: Sequence[T], limit: int | None) -> list[T]:
    """At most ``limit`` of them, at even distances, since a file may be sorted by source."""
    count = len(examples) if limit is None else min(limit, len(examples))
    return [examples[position * len(examples) // count] for position in range(count)]
