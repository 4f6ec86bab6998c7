"""Sentences as people type them: a letter out of place, all in capitals, an emoji behind.

The invariances of CheckList (Ribeiro et al., ACL 2020), here as rows to learn from.
"""

import random
import re

from sentiment_core.models import SentimentType

_MISTAKEN, _SHOUTED, _DECORATED = 0.3, 0.1, 0.15
"""Shares of the rows."""
_EMOJI = {
    SentimentType.POSITIVE: ["😀", "😊", "👍", "❤️", "😍", "🎉", "🙂", "👏", "💯", "🥰", "😄", "😁"],
    SentimentType.NEGATIVE: ["😡", "👎", "😞", "😠", "💔", "😢", "🤬", "😒", "🙁", "😤", "😭", "🤮"],
}
_MOST_EMOJI = 3
_WORD = re.compile(r"[^\W\d_]{4,}")
"""Letters alone: a vowel sign, as Devanagari has, is none."""
_UNSPACED = frozenset({"ja", "zh", "zh-TW"})
"""Typed by their sound, so that mistakes are of another kind."""


def as_typed(text: str, sentiment: SentimentType, language: str, random_: random.Random) -> str:
    """The text, or in a bit more than half of the cases one that differs in the way it is written."""
    chance = random_.random()
    if chance < _MISTAKEN:
        return text if language in _UNSPACED else _mistaken(text, random_)
    if chance < _MISTAKEN + _SHOUTED:
        return text.upper()
    if chance < _MISTAKEN + _SHOUTED + _DECORATED:
        return text + _decoration(sentiment, random_)
    return text


def _mistaken(text: str, random_: random.Random) -> str:
    """One word with two letters exchanged (mostly), one left out, or one doubled; the first stays."""
    words = list(_WORD.finditer(text))
    if not words:
        return text
    word = random_.choice(words)
    place = word.start() + random_.randrange(1, len(word[0]) - 1)
    one, other = text[place], text[place + 1]
    typed = random_.choice((other + one, other + one, other + one, other, one + one + other))
    return text[:place] + typed + text[place + 2 :]


def _decoration(sentiment: SentimentType, random_: random.Random) -> str:
    """Emoji that say the same; nothing for a class that has none."""
    if sentiment not in _EMOJI:
        return ""
    space = random_.choice(("", " "))
    return space + "".join(random_.choices(_EMOJI[sentiment], k=random_.randint(1, _MOST_EMOJI)))
