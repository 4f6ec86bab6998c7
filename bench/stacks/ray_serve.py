"""Ray Serve with dynamic request batching: ``python -m bench.stacks.ray_serve PORT``.

FastAPI is the ingress, which validates texts before there is a batch
(https://docs.ray.io/en/latest/serve/advanced-guides/dyn-req-batch.html).
"""

import sys
from typing import Annotated, Any

import ray
from fastapi import FastAPI
from pydantic import BaseModel, Field
from ray import serve
from ray.serve.schema import LoggingConfig

from bench.stacks.embedded import MAX_BATCH, MAX_CHARACTERS, WAIT_S, Model

CALLERS = 128
"""Requests that the one replica may have; as shipped it takes 5, of which no batch could be made."""

STORE_BYTES = 80_000_000
"""Of shared memory, nearly the least that Ray takes; nothing here is kept in it."""

app = FastAPI()


class AnalyzeRequest(BaseModel):
    """A text to analyze."""

    text: Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]


@serve.deployment(max_ongoing_requests=CALLERS)
@serve.ingress(app)
class Analysis:
    """One replica; the proxy and Ray's own processes are on the same core."""

    def __init__(self) -> None:
        self._model = Model()

    @app.post("/analyze")
    async def analyze(self, request: AnalyzeRequest) -> dict[str, Any]:
        """The answer to one text, from the batch that it gets into."""
        return await self._batch(request.text)

    @serve.batch(max_batch_size=MAX_BATCH, batch_wait_timeout_s=WAIT_S)
    async def _batch(self, texts: list[str]) -> list[dict[str, Any]]:
        return self._model(texts)


if __name__ == "__main__":
    ray.init(
        num_cpus=1,
        include_dashboard=False,
        object_store_memory=STORE_BYTES,
        log_to_driver=False,
        _node_ip_address="127.0.0.1",
    )
    serve.start(
        http_options={"host": "127.0.0.1", "port": int(sys.argv[1])},
        logging_config=LoggingConfig(log_level="WARNING", enable_access_log=False),
    )
    serve.run(Analysis.bind(), blocking=True)
