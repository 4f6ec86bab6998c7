"""What every policy shares: it wraps an analyzer, and is one."""

from collections.abc import Sequence

from sentiment_core.models import Document, Options, Outcome
from sentiment_core.ports import Analyzer


class AnalyzerDecorator:
    """Forwards everything to ``inner``; a policy overrides ``analyze``. Its repr nests, like its construction."""

    def __init__(self, inner: Analyzer) -> None:
        self.inner = inner

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def model_version(self) -> str:
        return self.inner.model_version

    async def analyze(self, documents: Sequence[Document], options: Options) -> list[Outcome]:
        return await self.inner.analyze(documents, options)

    async def ready(self) -> None:
        await self.inner.ready()

    async def aclose(self) -> None:
        await self.inner.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.inner!r})"


async def analyze_rest(inner: Analyzer, prepared: Sequence[Document | Outcome], options: Options) -> list[Outcome]:
    """Has ``inner`` answer the documents among ``prepared``; what is an outcome already keeps its place."""
    rest = [item for item in prepared if isinstance(item, Document)]
    answers = iter(await inner.analyze(rest, options) if rest else ())
    return [next(answers) if isinstance(item, Document) else item for item in prepared]
