"""The files by which MLflow itself loads a model: ``MLmodel``, with a signature, and an example of an input."""

import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow.entities import LoggedModel

EXAMPLE = ["The staff in Paris were wonderful."]
EXAMPLE_FILE = "input_example.json"
SERVED_FILE = "serving_input_example.json"

INPUTS = [{"type": "string", "required": True}]
"""A column without a name, so that a plain list of texts is taken."""

PARAMETERS = [{"name": "language", "type": "string", "default": "auto", "shape": None}]


def _column(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, "required": False} | more


def _items(name: str, **fields: str) -> dict[str, Any]:
    properties = {field: {"type": kind, "required": True} for field, kind in fields.items()}
    return _column(name, "array", items={"type": "object", "properties": properties})


OUTPUTS = [
    _column("language", "string"),
    _column("sentiment", "string"),
    *(_column(name, "double") for name in ("positive", "negative", "neutral", "mixed")),
    _items("entities", text="string", type="string", score="double", begin="long", end="long"),
    _items("key_phrases", text="string", score="double", begin="long", end="long"),
    _column("error", "string"),
]
"""A row a text; one that failed has its ``error`` and nothing else."""


def write_mlmodel(folder: Path, model: "LoggedModel", *, loader: str, data: str) -> None:
    """``loader`` is the module that makes a model of the files in ``data``; no file is a pickle."""
    from mlflow.models.model import MLMODEL_FILE_NAME, Model
    from mlflow.utils.yaml_utils import write_yaml

    example = {"artifact_path": EXAMPLE_FILE, "serving_input_path": SERVED_FILE, "type": "json_object"}
    mlmodel = Model(
        artifact_path=model.artifact_location,
        run_id=model.source_run_id,
        model_uuid=model.model_id,
        model_id=model.model_id,
        saved_input_example_info=example,
    )
    mlmodel.add_flavor("python_function", loader_module=loader, data=data, python_version=platform.python_version())
    signature = {"inputs": json.dumps(INPUTS), "outputs": json.dumps(OUTPUTS), "params": json.dumps(PARAMETERS)}
    written = mlmodel.to_dict() | {"signature": signature}
    write_yaml(str(folder), MLMODEL_FILE_NAME, written, ensure_yaml_extension=False)
    (folder / EXAMPLE_FILE).write_text(json.dumps(EXAMPLE), encoding="utf-8")
    (folder / SERVED_FILE).write_text(json.dumps({"inputs": EXAMPLE}, indent=2), encoding="utf-8")
