"""The port for notebooks and scripts: no ``await``, also where an event loop is running already."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from sentiment_core.models import Analysis, Document, Options, Outcome, answer_or_raise
from sentiment_core.ports import Analyzer

T = TypeVar("T")


class BlockingAnalyzer:
    """Runs an Analyzer on an event loop of its own, in a thread of its own. Threads may share it.

    ::

        with BlockingAnalyzer(open_analyzer()) as analyzer:
            print(analyzer.analyze_text("The staff were wonderful").sentiment)
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="blocking-analyzer", daemon=True)
        self._thread.start()

    def analyze_text(self, text: str, language: str = "en", options: Options | None = None) -> Analysis:
        """The answer to one text. Raises the AnalysisError that the text failed with."""
        return answer_or_raise(*self.analyze([Document(text, language)], options))

    def analyze(self, documents: Sequence[Document], options: Options | None = None) -> list[Outcome]:
        """One outcome for each document, in order, as the port says."""
        return self._wait(self._analyzer.analyze(documents, options or Options()))

    def close(self) -> None:
        """Closes the analyzer and ends the thread; a second call does nothing."""
        if self._loop.is_closed():
            return
        self._wait(self._analyzer.aclose())
        self._wait(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"BlockingAnalyzer({self._analyzer!r})"
