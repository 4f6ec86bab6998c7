"""Whether the secrets are there: API keys, and the key of the answers' ids."""

import time

from entrypoints.answer_key import answer_key, key_file
from entrypoints.checks.check import Check
from entrypoints.container import Container
from entrypoints.settings import Settings, SettingsError, feedback_key

SHARE = "Replicas must share it: one data folder for all, or the same SENTIMENT_FEEDBACK_KEY."


def check_keys(container: Container) -> Check:
    try:
        ring = container.ring()
    except SettingsError as error:
        return Check("API keys", False, str(error), "docs/security.md has the steps.")
    if ring is None:
        return Check("API keys", None, "not asked for (SENTIMENT_KEYS=on asks for them)")
    return Check("API keys", True, f"{ring.usable(time.time())} in force")


def check_feedback_key(settings: Settings, *, can_be_kept: bool) -> Check:
    """``can_be_kept`` is whether the data folder can be written. None is made here, where another user may ask."""
    try:
        answer_key(settings)
    except SettingsError as error:
        return Check(
            "feedback key",
            False,
            str(error),
            "docs/security.md says what it is for; the service must be able to read it.",
        )
    if feedback_key(settings):
        return Check("feedback key", True, "as it is set; replicas must have the same")
    return _check_key_file(settings, can_be_kept)


def _check_key_file(settings: Settings, can_be_kept: bool) -> Check:
    path = key_file(settings)
    if path.exists() and not path.stat().st_size:
        remedy = (
            "Remove it; the service makes another at its start. Until then no answer can be judged after a restart."
        )
        return Check("feedback key", None, f"{path} is empty", remedy)
    if not (path.exists() or can_be_kept):
        remedy = "Set SENTIMENT_FEEDBACK_KEY, or mend the data folder."
        return Check("feedback key", None, "cannot be kept: answers can be judged until a restart only", remedy)
    finding = f"{path}{'' if path.exists() else ' will be made at the first start'}"
    if settings.replicas > 1:
        return Check("feedback key", None, f"{finding}, and there are {settings.replicas} replicas", SHARE)
    return Check("feedback key", True, finding)
