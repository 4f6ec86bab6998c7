"""What the OpenAPI document says and what the API does, compared by schemathesis on generated requests."""

from collections.abc import Sequence
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from sentiment_core.models import Document, Options, Outcome
from sentiment_core.policies.base import AnalyzerDecorator
from sentiment_core.testing import FakeAnalyzer
from tests.unit.entrypoints.api.support import Service


class AnyLanguage(AnalyzerDecorator):
    """Takes every language for English: the document cannot say which strings are tags of the twelve."""

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        return await self.inner.analyze([Document(document.text) for document in documents], options)


schema = schemathesis.openapi.from_asgi("/schema/openapi.json", Service(AnyLanguage(FakeAnalyzer())).app)

load_all_checks()

# It expects unknown headers to be refused, and one malformed document of a batch to fail the whole of it.
NOT_OURS: list[Any] = [CHECKS.get_one("negative_data_rejection")]

# No schema can say which ids are signed.
SIGNED: list[Any] = [CHECKS.get_one("positive_data_acceptance")]


@schema.parametrize()
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_api_does_what_its_document_says(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(excluded_checks=NOT_OURS + SIGNED if case.path == "/feedback" else NOT_OURS)
