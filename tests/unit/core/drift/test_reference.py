"""A model's reference: how it is made, kept and read."""

import json
import logging
import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.drift import REFERENCE, Distribution, Profile, Reference, read_reference
from sentiment_core.drift.reference import deciles, distribution
from sentiment_core.errors import ThrottledError
from sentiment_core.models import Document, Feature, SentimentType
from sentiment_core.testing import FakeAnalyzer, fake_analysis
from tests.unit.core.drift.world import World

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300)


@given(numbers)
def test_no_bin_has_more_than_a_tenth_below_its_edge(values: list[float]) -> None:
    edges = deciles(values)
    below = [sum(low < value < high for value in values) for low, high in pairwise([-math.inf, *edges])]

    assert edges == sorted(set(edges))
    assert max(below) <= len(values) / 10 + 1


def test_deciles_are_values_of_which_so_many_tenths_are_no_higher() -> None:
    assert deciles(range(1, 101)) == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert deciles([0.0] * 99 + [1.0]) == [0.0]
    assert deciles([]) == []


def test_a_value_on_an_edge_lies_below_it() -> None:
    assert distribution({"en": [0.5, 1.0, 1.5, 2.0, 2.5]}, [1.0, 2.0]).counts == {"en": (2, 2, 1)}


def test_a_reference_is_read_as_it_was_written(tmp_path: Path) -> None:
    reference = World(1).reference(200)
    (tmp_path / REFERENCE).write_bytes(reference.encode())

    assert read_reference(tmp_path) == reference


def test_no_text_is_in_it() -> None:
    profile = Profile()
    profile.observe(Document("xyzzy", "en"), fake_analysis())
    profile.observe_unknown([Document("xyzzy", "en")], [0.5])

    assert b"xyzzy" not in profile.reference("1.0").encode()


def test_a_model_without_a_reference_is_mentioned_quietly(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    assert read_reference(tmp_path) is None
    assert [record.levelname for record in caplog.records] == ["DEBUG"]


def one_language(*counts: int) -> bytes:
    confidence = {"edges": [0.5], "counts": {"en": counts}}
    whole = {"model_version": "1", "languages": {"en": 3}, "distributions": {"confidence": confidence}}
    return json.dumps(whole).encode()


@pytest.mark.parametrize("content", [b"", b"{}", one_language(1, 1, 1), one_language(0, 0)])
def test_a_broken_reference_keeps_no_model_from_answering(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / REFERENCE).write_bytes(content)

    assert read_reference(tmp_path) is None
    assert "cannot be read, its drift is not measured" in caplog.text


def test_one_that_is_whole_is_read(tmp_path: Path) -> None:
    (tmp_path / REFERENCE).write_bytes(one_language(1, 2))

    assert read_reference(tmp_path)


async def test_it_is_made_of_the_answers_to_texts_and_of_nothing_that_failed() -> None:
    analyzer = FakeAnalyzer(
        {"good": fake_analysis(SentimentType.POSITIVE), "refused": ThrottledError("Full.")}, model_version="7.0"
    )
    documents = [Document("good", "de"), Document("refused", "de"), Document("neither", "fr")]
    reference = await Profile().ask(analyzer, documents)

    assert (reference.model_version, reference.languages) == ("7.0", {"de": 1, "fr": 1})
    assert reference.distributions["sentiment"] == Distribution((0, 1, 2), {"de": (1, 0, 0, 0), "fr": (0, 0, 1, 0)})
    assert reference.distributions["text_length"].edges == (4, 7)
    assert "unknown_pieces" not in reference.distributions
    assert [options.features for _, options in analyzer.calls] == [{Feature.SENTIMENT}]


def test_an_empty_profile_is_a_reference_to_nothing() -> None:
    assert Profile().reference("1.0") == Reference("1.0", {}, {})
