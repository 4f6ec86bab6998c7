"""A Hugging Face export as it is served: with the shipped model, here a tiny one, for what it does not answer."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.analyzers.onnx import model
from entrypoints.container import build_container
from entrypoints.settings import Settings
from sentiment_core.ports import Analyzer
from sentiment_core.testing import AnalyzerContract
from tests.tiny_exports import staged, write_sentiments, write_tags
from tests.tiny_models import write_model


class _ExportContract(AnalyzerContract):
    write: Callable[[Path], Path]

    @asynccontextmanager
    async def open_analyzer(self) -> AsyncIterator[Analyzer]:
        with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
            folder = Path(name)
            patch.setattr(model, "PACKAGED", write_model(folder / "shipped", 1.0, "shipped-1"))
            export = staged(type(self).write(folder / "export"), folder / "staged")
            analyzer = build_container(Settings(embedded_model=str(export), embedded_threads=1)).embedded()
            assert analyzer.model_version == "export with shipped-1"
            try:
                yield analyzer
            finally:
                await analyzer.aclose()


class TestSequenceClassification(_ExportContract):
    write = staticmethod(write_sentiments)


class TestTokenClassification(_ExportContract):
    write = staticmethod(write_tags)
