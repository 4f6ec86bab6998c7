"""Hugging Face exports, tiny ones: what they say of texts of any length, and what is refused and how."""

import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

from adapters.analyzers.onnx.analyzer import EXPORT_BATCH, OnnxAnalyzer
from adapters.analyzers.onnx.labels import tag_labels
from adapters.analyzers.onnx.words import find_entities
from sentiment_core.errors import AnalyzerUnavailableError, UnsupportedLanguageError
from sentiment_core.models import Analysis, Document, Entity, EntityType, Feature, Options, SentimentType
from tests.strategies import TEXTS
from tests.tiny_exports import CONFIDENCE, TAGS, staged, write_sentiments, write_tags

SURE = np.exp(CONFIDENCE) / (np.exp(CONFIDENCE) + 2)
"""The probability of one of three labels that one word is for."""


@asynccontextmanager
async def opened(export: Path) -> AsyncIterator[OnnxAnalyzer]:
    analyzer = OnnxAnalyzer(staged(export, Path(tempfile.mkdtemp(dir=export.parent), "staged")))
    try:
        yield analyzer
    finally:
        await analyzer.aclose()


async def ask(export: Path, *texts: str) -> list[Analysis]:
    async with opened(export) as analyzer:
        outcomes = await analyzer.analyze([Document(text) for text in texts], Options())
    return [outcome for outcome in outcomes if isinstance(outcome, Analysis)]


async def entities(export: Path, text: str) -> list[tuple[str, EntityType]]:
    [answer] = await ask(export, text)
    assert answer.entities is not None
    assert all(entity.text == text[entity.begin : entity.end] for entity in answer.entities)
    return [(entity.text, entity.type) for entity in answer.entities]


async def test_it_tells_what_share_of_a_texts_own_pieces_it_does_not_know(tmp_path: Path) -> None:
    told: list[float] = []
    folder = staged(write_sentiments(tmp_path / "export"), tmp_path / "staged")
    analyzer = OnnxAnalyzer(folder, on_unknown=lambda _, shares: told.extend(shares))
    for text in ("great", "great unheardof terrible alien", "unheardof " * 200):
        await analyzer.analyze([Document(text)], Options())
    await analyzer.aclose()

    assert told == [0, 0.5, 1]


async def test_the_scores_of_the_labels_are_those_of_the_classes_and_sum_to_one(tmp_path: Path) -> None:
    great, bad, nothing = await ask(write_sentiments(tmp_path / "export"), "Great!", "It was bad.", "It was.")

    assert great.sentiment
    assert bad.sentiment
    assert nothing.sentiment
    assert [each.sentiment for each in (great.sentiment, bad.sentiment)] == ["POSITIVE", "NEGATIVE"]
    assert great.sentiment.scores.positive == pytest.approx(SURE)
    assert great.sentiment.scores.mixed == 0.0
    assert nothing.sentiment.scores.neutral == pytest.approx(1 / 3)
    for scores in (great.sentiment.scores, bad.sentiment.scores, nothing.sentiment.scores):
        assert scores.positive + scores.negative + scores.neutral + scores.mixed == pytest.approx(1, abs=1e-9)


async def test_stars_are_added_up_by_class(tmp_path: Path) -> None:
    stars = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
    [answer] = await ask(write_sentiments(tmp_path / "export", stars, {"good": "4 stars"}), "Good")

    assert answer.sentiment
    total = np.exp(CONFIDENCE) + 4
    assert answer.sentiment.scores.positive == pytest.approx((np.exp(CONFIDENCE) + 1) / total)
    assert answer.sentiment.scores.negative == pytest.approx(2 / total)


async def test_a_text_of_more_tokens_than_the_model_reads_is_the_mean_of_its_windows(tmp_path: Path) -> None:
    """Of eight tokens, two are the special ones: windows of six, six and three words."""
    export = write_sentiments(tmp_path / "export", max_position_embeddings=8)
    [answer] = await ask(export, "great" + " and" * 5 + " bad" + " and" * 5 + " and so on")

    assert answer.sentiment
    other = (1 - SURE) / 2
    assert answer.sentiment.scores.positive == pytest.approx((6 * SURE + 6 * other + 3 / 3) / 15)


async def test_entities_are_found_in_every_window_at_their_place_in_the_text(tmp_path: Path) -> None:
    export = write_tags(tmp_path / "export", max_position_embeddings=5)
    text = "Well, Maria Silva went to New York, and from there to Lisbon."

    assert await entities(export, text) == [
        ("Maria Silva", EntityType.PERSON),
        ("New York", EntityType.LOCATION),
        ("Lisbon", EntityType.LOCATION),
    ]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (TAGS, {"maria": "B-PER", "silva": "I-PER", "joão": "B-PER"}),
        (("O", "I-PER", "B-PER"), {"maria": "I-PER", "silva": "I-PER", "joão": "B-PER"}),
    ],
    ids=["BIO", "IOB"],
)
async def test_entities_beside_each_other_are_told_apart_by_what_begins_one(
    tmp_path: Path, labels: tuple[str, ...], words: dict[str, str]
) -> None:
    export = write_tags(tmp_path / "export", labels, words)

    assert await entities(export, "maria silva joão silva") == [
        ("maria silva", EntityType.PERSON),
        ("joão silva", EntityType.PERSON),
    ]


def bytes_tokenizer() -> Tokenizer:
    """Each byte is a token, as the worst of byte-level vocabularies has it."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({letter: number for number, letter in enumerate(alphabet)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.ByteLevel(trim_offsets=False)
    return made


BYTES = bytes_tokenizer()
MEANINGS = tag_labels(dict(enumerate(TAGS)))


@given(TEXTS, st.randoms(use_true_random=False), st.integers(1, 9))
def test_whatever_the_tags_entities_are_in_order_apart_and_the_text_at_their_place(
    text: str, choice: Any, window: int
) -> None:
    BYTES.enable_truncation(window)
    whole = BYTES.encode(text)
    windows = [whole, *whole.overflowing]
    scores = [np.array([[choice.random() for _ in TAGS] for _ in each.ids]) / len(TAGS) for each in windows]

    end = 0
    for entity in find_entities(text, windows, scores, MEANINGS):
        assert end <= entity.begin < entity.end <= len(text)
        assert entity == Entity(text[entity.begin : entity.end], entity.type, entity.score, entity.begin, entity.end)
        assert entity.text == entity.text.strip()
        assert 0 <= entity.score <= 1
        end = entity.end


async def test_only_what_the_model_answers_is_in_its_answer_and_only_when_asked_for(tmp_path: Path) -> None:
    async with opened(write_sentiments(tmp_path / "export")) as analyzer:
        assert analyzer.features == {Feature.SENTIMENT}
        for features in (frozenset({Feature.SENTIMENT}), frozenset({Feature.ENTITIES})):
            [answer] = await analyzer.analyze([Document("Great!")], Options(features))
            assert isinstance(answer, Analysis)
            assert (answer.sentiment is not None) == (Feature.SENTIMENT in features)
            assert answer.entities is answer.key_phrases is None


async def test_it_is_given_the_inputs_that_its_graph_has(tmp_path: Path) -> None:
    export = write_sentiments(tmp_path / "export", inputs=("input_ids", "attention_mask"))
    [answer] = await ask(export, "Great!")

    assert answer.sentiment
    assert answer.sentiment.sentiment is SentimentType.POSITIVE


async def test_it_answers_the_languages_that_its_configuration_has(tmp_path: Path) -> None:
    async with opened(write_sentiments(tmp_path / "export", languages=["de", "en"])) as analyzer:
        english, french = await analyzer.analyze([Document("Great!"), Document("Bien", "fr")], Options())

    assert isinstance(english, Analysis)
    assert isinstance(french, UnsupportedLanguageError)


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"architectures": ["BertForMaskedLM"]}, "BertForMaskedLM"),
        ({"architectures": []}, "none"),
        ({"problem_type": "multi_label_classification"}, "multi_label_classification"),
        ({"languages": ["nl"]}, "names the languages nl.*en, fr"),
        ({"id2label": {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"}}, "'LABEL_0'"),
        ({"id2label": None}, r"config\.json cannot be read"),
    ],
)
async def test_a_model_that_cannot_be_served_is_refused_with_the_reason(
    tmp_path: Path, config: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(AnalyzerUnavailableError, match=complaint):
        async with opened(write_sentiments(tmp_path / "export", **config)):
            pass


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"inputs": ("input_ids", "attention_mask", "pixels")}, "asks for pixels"),
        ({"id2label": {"0": "POSITIVE", "1": "NEGATIVE"}}, "the 2 labels"),
        (
            {"architectures": ["BertForTokenClassification"], "id2label": {0: "O", 1: "B-PER", 2: "I-PER"}},
            "the 3 labels",
        ),
    ],
)
async def test_a_graph_that_does_not_fit_its_configuration_is_unavailable_with_the_reason(
    tmp_path: Path, config: dict[str, Any], complaint: str
) -> None:
    async with opened(write_sentiments(tmp_path / "export", **config)) as analyzer:
        with pytest.raises(AnalyzerUnavailableError, match=complaint):
            await analyzer.ready()


@pytest.mark.parametrize(
    ("config", "tokenizer_config", "tokens"),
    [
        ({"max_position_embeddings": 128}, None, 128),
        ({"max_position_embeddings": 514, "model_type": "xlm-roberta", "pad_token_id": 1}, None, 512),
        ({"max_position_embeddings": 8192}, None, 512),
        ({"max_position_embeddings": None}, {"model_max_length": 256}, 256),
        ({}, {"model_max_length": 1e30}, 64),
    ],
)
async def test_it_reads_as_many_tokens_at_once_as_model_and_tokenizer_allow(
    tmp_path: Path, config: dict[str, Any], tokenizer_config: dict[str, Any] | None, tokens: int
) -> None:
    export = write_sentiments(tmp_path / "export", **config)
    if tokenizer_config:
        (export / "tokenizer_config.json").write_text(json.dumps(tokenizer_config))
    async with opened(export) as analyzer:
        assert analyzer._model.max_tokens == tokens  # type: ignore[union-attr]


async def test_many_texts_are_answered_in_order_in_batches_of_a_few(tmp_path: Path) -> None:
    texts = ["Great!", "It was bad.", "Nothing " * 100] * 7
    answers = await ask(write_sentiments(tmp_path / "export"), *texts)

    labels = [answer.sentiment and answer.sentiment.sentiment.value for answer in answers]
    assert labels[0::3] + labels[1::3] == ["POSITIVE"] * 7 + ["NEGATIVE"] * 7
    async with opened(tmp_path / "export") as analyzer:
        assert analyzer.batch == EXPORT_BATCH


async def test_a_text_without_a_token_is_answered(tmp_path: Path) -> None:
    export = write_tags(tmp_path / "export")
    (export / "tokenizer.json").write_text((export / "tokenizer.json").read_text().replace("Lowercase", "StripAccents"))

    assert [answer.entities for answer in await ask(export, "\u0301", "?!")] == [(), ()]
