"""ComprehendAnalyzer: documents in, calls to Amazon Comprehend, outcomes out."""

import asyncio
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore import xform_name

from adapters.analyzers.comprehend.calls import MAX_BYTES, MAX_DOCUMENTS, OPERATIONS, Call, check, plan
from adapters.analyzers.comprehend.client import THREADS
from adapters.analyzers.comprehend.errors import translated
from adapters.analyzers.comprehend.replies import Part, read_batch
from sentiment_core.errors import (
    AnalysisError,
    AnalyzerUnavailableError,
    CredentialsError,
    DeadlineExceededError,
    InputError,
    InvalidTextError,
    TextTooLongError,
)
from sentiment_core.metric_names import COMPREHEND_LATENCY_SECONDS
from sentiment_core.models import Analysis, Document, Feature, Options, Outcome
from sentiment_core.ports import Clock, Metrics

if TYPE_CHECKING:
    from mypy_boto3_comprehend import ComprehendClient

READY_SECONDS = 2.0
"""How long the credentials may take: they may come from the machine's metadata service."""

Parts = dict[Feature, Part | AnalysisError]


class ComprehendAnalyzer:
    """One call per feature, language and 25 documents, all at once on ``threads`` threads of its own.

    ``client`` is :func:`comprehend_client`'s, with as many connections; it is closed with the analyzer. A call is
    made once: retrying, pacing and breaking are the policies'. Each ``analyze`` of one feature and at most
    MAX_DOCUMENTS documents in one language, each of at most MAX_BYTES, is exactly one call, unless a document has
    the whole of it refused. ``metrics`` is used from the threads.
    """

    MAX_BYTES = MAX_BYTES
    MAX_DOCUMENTS = MAX_DOCUMENTS

    name = "comprehend"
    model_version = "aws-comprehend-1.0"

    def __init__(
        self, client: "ComprehendClient", *, metrics: Metrics, clock: Clock = time.monotonic, threads: int = THREADS
    ) -> None:
        self._client = client
        self._metrics = metrics
        self._clock = clock
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="comprehend")

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
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(READY_SECONDS):
                await loop.run_in_executor(self._pool, self._sign)
        except TimeoutError:
            raise AnalyzerUnavailableError(
                f"No call could be signed within {READY_SECONDS:g} s: the AWS credentials are slow to come, or every "
                "thread waits for Amazon Comprehend."
            ) from None
        except CredentialsError as error:
            raise AnalyzerUnavailableError(
                "There are no AWS credentials to be had: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                "AWS_PROFILE, or give the machine a role that may call Amazon Comprehend."
            ) from error

    async def aclose(self) -> None:
        # A thread that waits for Comprehend cannot be stopped; its read timeout ends it.
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def __repr__(self) -> str:
        return "ComprehendAnalyzer()"

    async def _answers(self, calls: Sequence[Call], deadline: float) -> list[list[Part | AnalysisError]]:
        """Those of each call, in order. At the deadline what has not come is given up; what has not begun never is."""
        loop = asyncio.get_running_loop()
        futures = [loop.run_in_executor(self._pool, self._answer, call, deadline) for call in calls]
        seconds = None if deadline == math.inf else deadline - self._clock()
        try:
            if futures:
                await asyncio.wait(futures, timeout=seconds)
            return [
                future.result() if future.done() else [_late()] * len(call.documents)
                for future, call in zip(futures, calls, strict=True)
            ]
        finally:
            for future in futures:
                future.cancel()

    def _answer(self, call: Call, deadline: float) -> list[Part | AnalysisError]:
        try:
            return self._ask(call, deadline)
        except (InvalidTextError, TextTooLongError) as error:
            if call.alone:
                return [error]
            # One after the other: such a batch is rare, and all at once would burst through the quota.
            return [answer for one in call.one_by_one() for answer in self._answer(one, deadline)]
        except AnalysisError as error:
            return [error] * len(call.documents)

    def _ask(self, call: Call, deadline: float) -> list[Part | AnalysisError]:
        if self._clock() >= deadline:
            raise _late()
        method = getattr(self._client, xform_name(call.operation))
        read = OPERATIONS[call.feature].read
        with self._timed(call.operation), translated(call.operation):
            reply = method(**call.parameters)
            return [read(reply, call.texts[0])] if call.alone else read_batch(reply, call.texts, read, call.operation)

    @contextmanager
    def _timed(self, operation: str) -> Iterator[None]:
        start = self._clock()
        try:
            yield
        finally:
            self._metrics.observe(COMPREHEND_LATENCY_SECONDS, self._clock() - start, operation)

    def _sign(self) -> None:
        """Raises CredentialsError when there are no credentials: signing is how a client can be asked, locally."""
        with translated("credentials"):
            self._client.generate_presigned_url("detect_sentiment", {"Text": "?", "LanguageCode": "en"})

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
