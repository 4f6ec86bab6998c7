"""What share of everyday sentences an analyzer gets right, or answers alike however they are written."""

import re
from collections.abc import Callable, Iterable, Sequence

from sentiment_core.examples import EntitySpan
from sentiment_core.models import Analysis, Document, SentimentType
from tests.behaviour.sentences import DEVELOPMENT, FOLDERS, Sentence, of_kind, read_names

Ask = Callable[[Sequence[Document]], Sequence[Analysis]]
Measure = Callable[[Ask, str], float]
"""The rate, 0 to 1, of a language."""

EMOJI = {SentimentType.POSITIVE: " 😀👍", SentimentType.NEGATIVE: " 😡👎"}
_WORD = re.compile(r"[^\W\d_]{5,}")
_UNSPACED = ("ja", "zh", "zh-TW")


def sentiments(ask: Ask, texts: Sequence[str], language: str) -> list[SentimentType]:
    """The label of each text."""
    answers = ask([Document(text, language) for text in texts])
    return [answer.sentiment.sentiment for answer in answers if answer.sentiment]


def labelled_right(kind: str, folder: str = DEVELOPMENT) -> Measure:
    """How many sentences of the kind get the sentiment that a person would give them."""

    def measure(ask: Ask, language: str) -> float:
        sentences = of_kind(language, kind, folder=folder)
        found = sentiments(ask, [each.text for each in sentences], language)
        return share(each.sentiment == label for each, label in zip(sentences, found, strict=True))

    return measure


def labelled_right_in_a_row(count: int) -> Measure:
    """How many texts of so many plain sentences, all praise or all complaints, get the sentiment that each has."""

    def measure(ask: Ask, language: str) -> float:
        plain = [each for folder in FOLDERS for each in of_kind(language, "plain", folder=folder)]
        space = "" if language in _UNSPACED else " "
        right: list[bool] = []
        for sentiment in (SentimentType.POSITIVE, SentimentType.NEGATIVE):
            alike = [each.text for each in plain if each.sentiment is sentiment]
            texts = [space.join((alike + alike)[first : first + count]) for first in range(len(alike))]
            right += [label is sentiment for label in sentiments(ask, texts, language)]
        return share(right)

    return measure


def entities_found(folder: str = DEVELOPMENT) -> Measure:
    """How many of the everyday entities are found with their exact span and type."""

    def measure(ask: Ask, language: str) -> float:
        sentences = of_kind(language, "entity", folder=folder)
        answers = ask([Document(each.text, language) for each in sentences])
        pairs = zip(sentences, map(spans, answers), strict=True)
        return share(entity in found for sentence, found in pairs for entity in sentence.entities)

    return measure


def unchanged_by(rewrite: Callable[[Sentence], str]) -> Measure:
    """How many plain and negated sentences keep their sentiment when they are rewritten."""

    def measure(ask: Ask, language: str) -> float:
        pairs = [(each.text, rewrite(each)) for each in of_kind(language, "plain", "negation")]
        before, after = zip(*[pair for pair in pairs if pair[0] != pair[1]], strict=True)
        found = zip(sentiments(ask, before, language), sentiments(ask, after, language), strict=True)
        return share(one == other for one, other in found)

    return measure


def unchanged_by_names(ask: Ask, language: str) -> float:
    """How many names of other cultures leave the sentiment as the first name has it."""
    kept: list[bool] = []
    for template in of_kind(language, "name"):
        texts = [template.text.replace("{name}", name) for name in read_names(language)]
        first, *others = sentiments(ask, texts, language)
        kept += [other == first for other in others]
    return share(kept)


def capitals(sentence: Sentence) -> str:
    """All in capitals; a script that has none stays as it is."""
    return sentence.text.upper()


def with_emoji(sentence: Sentence) -> str:
    """With emoji that say the same; a neutral sentence stays as it is."""
    return sentence.text + EMOJI.get(sentence.sentiment or SentimentType.NEUTRAL, "")


def with_typo(sentence: Sentence) -> str:
    """With the two middle letters of the longest word swapped; short words stay as they are."""
    word = max(_WORD.findall(sentence.text), key=len, default="")
    middle = len(word) // 2
    swapped = word[: middle - 1] + word[middle : middle + 1] + word[middle - 1 : middle] + word[middle + 1 :]
    return sentence.text.replace(word, swapped, 1)


def spans(answer: Analysis) -> set[EntitySpan]:
    """The entities that were found, without their text and score."""
    return {EntitySpan(each.begin, each.end, each.type) for each in answer.entities or ()}


def share(hits: Iterable[bool]) -> float:
    """Of all, how many are true."""
    every = list(hits)
    return sum(every) / len(every)
