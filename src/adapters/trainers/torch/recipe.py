"""The recipe from data to model folder, as stages in order; a stage whose result is there is not done again.

    tokenizer -> rows -> wide branch -> deep branch -> model folder -> figures, reference and card

The stages' results lie in ``OUTPUT/work`` and may be deleted at the end; the model is ``OUTPUT/model``.
"""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from msgspec.structs import replace
from tokenizers import Tokenizer

from adapters.analyzers.onnx.reference import write_reference
from adapters.datasets.parquet import ParquetDataset
from adapters.trainers.torch.assembly import assemble
from adapters.trainers.torch.card import FIGURES, write_card
from adapters.trainers.torch.configuration import Configuration, record, settle
from adapters.trainers.torch.corpus import cut_pieces, entity_rows, phrase_rows, sentiment_rows, training_texts
from adapters.trainers.torch.deep import Deep
from adapters.trainers.torch.everyday import Everyday
from adapters.trainers.torch.figures import measure
from adapters.trainers.torch.progress import StageProgress
from adapters.trainers.torch.schedule import DeepData, DeepTraining
from adapters.trainers.torch.sources import used_sources
from adapters.trainers.torch.tokenizer import train_tokenizer, without_cut_pieces
from adapters.trainers.torch.wide import Wide, train_wide
from sentiment_core.ports import LanguageDetector
from sentiment_core.training import TrainingRequest

THREADS = 1
"""Fixed, since the order of sums depends on it; a second training uses the second core better."""


class TorchTrainer:
    """Implements :class:`sentiment_core.ports.Trainer` with PyTorch; on a GPU when there is one."""

    def __init__(self, detector: LanguageDetector) -> None:
        """``detector`` finds languages for the figures of "auto" in the card."""
        self._detector = detector

    def train(self, data: Path, output: Path, request: TrainingRequest) -> Path:
        """See the port."""
        dataset = ParquetDataset(data, request.licences)
        configuration = settle(request, dataset.digest(), output)
        if not request.resume:
            shutil.rmtree(output / "work", ignore_errors=True)
        (output / "work").mkdir(parents=True, exist_ok=True)
        record(configuration, output)
        model = Recipe(dataset, output, configuration, request.minutes).run()
        (model / FIGURES).write_bytes(measure(model, ParquetDataset(data), self._detector))
        write_reference(model, ParquetDataset(data))
        write_card(model)
        return model


class Recipe:
    """The stages of one configuration, in one output folder."""

    def __init__(self, dataset: ParquetDataset, output: Path, configuration: Configuration, minutes: float) -> None:
        self._dataset = dataset
        self._output = output
        self._work = output / "work"
        self._configuration = configuration
        self._minutes = minutes
        self._everyday = Everyday(configuration.everyday, configuration.seed)

    def run(self) -> Path:
        """The folder of the finished model."""
        torch.set_num_threads(THREADS)
        tokenizer = self._tokenizer()
        train, dev = (self._rows(tokenizer, split) for split in ("train", "dev"))
        wide = self._wide(train)
        deep = self._deep(train, dev)
        model = self._output / "model"
        sources = used_sources(self._dataset, self._everyday)
        assemble(model, (deep, wide), tokenizer, (train, dev), self._configuration, sources)
        return model

    def _tokenizer(self) -> Tokenizer:
        path = self._work / "tokenizer.json"
        if not path.exists():
            configuration = self._configuration
            texts = training_texts(self._dataset, self._everyday, configuration.characters, configuration.seed)
            tokenizer = train_tokenizer(texts, configuration.deep.pieces)
            rows = [
                entity_rows(self._dataset, self._everyday, tokenizer, "train"),
                phrase_rows(self._dataset, tokenizer, "train"),
            ]
            tokenizer = without_cut_pieces(tokenizer, *cut_pieces(rows))
            _finish(path, lambda beside: tokenizer.save(str(beside)))
        return Tokenizer.from_file(str(path))

    def _rows(self, tokenizer: Tokenizer, split: str) -> DeepData:
        """Encoded anew in each run: it takes two minutes, and the result is a function of the tokenizer."""
        return DeepData(
            entity_rows(self._dataset, self._everyday, tokenizer, split),
            phrase_rows(self._dataset, tokenizer, split),
            sentiment_rows(self._dataset, self._everyday, tokenizer, split),
            sentiment_rows(None, self._everyday, tokenizer, split),
        )

    def _wide(self, train: DeepData) -> Wide:
        path = self._work / "wide.pt"
        model = Wide(self._configuration.wide)
        if path.exists():
            model.load_state_dict(torch.load(path, weights_only=True))
            return model
        training = train_wide(train.sentiment, self._configuration.wide, self._configuration.seed)
        first, steps, loss, model = next(training)
        with StageProgress("wide", steps, first) as progress:
            for step, _, loss, model in training:  # noqa: B007
                progress.step(step, "sentiment", loss)
        _finish(path, partial(torch.save, model.state_dict()))
        return model

    def _deep(self, train: DeepData, dev: DeepData) -> Deep:
        training = partial(DeepTraining, train, self._configuration.deep)
        plan = self._configuration.plan
        if not plan.steps:
            seconds = training(plan.for_steps(1), None).seconds_per_step()
            plan = plan.for_steps(max(1, round(60 * self._minutes / seconds)))
            self._configuration = replace(self._configuration, plan=plan)
            record(self._configuration, self._output)
        deep = training(plan, self._work / "deep.pt")
        with StageProgress("deep", plan.total, deep.done) as progress:
            for step, task, loss in deep.run():
                if step % plan.checkpoint == 0:
                    progress.dev(deep.dev_losses(dev))
                progress.step(step, task, loss)
        return deep.model


def _finish(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside and rename, so that a result that is there is whole."""
    beside = path.with_suffix(".new")
    write(beside)
    beside.replace(path)
