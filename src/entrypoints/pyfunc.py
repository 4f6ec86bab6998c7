"""Where MLflow starts a registered model, whose MLmodel names this module.

::

    mlflow.pyfunc.load_model("models:/sentiment@champion").predict(["Great!"], params={"language": "en"})

It needs MLflow's full distribution and this package; SENTIMENT_MODEL_KEY is obeyed.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from entrypoints.container import build_container
from entrypoints.settings import load_settings, model_key
from sentiment_core.blocking import BlockingAnalyzer
from sentiment_core.errors import AnalysisError
from sentiment_core.model_folder import ModelFolder
from sentiment_core.models import AUTO, Document, Outcome
from sentiment_core.policies.validating import ValidatingAnalyzer

if TYPE_CHECKING:
    from pandas import DataFrame


class SentimentModel:
    """A model folder as MLflow uses models: it is never closed, so its thread goes on until the process ends."""

    def __init__(self, folder: Path) -> None:
        """Raises AnalyzerUnavailableError when a file is not what the manifest says."""
        settings = replace(load_settings(), analyzer="embedded", fallback="off", embedded_model=str(folder))
        ModelFolder(folder, model_key(settings)).verify()
        container = build_container(settings)
        self._analyzer = BlockingAnalyzer(ValidatingAnalyzer(container.backend(), detector=container.detector()))

    def predict(self, data: "DataFrame", params: Mapping[str, Any] | None = None) -> "DataFrame":
        """A row for each text of the first column, of the columns that the signature names."""
        from pandas import DataFrame

        language = (params or {}).get("language", AUTO)
        texts: Iterable[Any] = data.iloc[:, 0]
        outcomes = self._analyzer.analyze([Document(str(text), language) for text in texts])
        return DataFrame([_row(outcome) for outcome in outcomes], columns=COLUMNS)


COLUMNS = [
    "language", "sentiment", "positive", "negative", "neutral", "mixed", "entities", "key_phrases", "error",
]  # fmt: skip


def _row(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, AnalysisError):
        return {"error": f"{outcome.code}: {outcome}"}
    row: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(outcome))  # lists, where the Struct has tuples
    if outcome.sentiment:
        row |= {"sentiment": outcome.sentiment.sentiment.value, **msgspec.structs.asdict(outcome.sentiment.scores)}
    return row


def _load_pyfunc(path: str) -> SentimentModel:
    """The name and the argument are MLflow's."""
    return SentimentModel(Path(path))
