"""What a version of a model has to pass before it gets traffic."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sentiment_core.errors import AnalyzerUnavailableError, UnsupportedLanguageError
from sentiment_core.models import Options
from sentiment_core.ports import Analyzer
from sentiment_core.probing import golden_mistakes


class ModelRefusedError(Exception):
    """A version must not answer. ``reason`` is one of MODEL_REFUSALS; the message says more."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class ModelTrial:
    """Opens what is in a model folder: it passes ``verify``, is built by ``build``, and knows the golden texts.

    ``verify`` raises AnalyzerUnavailableError. ``build`` is given the version as answers are to name it; whatever it
    raises, or the analyzer does that it made, the model is of no use.
    """

    def __init__(self, verify: Callable[[Path], object], build: Callable[[Path, str], Analyzer]) -> None:
        self._verify = verify
        self._build = build

    def open(self, folder: Path, version: str) -> Analyzer:
        """Raises ModelRefusedError. Blocks, on a thread that has no event loop."""
        try:
            self._verify(folder)
        except AnalyzerUnavailableError as error:
            raise ModelRefusedError("verification", str(error)) from None
        try:
            analyzer = self._build(folder, version)
            asyncio.run(_try(analyzer))
        except ModelRefusedError:
            raise
        except Exception as error:
            raise ModelRefusedError("unusable", str(error) or type(error).__name__) from error
        return analyzer


async def _try(analyzer: Analyzer) -> None:
    try:
        await analyzer.ready()
        await _check_golden_texts(analyzer)
    except BaseException:
        await analyzer.aclose()
        raise


async def _check_golden_texts(analyzer: Analyzer) -> None:
    """Those of languages that the model does not know are left out."""
    for mistake in await golden_mistakes(analyzer, Options()):
        if mistake.given != UnsupportedLanguageError.code:
            language = mistake.document.language
            message = f"It says {mistake.given} of a golden text in {language}, which is {mistake.wanted}."
            raise ModelRefusedError("golden", message)
