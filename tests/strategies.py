"""Hypothesis strategies shared by the tests."""

from collections.abc import Sequence

from hypothesis import strategies as st

from sentiment_core.models import Analysis, Entity, EntityType, KeyPhrase, SentimentType
from sentiment_core.testing import fake_analysis

PIECES = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(
        [
            "Hello there. ",
            "Dr. Who ",
            "3.5 km ",
            "你好。",
            "谢谢！",
            "ok?! ",
            "\n",
            "   ",
            "😀",
            "e\u0301",
            "z.B. ",
            "。",
            ".",
            " . ",
            '."',
            "\t",
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)
"""Texts of sentence ends, abbreviations, emoji, white space and anything else that is Unicode."""


@st.composite
def _analyses(draw: st.DrawFn, text: str) -> Analysis:
    def spans() -> Sequence[tuple[int, int]]:
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
        return list(zip(cuts[::2], cuts[1::2], strict=False))

    scores = st.floats(0, 1)
    entities = [Entity(text[b:e], draw(st.sampled_from(EntityType)), draw(scores), b, e) for b, e in spans()]
    phrases = [KeyPhrase(text[b:e], draw(scores), b, e) for b, e in spans()]
    return fake_analysis(draw(st.sampled_from(SentimentType)), entities, phrases)


ANALYSES_BY_TEXT = st.lists(TEXTS.filter(bool), min_size=1, max_size=6, unique=True).flatmap(
    lambda texts: st.fixed_dictionaries({text: _analyses(text) for text in texts})
)
"""Different texts, each with an answer whose items are at places of the text."""
