"""ComprehendAnalyzer: documents in, calls to Amazon Comprehend, outcomes out."""

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.analyzers.comprehend.calls import MAX_BYTES, MAX_DOCUMENTS, OPERATIONS, Call, check, plan
from adapters.analyzers.comprehend.client import ComprehendClient
from adapters.analyzers.comprehend.errors import translated
from adapters.analyzers.comprehend.replies import Part, read_batch
from sentiment_core.errors import (
    AnalysisError,
    AnalyzerUnavailableError,
    CredentialsError,
    DeadlineExceededError,
    InputError,
)
from sentiment_core.metric_names import COMPREHEND_LATENCY_SECONDS
from sentiment_core.models import Analysis, Document, Feature, Options, Outcome
from sentiment_core.ports import Clock, Metrics

READY_SECONDS = 2.0
"""How long the credentials may take: they may come from the machine's metadata service."""

Parts = dict[Feature, Part | AnalysisError]


class ComprehendAnalyzer:
    """One call per feature, language and 25 documents, all at once as far as ``client`` has connections.

    The client is closed with the analyzer. A call is made once: retrying, pacing, breaking, and asking one by one for
    the documents of a batch that was refused whole are the policies'. Each ``analyze`` of one feature and at most
    MAX_DOCUMENTS documents in one language, each of at most MAX_BYTES, is exactly one call. At the deadline a call is
    cut off, and one that still waits for a connection is never made.
    """

    MAX_BYTES = MAX_BYTES
    MAX_DOCUMENTS = MAX_DOCUMENTS

    name = "comprehend"
    model_version = "aws-comprehend-1.0"

    def __init__(self, client: ComprehendClient, *, metrics: Metrics, clock: Clock = time.monotonic) -> None:
        self._client = client
        self._metrics = metrics
        self._clock = clock

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        refusals = [_refusal(document, options.features) for document in documents]
        good = {index: document for index, document in enumerate(documents) if refusals[index] is None}
        parts: dict[int, Parts] = {index: {} for index in good}
        calls = plan(good, options.features)
        for call, answers in zip(calls, await self._answers(calls, options.deadline), strict=True):
            for index, answer in zip(call.documents, answers, strict=True):
                parts[index][call.feature] = answer
        return [refusals[index] or self._joined(document, parts[index]) for index, document in enumerate(documents)]

    async def ready(self) -> None:
        """Checks that there are credentials; that Comprehend takes them is only known from a paid call."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                with translated("credentials"):
                    await self._client.check_credentials()
        except TimeoutError:
            raise AnalyzerUnavailableError(
                f"No call could be signed within {READY_SECONDS:g} s: the AWS credentials are slow to come."
            ) from None
        except CredentialsError as error:
            raise AnalyzerUnavailableError(
                "There are no AWS credentials to be had: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                "AWS_PROFILE, or give the machine a role that may call Amazon Comprehend."
            ) from error

    async def aclose(self) -> None:
        await self._client.aclose()

    def __repr__(self) -> str:
        return "ComprehendAnalyzer()"

    async def _answers(self, calls: Sequence[Call], deadline: float) -> list[list[Part | AnalysisError]]:
        """Those of each call, in order."""
        if len(calls) == 1:  # as policies ask; a task for each would cost something
            return [await self._answer(calls[0], deadline)]
        return await asyncio.gather(*(self._answer(call, deadline) for call in calls))

    async def _answer(self, call: Call, deadline: float) -> list[Part | AnalysisError]:
        left = deadline - self._clock()
        if left <= 0:
            return [_late()] * len(call.documents)
        try:
            async with asyncio.timeout(None if left == math.inf else left) as cut:
                return await self._ask(call)
        except TimeoutError:
            if not cut.expired():
                raise
            return [_late()] * len(call.documents)
        except AnalysisError as error:
            return [error] * len(call.documents)

    async def _ask(self, call: Call) -> list[Part | AnalysisError]:
        read, operation, texts = OPERATIONS[call.feature].read, call.operation, call.texts
        started = self._clock()
        try:
            with translated(operation):
                reply = await self._client.call(operation, call.parameters)
                return [read(reply, texts[0])] if call.alone else read_batch(reply, texts, read, operation)
        finally:
            self._metrics.observe(COMPREHEND_LATENCY_SECONDS, self._clock() - started, operation)

    def _joined(self, document: Document, parts: Mapping[Feature, Any]) -> Outcome:
        """A document is answered whole: the first failure of a feature is its own."""
        for part in parts.values():
            if isinstance(part, AnalysisError):
                return part
        return Analysis(
            sentiment=parts.get(Feature.SENTIMENT),
            entities=parts.get(Feature.ENTITIES),
            key_phrases=parts.get(Feature.KEY_PHRASES),
            model_version=self.model_version,
            analyzer=self.name,
            language=document.language,
        )


def _refusal(document: Document, features: frozenset[Feature]) -> InputError | None:
    try:
        check(document, features)
    except InputError as error:
        return error
    return None


def _late() -> DeadlineExceededError:
    return DeadlineExceededError("Amazon Comprehend has not answered within the deadline: allow more time.")
