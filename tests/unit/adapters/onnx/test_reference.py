"""The reference of a model folder, from the shipped model's answers to a few texts."""

from pathlib import Path

import pytest

from adapters.analyzers.onnx.model import PACKAGED
from adapters.analyzers.onnx.reference import write_reference
from sentiment_core.drift import REFERENCE, read_reference
from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.evaluation import Sample
from sentiment_core.examples import SentimentExample
from sentiment_core.models import SentimentType


@pytest.fixture
def model(tmp_path: Path) -> Path:
    for file in PACKAGED.iterdir():
        if file.is_file() and file.name != REFERENCE:
            (tmp_path / file.name).symlink_to(file)
    return tmp_path


def example(text: str) -> SentimentExample:
    return SentimentExample(text, SentimentType.NEUTRAL, "someone/texts", "open")


def test_it_has_the_texts_of_each_language_and_what_the_model_makes_of_them(model: Path) -> None:
    texts = [example("The staff were wonderful."), example("𓀀 𓀁"), example("Terrible food, never again. " * 100)]
    path = write_reference(model, [Sample("en", texts, [], []), Sample("de", [example("Ich liebe es.")], [], [])])
    reference = read_reference(model)

    assert path == model / "reference.json"
    assert reference is not None
    assert reference.languages == {"en": 3, "de": 1}
    assert set(reference.distributions) == {"text_length", "sentiment", "confidence", "unknown_pieces"}
    assert sum(reference.distributions["text_length"].counts["en"]) == 3
    assert reference.distributions["unknown_pieces"].edges == (0, 1)
    assert reference.distributions["unknown_pieces"].counts["en"][1] == 1


def test_a_folder_without_a_model_has_none(tmp_path: Path) -> None:
    with pytest.raises(AnalyzerUnavailableError, match="is no model"):
        write_reference(tmp_path, [])

    assert read_reference(tmp_path) is None
