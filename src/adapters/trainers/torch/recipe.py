"""The recipe from data to model folder, as stages in order; a stage whose result is there is not done again.

    tokenizer -> rows -> wide branch -> deep branch -> model folder -> figures, reference and card

With a base, its tokenizer is taken, and its deep branch goes into the last phase at once.

The stages' results lie in ``OUTPUT/work`` and may be deleted at the end; the model is ``OUTPUT/model``.
"""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from msgspec.structs import replace
from tokenizers import Tokenizer

from adapters.datasets.parquet import ParquetDataset
from adapters.trainers.torch.assembly import assemble
from adapters.trainers.torch.base import Base
from adapters.trainers.torch.configuration import Configuration, record
from adapters.trainers.torch.corpus import cut_pieces, entity_rows, phrase_rows, sentiment_rows, training_texts
from adapters.trainers.torch.deep import Deep, mean_of
from adapters.trainers.torch.everyday import Everyday
from adapters.trainers.torch.progress import StageProgress
from adapters.trainers.torch.schedule import DeepData, DeepPlan, DeepTraining, checkpoint
from adapters.trainers.torch.sources import used_sources, with_those_of
from adapters.trainers.torch.tokenizer import train_tokenizer, without_cut_pieces
from adapters.trainers.torch.tracking import Curves, begin_run
from adapters.trainers.torch.wide import Wide, train_wide
from sentiment_core.tracking import RunRecord

_POINTS = 50
"""Of the wide branch's learning curve."""

THREADS = 1
"""Fixed, since the order of sums depends on it; a second training uses the second core better."""


class Recipe:
    """The stages of one configuration, in one output folder."""

    def __init__(
        self,
        dataset: ParquetDataset,
        output: Path,
        configuration: Configuration,
        minutes: float,
        run: RunRecord,
        base: Base | None = None,
    ) -> None:
        self._dataset = dataset
        self._output = output
        self._work = output / "work"
        self._configuration = configuration
        self._minutes = minutes
        self._run = run
        self._base = base
        self._everyday = Everyday(configuration.everyday, configuration.seed)
        self._wide_everyday = Everyday(configuration.wide_everyday, configuration.seed)
        self._polish_everyday = Everyday(configuration.polish_everyday, configuration.seed)

    def run(self) -> Path:
        """The folder of the finished model."""
        torch.set_num_threads(THREADS)
        tokenizer = self._tokenizer()
        train, dev = (self._rows(tokenizer, split) for split in ("train", "dev"))
        self._settle_steps(train)
        self._run.add(partial(begin_run, configuration=self._configuration, work=self._work))
        wide = self._wide(tokenizer)
        deep = self._deep(train, dev)
        model = self._output / "model"
        sources = used_sources(self._dataset, self._everyday)
        if self._base:
            sources = with_those_of(self._base.sources, sources)
        assemble(model, (deep, wide), tokenizer, (train, dev), self._configuration, sources)
        return model

    def _tokenizer(self) -> Tokenizer:
        if self._base:
            return self._base.tokenizer()
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
            sentiment_rows(None, self._polish_everyday, tokenizer, split),
        )

    def _wide(self, tokenizer: Tokenizer) -> Wide:
        path = self._work / "wide.pt"
        model = Wide(self._configuration.wide)
        if path.exists():
            model.load_state_dict(torch.load(path, weights_only=True))
            return model
        rows = sentiment_rows(self._dataset, self._wide_everyday, tokenizer, "train")
        training = train_wide(rows, self._configuration.wide, self._configuration.seed)
        first, steps, loss, model = next(training)
        curves = Curves(self._run, "wide", steps, interval=max(1, steps // _POINTS))
        with StageProgress("wide", steps, first) as progress:
            for step, _, loss, model in training:  # noqa: B007
                progress.step(step, "sentiment", loss)
                curves.step(step, "sentiment", loss)
        _finish(path, partial(torch.save, model.state_dict()))
        return model

    def _settle_steps(self, train: DeepData) -> None:
        """Turns the minutes into a number of steps, unless there is one, and records it."""
        plan = self._configuration.plan
        if not plan.polish:
            training = DeepTraining(train, self._configuration.deep, plan.for_total(1), None)
            steps = round(60 * self._minutes / training.seconds_per_step())
            plan = plan.for_polishes(steps) if self._base else plan.for_total(steps)
            self._configuration = replace(self._configuration, plan=plan)
            record(self._configuration, self._output)

    def _deep(self, train: DeepData, dev: DeepData) -> Deep:
        """The main phases once, the third several times from where they ended; the mean of the latter's weights.

        Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models improves accuracy without
        increasing inference time" (ICML 2022).
        """
        plan = self._configuration.plan
        main = self._work / "deep.pt"
        if self._base:
            _finish(main, partial(torch.save, checkpoint(self._base.deep())))
        else:
            self._train_deep("deep", plan, plan.steps, main, (train, dev))
        polished = []
        for number in range(plan.polishes):
            path = self._work / f"polish-{number}.pt"
            if not path.exists():
                _finish(path, partial(shutil.copyfile, main))
            polished.append(self._train_deep(path.stem, plan.polishing(number), plan.total, path, (train, dev)))
        return mean_of(polished)

    def _train_deep(
        self, stage: str, plan: DeepPlan, until: int, checkpoint: Path, rows: tuple[DeepData, DeepData]
    ) -> Deep:
        train, dev = rows
        deep = DeepTraining(train, self._configuration.deep, plan, checkpoint)
        curves = Curves(self._run, stage, until, plan.checkpoint)
        with StageProgress(stage, until, deep.done) as progress:
            for step, task, loss in deep.run(until):
                if step % plan.checkpoint == 0:
                    losses = deep.dev_losses(dev)
                    progress.dev(losses)
                    curves.dev(step, losses)
                progress.step(step, task, loss)
                curves.step(step, task, loss)
        return deep.model


def _finish(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside and rename, so that a result that is there is whole."""
    beside = path.with_suffix(".new")
    write(beside)
    beside.replace(path)
