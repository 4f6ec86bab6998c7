"""LitServe with batching: ``python -m bench.stacks.litserve PORT``.

Texts are validated by the type of what ``decode_request`` takes, which FastAPI checks before there is a batch. Without
any ``batch_timeout`` the model's process asks its queue without a pause, and the HTTP server would get no core.
"""

import sys
from typing import Annotated, Any

import litserve
from pydantic import BaseModel, Field

from bench.stacks.embedded import MAX_BATCH, MAX_CHARACTERS, WAIT_S, Model


class AnalyzeRequest(BaseModel):
    """A text to analyze."""

    text: Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]


class Analysis(litserve.LitAPI):
    """One process for the model, which gets its requests from that of the HTTP server."""

    def setup(self, device: str) -> None:
        self._model = Model()

    def decode_request(self, request: AnalyzeRequest) -> str:
        return request.text

    def predict(self, texts: list[str]) -> list[dict[str, Any]]:
        return self._model(texts)

    def encode_response(self, output: dict[str, Any]) -> dict[str, Any]:
        return output


if __name__ == "__main__":
    api = Analysis(max_batch_size=MAX_BATCH, batch_timeout=WAIT_S, api_path="/analyze")
    server = litserve.LitServer(api, accelerator="cpu", fast_queue=True)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", generate_client_file=False)
