"""The trainer of the embedded model: the recipe, what is said of its result, and the run that tells of both."""

import shutil
from functools import partial
from pathlib import Path

from adapters.analyzers.onnx.reference import write_reference
from adapters.datasets.parquet import ParquetDataset
from adapters.trainers.torch.base import Base
from adapters.trainers.torch.card import FIGURES, write_card
from adapters.trainers.torch.configuration import record, settle
from adapters.trainers.torch.figures import measure
from adapters.trainers.torch.recipe import Recipe
from adapters.trainers.torch.tracking import keep_model
from sentiment_core.drift import TEXTS
from sentiment_core.evaluation import load_samples
from sentiment_core.languages import LANGUAGES
from sentiment_core.model_folder import MANIFEST, SIGNATURE, signature
from sentiment_core.ports import LanguageDetector, Tracker
from sentiment_core.tracking import RunRecord
from sentiment_core.training import TrainingRequest


class TorchTrainer:
    """Implements :class:`sentiment_core.ports.Trainer` with PyTorch; on a GPU when there is one."""

    def __init__(
        self, detector: LanguageDetector, tracker: Tracker | None = None, model_key: bytes | None = None
    ) -> None:
        """``detector`` finds languages for the figures of "auto" in the card; ``model_key`` signs the manifest."""
        self._detector = detector
        self._tracker = tracker
        self._model_key = model_key

    def train(self, data: Path, output: Path, request: TrainingRequest) -> Path:
        """See the port."""
        dataset = ParquetDataset(data, request.licences)
        base = Base(request.base) if request.base else None
        configuration = settle(request, dataset.digest(), output, base)
        if not request.resume:
            shutil.rmtree(output / "work", ignore_errors=True)
        (output / "work").mkdir(parents=True, exist_ok=True)
        record(configuration, output)
        with RunRecord(self._tracker) as run:
            model = Recipe(dataset, output, configuration, request.minutes, run, base).run()
            self._describe(model, ParquetDataset(data))
            run.add(partial(keep_model, model=model))
        return model

    def _describe(self, model: Path, dataset: ParquetDataset) -> None:
        """Writes what is said of a model beside it; the manifest's signature, when there is a key."""
        (model / FIGURES).write_bytes(measure(model, dataset, self._detector))
        write_reference(model, load_samples(dataset, LANGUAGES, "test", TEXTS))
        write_card(model)
        if self._model_key is not None:
            (model / SIGNATURE).write_bytes(signature((model / MANIFEST).read_bytes(), self._model_key))
