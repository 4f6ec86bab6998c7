"""Draws the pictures of docs/models.md: MLflow's pages of a real run, in Chromium.

    python -m ops.mlflow.draw DATA WORSE BETTER

``DATA`` is a folder of labelled texts, ``WORSE`` and ``BETTER`` are two model folders of which the second is the better
one. A small model is trained as well, on the texts of tests/life. MLFLOW_SERVER names an ``mlflow`` of the full
distribution; takes minutes.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from mlflow import MlflowClient
from mlflow.entities import RunInfo
from tests.e2e.serving import SENTIMENT, environment
from tests.life.hotel_texts import write_hotel_texts
from tests.standins.mlflow_server import mlflow_on_s3

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LIMIT = "300"
"""Texts of each task and language before the gate."""

SIZE = (1800, 900)
PAGE = "workflowType=machine_learning"
CURVES = [f"deep_loss/{task}" for task in ("entities", "phrases", "sentiment", "everyday")]


def main(data: str, worse: str, better: str) -> None:
    with tempfile.TemporaryDirectory() as folder, mlflow_on_s3(Path(folder)) as stack:
        settings = {"MLFLOW_TRACKING_URI": stack.mlflow, **stack.variables}

        def types(*command: str, may_fail: bool = False) -> None:
            print("$ sentiment", *command, flush=True)
            done = subprocess.run([str(SENTIMENT), *command], env=environment(Path(folder), **settings), check=False)
            assert may_fail or not done.returncode

        texts = write_hotel_texts(Path(folder, "texts"))
        types("train", str(texts), "--output", f"{folder}/small", "--size", "small", "--steps", "1000")
        types("models", "register", worse)
        types("models", "promote", data, "--limit", LIMIT)
        types("models", "register", better)
        types("models", "promote", data, "--limit", LIMIT)
        types("models", "register", f"{folder}/small/model")
        types("models", "promote", data, "--limit", LIMIT, may_fail=True)
        types("models", "list")
        types("evaluate", data, "--analyzer", "models:/sentiment@champion", "--limit", LIMIT)
        for name, page in pages(MlflowClient(stack.mlflow)).items():
            draw(f"{stack.mlflow}/#/{page}", IMAGES / f"mlflow-{name}.png")


def pages(client: MlflowClient) -> dict[str, str]:
    """What is drawn, by the picture's name."""
    run = _run(client, "sentiment-evaluation")
    return {
        "curves": _curves(_run(client, "sentiment-training")),
        "confusion": f"experiments/{run.experiment_id}/runs/{run.run_id}/artifacts/confusion/all.svg?{PAGE}",
        "versions": f"models/sentiment?{PAGE}",
    }


def _run(client: MlflowClient, experiment: str) -> RunInfo:
    """The latest one."""
    return client.search_runs([client.get_experiment_by_name(experiment).experiment_id])[0].info


def _curves(run: RunInfo) -> str:
    query = {"runs": [run.run_id], "metric": CURVES[0], "experiments": [run.experiment_id], "plot_metric_keys": CURVES}
    return f"metric?{urlencode({name: json.dumps(value) for name, value in query.items()})}&x_axis=step&{PAGE}"


def draw(url: str, path: Path) -> None:
    """The page is given time to ask the server and to draw itself."""
    width, height = SIZE
    how = ("--headless=new", "--no-sandbox", "--hide-scrollbars", f"--window-size={width},{height}")
    wait = ("--virtual-time-budget=60000", "--timeout=90000")
    chromium = os.environ.get("CHROMIUM", "chromium")
    subprocess.run([chromium, *how, *wait, f"--screenshot={path}", url], check=True, capture_output=True)
    print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
