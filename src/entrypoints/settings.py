"""The service's settings, read from ``SENTIMENT_*`` variables of the environment once, at start."""

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import msgspec.inspect
import platformdirs
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

PREFIX = "SENTIMENT_"

Switch = Literal["on", "off"]


class SettingsError(Exception):
    """The environment is not in order; the message has a line for every mistake."""


class Settings(Struct, frozen=True):
    """Field ``port`` is the variable ``SENTIMENT_PORT``, and so on. The descriptions are the documentation."""

    analyzer: Annotated[
        Literal["embedded", "comprehend"],
        Meta(description="Who answers: the embedded model, or Amazon Comprehend (with the standard AWS_* variables)."),
    ] = "embedded"
    host: Annotated[str, Meta(min_length=1, description="Address that the API listens on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port that the API listens on; 0 takes any free one.")] = 8000
    data_dir: Annotated[
        str, Meta(description="Folder of everything that is kept (MLflow's runs); empty is the user's data folder.")
    ] = ""
    embedded_threads: Annotated[
        int, Meta(ge=0, le=256, description="Threads of the embedded model; 0 takes one for each core.")
    ] = 0
    comprehend_threads: Annotated[
        int, Meta(ge=3, le=256, description="Calls to Comprehend that may be under way at once.")
    ] = 16
    timeout_ms: Annotated[
        int, Meta(ge=1, le=600_000, description="Milliseconds that POST /analyze may take, unless the request says.")
    ] = 5_000
    max_timeout_ms: Annotated[
        int, Meta(ge=1, le=600_000, description="The most that a request's X-Request-Timeout-Ms can ask for.")
    ] = 30_000
    batch_timeout_ms: Annotated[
        int, Meta(ge=1, le=600_000, description="Milliseconds that POST /analyze/batch may take.")
    ] = 60_000
    max_batch_timeout_ms: Annotated[
        int, Meta(ge=1, le=600_000, description="The most that X-Request-Timeout-Ms can ask for a batch.")
    ] = 300_000
    shutdown_seconds: Annotated[
        int, Meta(ge=0, le=600, description="Seconds that requests under way have to finish after SIGTERM.")
    ] = 30
    tracking: Annotated[
        Switch,
        Meta(description="Whether the service records itself as a run in MLflow (MLFLOW_TRACKING_URI is obeyed)."),
    ] = "on"
    tracking_window_seconds: Annotated[
        int, Meta(ge=1, le=86_400, description="Seconds of traffic that one recorded point sums up.")
    ] = 60
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="The least severe log line that is written.")
    ] = "info"
    log_format: Annotated[
        Literal["auto", "json", "text"], Meta(description="Form of a log line; auto is text on a terminal, else JSON.")
    ] = "auto"

    @property
    def data_path(self) -> Path:
        return Path(self.data_dir).expanduser() if self.data_dir else Path(platformdirs.user_data_dir("sentiment"))


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment (``os.environ``), checked. Raises SettingsError naming every mistake."""
    environment = os.environ if environment is None else environment
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    values: dict[str, Any] = {}
    mistakes: list[str] = []
    for field in msgspec.structs.fields(Settings):
        if (text := given.pop(variable(field), None)) is not None:
            try:
                values[field.name] = msgspec.convert(text, field.type, strict=False)
            except msgspec.ValidationError as error:
                mistakes.append(f"{variable(field)} is {text!r}: {_expected(field) or error}.")
    mistakes += [_misspelt(name) for name in given]
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return Settings(**values)


def _expected(field: FieldInfo) -> str:
    choices = getattr(_metadata(field).type, "values", ())
    return f"expected {' or '.join(sorted(choices))}" if choices else ""


def _misspelt(name: str) -> str:
    known = [variable(field) for field in msgspec.structs.fields(Settings)]
    close = difflib.get_close_matches(name, known, n=1)
    return f"{name} is no setting" + (
        f"; did you mean {close[0]}?" if close else "; `sentiment serve --help` lists them."
    )


def variable(field: FieldInfo) -> str:
    """The name of the environment's variable of a field."""
    return PREFIX + field.name.upper()


def describe_settings() -> Iterator[tuple[str, str, str]]:
    """(variable, default, description) of every setting."""
    for field in msgspec.structs.fields(Settings):
        yield variable(field), str(field.default), (_metadata(field).extra_json_schema or {})["description"]


def _metadata(field: FieldInfo) -> msgspec.inspect.Metadata:
    kind = msgspec.inspect.type_info(field.type)
    if not isinstance(kind, msgspec.inspect.Metadata):
        raise TypeError(f"the setting {field.name} needs a description")
    return kind
