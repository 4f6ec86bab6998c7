"""In the place of an analyzer that is not there yet."""

from collections.abc import Sequence

from sentiment_core.errors import AnalyzerUnavailableError
from sentiment_core.models import Document, Options, Outcome


class AbsentAnalyzer:
    """Fails every document with an AnalyzerUnavailableError that says ``why``."""

    model_version = "absent"

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self._why = why

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        """See :class:`sentiment_core.ports.Analyzer`."""
        return [AnalyzerUnavailableError(self._why) for _ in documents]

    async def ready(self) -> None:
        """Raises."""
        raise AnalyzerUnavailableError(self._why)

    async def aclose(self) -> None:
        """Does nothing."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"
