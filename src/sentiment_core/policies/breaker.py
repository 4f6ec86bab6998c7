"""An analyzer that fails again and again is left alone for a while."""

from collections.abc import Sequence

from sentiment_core.errors import BreakerOpenError
from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.ports import Analyzer
from sentiment_core.resilience import Circuit


class BreakerAnalyzer(AnalyzerDecorator):
    """Makes only the calls that ``circuit`` lets through; the documents of others fail at once.

    Stands outside retrying and the quota, so that nobody waits for a call that will not be made. What becomes of the
    calls is told to the circuit by the ObservingAnalyzer inside.
    """

    def __init__(self, inner: Analyzer, circuit: Circuit) -> None:
        super().__init__(inner)
        self._circuit = circuit

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        permit = self._circuit.enter()
        if permit is None:
            refusal = BreakerOpenError("The analyzer has failed too often and is left alone for a while; try later.")
            return [refusal] * len(documents)
        try:
            return await self.inner.analyze(documents, options)
        finally:
            self._circuit.leave(permit)
