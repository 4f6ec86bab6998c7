"""The life of aliases: who is champion, who wants to be, and where a rollback goes.

``previous`` is on what was champion before the last promotion. A rollback uses it up, so that it goes back one step and
never round in a circle.
"""

from sentiment_core.ports import ModelRegistry
from sentiment_core.registry import CHALLENGER, CHAMPION, PREVIOUS, ModelNotFoundError, ModelReference, ModelVersion


def champion(registry: ModelRegistry, name: str) -> ModelVersion | None:
    """The version that is served, if there is one. Raises RegistryError."""
    return _aliased(registry, name, CHAMPION)


def make_champion(registry: ModelRegistry, version: ModelVersion) -> None:
    """Moves the alias, once the way back is noted; then the version is no challenger any more.

    Whether it deserves it is for the gate to say.
    """
    before = champion(registry, version.name)
    registry.set_alias(version.name, PREVIOUS, before.number if before else None)
    registry.set_alias(version.name, CHAMPION, version.number)
    if CHALLENGER in version.aliases:
        registry.set_alias(version.name, CHALLENGER, None)


def roll_back(registry: ModelRegistry, name: str) -> ModelVersion | None:
    """What was champion before is champion again; None when there is nothing to go back to."""
    before = _aliased(registry, name, PREVIOUS)
    if before is not None:
        registry.set_alias(name, CHAMPION, before.number)
        registry.set_alias(name, PREVIOUS, None)
    return before


def _aliased(registry: ModelRegistry, name: str, alias: str) -> ModelVersion | None:
    try:
        return registry.find(ModelReference(name, alias))
    except ModelNotFoundError:
        return None
