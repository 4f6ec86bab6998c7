"""BentoML with adaptive batching: ``bentoml serve bench.stacks.bentoml:Analysis``.

A batchable API takes a list; with one text in it there is no second service in front, as there would be for a body of
our kind (https://docs.bentoml.com/en/latest/get-started/adaptive-batching.html). Texts are validated by their type.
"""

from typing import Annotated, Any

import bentoml
from annotated_types import MaxLen, MinLen

from bench.stacks.embedded import MAX_BATCH, MAX_CHARACTERS, Model

Text = Annotated[str, MinLen(1), MaxLen(MAX_CHARACTERS)]


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Analysis:
    """One worker, whose dispatcher learns how long batches take."""

    def __init__(self) -> None:
        self._model = Model()

    @bentoml.api(route="/analyze", batchable=True, max_batch_size=MAX_BATCH)
    def analyze(self, texts: list[Text]) -> list[dict[str, Any]]:
        """One answer for each text."""
        return self._model(texts)
