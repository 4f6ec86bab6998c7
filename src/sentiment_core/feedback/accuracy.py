"""How often answers were right, by those who judged them."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from sentiment_core.feedback.verdict import Feedback


class Tally(Struct, frozen=True):
    """Verdicts on the answers of one version in one language: how many, and how many of them said right."""

    analyzer: str
    model_version: str
    language: str
    judged: int
    right: int

    @property
    def accuracy(self) -> float:
        """0 to 1: of the answers judged, which are seldom those of an average caller."""
        return self.right / self.judged


def tally(verdicts: Iterable[Feedback]) -> list[Tally]:
    """A tally for each version and language with a verdict, in the order of their names."""
    judged: Counter[tuple[str, str, str]] = Counter()
    right: Counter[tuple[str, str, str]] = Counter()
    for verdict in verdicts:
        said = verdict.prediction
        place = said.analyzer, said.model_version, said.language
        judged[place] += 1
        right[place] += verdict.right
    return [Tally(*place, judged[place], right[place]) for place in sorted(judged)]
