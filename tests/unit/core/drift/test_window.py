"""When the gauges speak, and what they say."""

import math
from typing import Any

import pytest
from msgspec.structs import replace

from sentiment_core.drift import DriftWindow, Reference
from sentiment_core.drift.window import EVERY, LATEST, LEAST
from sentiment_core.metric_names import POPULATION_STABILITY_INDEX
from sentiment_core.models import Document
from sentiment_core.testing import RecordingMetrics, fake_analysis
from tests.unit.core.drift.world import World

NOTHING, MUCH = 0.1, 0.25
"""To the one nothing has changed, from the other on much has."""

NAMES = ("language", "text_length", "sentiment", "confidence", "unknown_pieces")
REFERENCE = World(0).reference(6_000)


def indices(metrics: RecordingMetrics) -> dict[str, float]:
    return {name: metrics.value(POPULATION_STABILITY_INDEX, name) for name in NAMES}


def feed(window: DriftWindow, world: World, count: int) -> None:
    for document, analysis, share in world.answers(count):
        window.observe(document, analysis)
        window.observe_unknown([document], [share])


def after(world: World, count: int = LATEST, reference: Reference = REFERENCE) -> dict[str, float]:
    """The indices when the last so many documents are of ``world``."""
    metrics = RecordingMetrics()
    feed(DriftWindow(reference, metrics), world, count)
    return indices(metrics)


@pytest.mark.parametrize("count", [LEAST, LATEST])
def test_documents_like_those_of_the_reference_stay_below_the_line_whatever_chance_does(count: int) -> None:
    highest = {name: max(after(World(seed), count)[name] for seed in range(1, 41)) for name in NAMES}

    assert max(highest.values()) < NOTHING


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("language", {"mix": {"en": 8, "de": 1, "zh": 1}}),
        ("text_length", {"longer": 2}),
        ("sentiment", {"negative": 0.6}),
        ("confidence", {"surer": 3}),
        ("unknown_pieces", {"unknown": 0.3}),
    ],
)
def test_a_shift_raises_its_own_index_and_no_other(name: str, change: dict[str, Any]) -> None:
    for seed in range(1, 6):
        found = after(World(seed, **change))
        assert found.pop(name) > MUCH
        assert max(found.values()) < NOTHING


def test_what_no_reference_text_had_is_a_shift_that_can_be_told() -> None:
    reference = World(0, unknown=0).reference(6_000)

    assert after(World(1, unknown=0), reference=reference)["unknown_pieces"] == 0
    assert after(World(1, unknown=0.1), reference=reference)["unknown_pieces"] > MUCH


def test_another_mix_of_languages_alone_is_a_shift_of_nothing_else() -> None:
    found = after(World(1, mix={"zh": 1}))

    assert found.pop("language") > MUCH
    assert max(found.values()) < NOTHING


def test_few_documents_say_nothing() -> None:
    metrics = RecordingMetrics()
    window = DriftWindow(REFERENCE, metrics)
    feed(window, World(1), LEAST - 1)
    assert all(math.isnan(index) for index in indices(metrics).values())

    feed(window, World(2), EVERY)
    assert not any(math.isnan(index) for index in indices(metrics).values())


def test_what_is_no_longer_among_the_latest_is_forgotten() -> None:
    metrics = RecordingMetrics()
    window = DriftWindow(REFERENCE, metrics)
    feed(window, World(1, longer=4), LATEST)
    assert indices(metrics)["text_length"] > MUCH

    feed(window, World(2), LATEST)
    assert indices(metrics) == pytest.approx(after(World(2)))


def test_a_feature_that_was_not_asked_for_is_not_compared() -> None:
    metrics = RecordingMetrics()
    window = DriftWindow(REFERENCE, metrics)
    for document, analysis, _ in World(1).answers(LATEST):
        window.observe(document, replace(analysis, sentiment=None))

    found = indices(metrics)
    assert {name for name, index in found.items() if math.isnan(index)} == {"sentiment", "confidence", "unknown_pieces"}


def test_a_language_that_the_reference_lacks_is_left_out() -> None:
    metrics = RecordingMetrics()
    window = DriftWindow(REFERENCE, metrics)
    for _ in range(LATEST):
        window.observe(Document("नमस्ते", "hi"), fake_analysis(language="hi"))
        window.observe_unknown([Document("नमस्ते", "hi")], [1.0])

    assert all(math.isnan(index) for index in indices(metrics).values())


def test_when_it_is_closed_nothing_is_said_any_more() -> None:
    metrics = RecordingMetrics()
    window = DriftWindow(REFERENCE, metrics)
    feed(window, World(1), LATEST)
    window.close()

    assert all(math.isnan(index) for index in indices(metrics).values())
