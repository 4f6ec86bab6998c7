"""The secret that answers' ids are signed with: one that is set, or one that the service makes for itself."""

import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from entrypoints.settings import Settings, SettingsError, feedback_key

_log = logging.getLogger(__name__)


def answer_key(settings: Settings) -> bytes:
    """The one that is set, else that of the data folder, else a new one, which this process alone has.

    Raises SettingsError for one that is no good, or cannot be read.
    """
    if key := feedback_key(settings):
        return key
    path = key_file(settings)
    try:
        return path.read_bytes() or os.urandom(32)
    except FileNotFoundError:
        return os.urandom(32)
    except OSError as error:
        raise SettingsError(f"{path}, the secret that answers' ids are signed with, cannot be read: {error}.") from None


def make_answer_key(settings: Settings) -> None:
    """Makes one in the data folder, for its owner alone, where there is none and none is set.

    Where that cannot be done the service works all the same, and the log says what is missing.
    """
    path = key_file(settings)
    if settings.feedback_key or settings.feedback_key_file or path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent) as draft, suppress(FileExistsError):
            draft.write(secrets.token_urlsafe(32))
            draft.flush()
            path.hardlink_to(draft.name)  # whole or not at all; and the first of several processes wins
    except OSError as error:
        _log.warning("Answers can be judged until this process ends, since their key cannot be kept: %s", error)


def key_file(settings: Settings) -> Path:
    """Where the service keeps the one that it makes."""
    return settings.data_path / "feedback.key"
