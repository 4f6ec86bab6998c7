import random
import re

from hypothesis import given
from hypothesis import strategies as st

from adapters.trainers.torch.as_typed import as_typed
from adapters.trainers.torch.everyday import Everyday
from sentiment_core.examples import SentimentExample
from sentiment_core.languages import LANGUAGES
from sentiment_core.models import SentimentType

TEXTS = st.text(st.sampled_from("abcdeé ßÇ好。ابتदनी!"), max_size=30)


def rewritings(text: str, sentiment: SentimentType, language: str, tries: int = 300) -> set[str]:
    example = SentimentExample(text, sentiment, "everyday", "open")
    return {as_typed(example, language, random.Random(seed)).text for seed in range(tries)}


@given(TEXTS, st.sampled_from(SentimentType), st.sampled_from(LANGUAGES), st.integers())
def test_only_the_text_of_a_row_changes_and_the_same_chance_changes_it_alike(
    text: str, sentiment: SentimentType, language: str, seed: int
) -> None:
    example = SentimentExample(text, sentiment, "source", "open")

    typed = as_typed(example, language, random.Random(seed))

    assert (typed.sentiment, typed.source, typed.licence) == (sentiment, "source", "open")
    assert typed == as_typed(example, language, random.Random(seed))


def test_a_mistake_keeps_the_first_letter_of_its_word_and_every_other_word() -> None:
    found = rewritings("It was good", SentimentType.NEUTRAL, "en") - {"It was good", "IT WAS GOOD"}

    assert found == {"It was godo", "It was god", "It was goood"}


def test_a_word_of_a_script_without_spaces_has_no_letters_exchanged() -> None:
    assert rewritings("这家酒店很好", SentimentType.NEUTRAL, "zh") == {"这家酒店很好"}


def test_emoji_say_the_same_as_the_sentence_and_a_class_between_has_none() -> None:
    good, bad = (rewritings("Ok.", kind, "en") - {"Ok.", "OK."} for kind in ("POSITIVE", "NEGATIVE"))

    assert good
    assert bad
    assert not {text[-1] for text in good} & {text[-1] for text in bad}
    assert rewritings("Ok.", SentimentType.MIXED, "en") == {"Ok.", "OK."}


def test_typed_rows_are_the_others_in_their_order_and_most_are_as_they_were() -> None:
    plain, typed = (Everyday(rows=500, typed=each).sentiment("en", "train") for each in (False, True))

    same = [one == other for one, other in zip(plain, typed, strict=True)]

    assert 0.5 < sum(same) / len(same) < 0.75
    assert [row.sentiment for row in plain] == [row.sentiment for row in typed]
    assert any(re.search("[😀-🤬]", row.text) for row in typed)
