"""Draws the pictures of docs/models.md: MLflow's pages of a real run, in Chromium.

    python -m ops.mlflow.draw DATA WORSE BETTER

``DATA`` is a folder of labelled texts, ``WORSE`` and ``BETTER`` are two model folders of which the second is the better
one. A small model is trained as well, on the texts of tests/life. MLFLOW_SERVER names an ``mlflow`` of the full
distribution; takes minutes.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from mlflow import MlflowClient
from tests.e2e.serving import SENTIMENT, environment
from tests.life.hotel_texts import write_hotel_texts
from tests.standins.mlflow_server import mlflow_on_s3

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LIMIT = "300"
"""Texts of each task and language before the gate."""

SIZE = (1800, 900)


def main(data: str, worse: str, better: str) -> None:
    with tempfile.TemporaryDirectory() as folder, mlflow_on_s3(Path(folder)) as stack:
        settings = {"MLFLOW_TRACKING_URI": stack.mlflow, **stack.variables}

        def types(*command: str, may_fail: bool = False) -> None:
            print("$ sentiment", *command, flush=True)
            done = subprocess.run([str(SENTIMENT), *command], env=environment(Path(folder), **settings), check=False)
            assert may_fail or not done.returncode

        texts = write_hotel_texts(Path(folder, "texts"))
        types("train", str(texts), "--output", f"{folder}/small", "--size", "small", "--steps", "300")
        types("models", "register", worse)
        types("models", "promote", data, "--limit", LIMIT)
        types("models", "register", better)
        types("models", "promote", data, "--limit", LIMIT)
        types("models", "register", f"{folder}/small/model")
        types("models", "promote", data, "--limit", LIMIT, may_fail=True)
        types("models", "list")
        types("evaluate", data, "--analyzer", "models:/sentiment@champion", "--limit", LIMIT)
        for name, page in pages(MlflowClient(stack.mlflow)).items():
            draw(f"{stack.mlflow}/#/{page}?workflowType=machine_learning", IMAGES / f"mlflow-{name}.png")


def pages(client: MlflowClient) -> dict[str, str]:
    """What is drawn, by the picture's name."""
    training, evaluation = (
        client.search_runs([client.get_experiment_by_name(f"sentiment-{name}").experiment_id])[0].info
        for name in ("training", "evaluation")
    )
    return {
        "curves": f"experiments/{training.experiment_id}/runs/{training.run_id}/model-metrics",
        "confusion": f"experiments/{evaluation.experiment_id}/runs/{evaluation.run_id}/artifacts/confusion/all.svg",
        "versions": "models/sentiment",
    }


def draw(url: str, path: Path) -> None:
    """The page is given time to ask the server and to draw itself."""
    width, height = SIZE
    how = ("--headless=new", "--no-sandbox", "--hide-scrollbars", f"--window-size={width},{height}")
    wait = ("--virtual-time-budget=30000", "--timeout=60000")
    chromium = os.environ.get("CHROMIUM", "chromium")
    subprocess.run([chromium, *how, *wait, f"--screenshot={path}", url], check=True, capture_output=True)
    print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
