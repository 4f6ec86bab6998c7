"""The card says what lies beside it, and nothing else."""

import asyncio
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from adapters.analyzers.onnx.model import PACKAGED
from adapters.trainers.torch.card import CARD, ERRORS, FIGURES, PLOT, ErrorKind, write_card
from sentiment_core.evaluation import Evaluation, examine, load_samples
from sentiment_core.examples import SentimentExample
from sentiment_core.model_folder import MANIFEST
from sentiment_core.models import SentimentType
from sentiment_core.testing import FakeAnalyzer, ManualClock, fake_analysis
from sentiment_core.testing.datasets import InMemoryDataset
from tests.unit.core.evaluation.test_run import ScriptedDetector

ROWS = [
    SentimentExample("Fine.", SentimentType.POSITIVE, "a", "open"),
    SentimentExample("Awful.", SentimentType.NEGATIVE, "a", "open"),
]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with the shipped manifest and the figures of an analyzer that calls both texts positive."""
    (tmp_path / MANIFEST).write_bytes((PACKAGED / MANIFEST).read_bytes())
    (tmp_path / FIGURES).write_bytes(msgspec.json.encode(_figures()))
    return tmp_path


def _figures() -> Evaluation:
    samples = load_samples(InMemoryDataset(sentiment={("en", "test"): ROWS}), ["en"], "test")
    analyzer = FakeAnalyzer({row.text: fake_analysis(SentimentType.POSITIVE) for row in ROWS})
    detector, clock = ScriptedDetector(), ManualClock()
    return asyncio.run(examine(samples, analyzer, detector, split="test", limit=None, clock=clock)).figures


def test_the_plot_has_a_point_for_each_bin_and_says_how_many_texts_it_stands_for(model: Path) -> None:
    write_card(model)

    titles = [each.text for each in ElementTree.parse(model / PLOT).iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["2 texts: score 0.97, right 0.50"]
    assert f"]({PLOT})" in (model / CARD).read_text()


def test_errors_that_a_person_has_looked_at_are_listed_by_kind(model: Path) -> None:
    kinds = [ErrorKind("irony", 30, "Great, it broke."), ErrorKind("label is wrong", 20, "Good | bad")]
    (model / ERRORS).write_bytes(msgspec.json.encode({"sentiment": kinds}))

    write_card(model)

    card = (model / CARD).read_text()
    assert "Sentiment, 50 errors looked at:" in card
    assert "| irony | 30 | Great, it broke. |" in card
    assert "| label is wrong | 20 | Good / bad |" in card


def test_without_a_list_the_card_says_so(model: Path) -> None:
    write_card(model)

    assert "No list of single errors has been drawn up yet." in (model / CARD).read_text()
