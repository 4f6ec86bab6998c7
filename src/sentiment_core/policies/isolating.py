"""One bad document does not fail a batch."""

import asyncio
from collections.abc import Sequence

from sentiment_core.errors import InvalidTextError, TextTooLongError
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator


class IsolatingAnalyzer(AnalyzerDecorator):
    """Asks for each document alone when a call for several found fault with the text of every one of them.

    An upstream that refuses a call as a whole does not say which document it was. Alone the bad one fails alone; the
    calls go through all that is inside, so that each has its turn within the quota and its costs counted.
    """

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        outcomes = await self.inner.analyze(documents, options)
        if len(documents) < 2 or not all(isinstance(o, InvalidTextError | TextTooLongError) for o in outcomes):
            return outcomes
        alone = await asyncio.gather(*(self.inner.analyze([document], options) for document in documents))
        return [outcome for [outcome] in alone]
