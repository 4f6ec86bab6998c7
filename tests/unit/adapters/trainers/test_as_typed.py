import random

from hypothesis import given
from hypothesis import strategies as st

from adapters.trainers.torch.as_typed import as_typed
from adapters.trainers.torch.everyday import Everyday
from sentiment_core.languages import LANGUAGES
from sentiment_core.models import SentimentType

TEXTS = st.text(st.sampled_from("abcdeé ßÇ好。ابتदनी!"), max_size=30)


def rewritings(text: str, sentiment: SentimentType, language: str) -> set[str]:
    return {as_typed(text, sentiment, language, random.Random(seed)) for seed in range(300)}


@given(TEXTS, st.sampled_from(SentimentType), st.sampled_from(LANGUAGES), st.integers())
def test_any_text_can_be_typed_and_the_same_chance_types_it_alike(
    text: str, sentiment: SentimentType, language: str, seed: int
) -> None:
    first, again = (as_typed(text, sentiment, language, random.Random(seed)) for _ in range(2))

    assert first == again
    assert len(text) - 1 <= len(as_typed(text, SentimentType.NEUTRAL, language, random.Random(seed))) <= 2 * len(text)


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


def test_drawn_rows_are_typed_and_sentences_written_whole_are_as_they_are_written() -> None:
    whole = Everyday(rows=0).sentiment("en", "train")
    rows = Everyday(rows=500).sentiment("en", "train")

    assert rows[: len(whole)] == whole
    assert sum(row.text.isupper() for row in rows[len(whole) :]) > 500 / 20
