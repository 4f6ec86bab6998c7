"""Who is champion, and where a rollback goes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment_core.promotion.aliases import champion, make_champion, roll_back
from sentiment_core.registry import CHAMPION, ModelVersion, RegistryError
from sentiment_core.testing import FakeModelRegistry


@pytest.fixture
def registry() -> FakeModelRegistry:
    return FakeModelRegistry()


@pytest.fixture
def versions(registry: FakeModelRegistry, tmp_path: Path) -> list[ModelVersion]:
    return [registry.register("sentiment", tmp_path, {}) for _ in range(3)]


def number(version: ModelVersion | None) -> int | None:
    return version and version.number


def test_there_is_no_champion_before_the_first_promotion(
    registry: FakeModelRegistry, versions: list[ModelVersion]
) -> None:
    assert champion(registry, "sentiment") is None
    assert champion(registry, "unknown") is None


def test_a_promotion_can_be_undone_once(registry: FakeModelRegistry, versions: list[ModelVersion]) -> None:
    for version in versions:
        make_champion(registry, version)
    assert number(champion(registry, "sentiment")) == 3

    assert number(roll_back(registry, "sentiment")) == 2
    assert number(champion(registry, "sentiment")) == 2
    assert roll_back(registry, "sentiment") is None
    assert number(champion(registry, "sentiment")) == 2


def test_the_first_promotion_has_nothing_to_go_back_to(
    registry: FakeModelRegistry, versions: list[ModelVersion]
) -> None:
    make_champion(registry, versions[0])

    assert roll_back(registry, "sentiment") is None
    assert number(champion(registry, "sentiment")) == 1


def test_after_a_rollback_the_next_promotion_can_be_undone_again(
    registry: FakeModelRegistry, versions: list[ModelVersion]
) -> None:
    make_champion(registry, versions[0])
    make_champion(registry, versions[1])
    roll_back(registry, "sentiment")
    make_champion(registry, versions[2])

    assert number(roll_back(registry, "sentiment")) == 1


def test_a_promotion_that_breaks_off_leaves_the_champion_where_it_was(
    registry: FakeModelRegistry, versions: list[ModelVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_champion(registry, versions[0])
    with monkeypatch.context() as patch:
        patch.setattr(registry, "set_alias", breaking(registry.set_alias))
        with pytest.raises(RegistryError):
            make_champion(registry, versions[1])

    assert number(champion(registry, "sentiment")) == 1
    assert number(roll_back(registry, "sentiment")) == 1
    assert number(champion(registry, "sentiment")) == 1


def breaking(set_alias: Callable[[str, str, int | None], None]) -> Callable[[str, str, int | None], None]:
    """The registry goes away before the champion's alias is moved."""

    def moved(name: str, alias: str, number: int | None) -> None:
        if alias == CHAMPION:
            raise RegistryError("The registry is away.")
        set_alias(name, alias, number)

    return moved
