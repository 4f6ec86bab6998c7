"""Verdicts as training data."""

from collections import defaultdict
from collections.abc import Iterable

from sentiment_core.examples import SentimentExample
from sentiment_core.feedback.verdict import Feedback
from sentiment_core.models import SentimentType

SOURCE = "feedback"
"""The name of the texts' source."""

LICENCE = "unstated"
"""Its class: whoever sent a text along wanted it to be learnt from, and granted nothing else."""


def training_examples(verdicts: Iterable[Feedback]) -> dict[str, list[SentimentExample]]:
    """The texts that were sent along, by language, each once, in order of the verdicts.

    A text that was called one thing by one and another by the other is left out, as it is in the shipped data.
    """
    labels: defaultdict[tuple[str, str], set[SentimentType]] = defaultdict(set)
    for verdict in verdicts:
        if verdict.text is not None:
            labels[verdict.prediction.language, verdict.text].add(verdict.label)
    examples: defaultdict[str, list[SentimentExample]] = defaultdict(list)
    for (language, text), given in labels.items():
        if len(given) == 1:
            examples[language].append(SentimentExample(text, given.pop(), SOURCE, LICENCE))
    return dict(examples)
