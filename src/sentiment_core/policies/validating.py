"""The door: what is not a text in one of the twelve languages is refused before anything is paid for."""

from collections.abc import Sequence

from msgspec.structs import replace

from sentiment_core.errors import InputError, InvalidTextError, TextTooLongError
from sentiment_core.languages import LANGUAGES, normalize_language
from sentiment_core.models import AUTO, MAX_TEXT_BYTES, Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator, analyze_rest
from sentiment_core.ports import Analyzer, LanguageDetector


class ValidatingAnalyzer(AnalyzerDecorator):
    """Checks each text and settles its language, so that everything further in sees one of the twelve codes."""

    def __init__(self, inner: Analyzer, detector: LanguageDetector) -> None:
        super().__init__(inner)
        self._detector = detector

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        return await analyze_rest(self.inner, [self._settle(document) for document in documents], options)

    def _settle(self, document: Document) -> Document | InputError:
        try:
            check_text(document.text)
            language = self._language(document)
        except InputError as error:
            return error
        return document if language == document.language else replace(document, language=language)

    def _language(self, document: Document) -> str:
        if document.language in LANGUAGES:  # nearly always: what follows is for other spellings, and takes its time
            return document.language
        if document.language.strip().lower() == AUTO:
            return self._detector.detect(document.text)
        return normalize_language(document.language)


def check_text(text: str) -> None:
    """Raises InvalidTextError or TextTooLongError unless the text can be analyzed."""
    if not text or text.isspace():
        raise InvalidTextError("The text is empty: send at least one character that is not white space.")
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidTextError(
            f"The text is not Unicode: it has a lone surrogate at character {error.start}. Send whole characters."
        ) from None
    if size > MAX_TEXT_BYTES:
        raise TextTooLongError(
            f"The text has {size:,} bytes in UTF-8 and {MAX_TEXT_BYTES:,} are taken: send it in parts."
        )
