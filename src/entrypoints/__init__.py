"""Everything that starts something: the API, the command line, the container."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrypoints.settings import Settings
    from sentiment_core.ports import Analyzer

__all__ = ["open_analyzer"]


def open_analyzer(settings: "Settings | None" = None) -> "Analyzer":
    """The wired analyzer that the API uses, with its policies; settings are the environment's unless given.

    Close it with ``await analyzer.aclose()``, or wrap it in :class:`sentiment_core.BlockingAnalyzer`; only then is the
    day's spending written down to the end. Raises SettingsError when the environment is not in order.
    """
    from entrypoints.container import build_container  # imported late: a command's --help needs none of it

    analyzer: Analyzer = build_container(settings).accompanied()
    return analyzer
