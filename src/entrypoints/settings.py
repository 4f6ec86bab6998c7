"""The service's settings, read from ``SENTIMENT_*`` variables of the environment once, at start."""

import difflib
import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import msgspec.inspect
import platformdirs
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

from sentiment_core.registry import ModelReference

PREFIX = "SENTIMENT_"

Switch = Literal["on", "off"]

SECRETS = frozenset({"key_pepper", "model_key", "feedback_key"})
"""Fields whose values are shown nowhere."""

MIN_SECRET = 32
"""Characters: 192 bits and more in base64."""

_is_placeholder = re.compile(r"change.?me|replace|placeholder|example|your|<|(.)\1*$", re.IGNORECASE).match


class SettingsError(Exception):
    """The environment is not in order; the message has a line for every mistake."""


def check_analyzer(spec: str) -> None:
    """Raises ValueError when the spec names no analyzer."""
    if spec not in ("embedded", "comprehend"):
        try:
            ModelReference.parse(spec)
        except ValueError:
            raise ValueError(
                "expected embedded, comprehend, or a registered model: models:/NAME@ALIAS or models:/NAME/VERSION"
            ) from None


def _check_analyzer_if_any(spec: str) -> None:
    if spec:
        check_analyzer(spec)


AnalyzerSpec = Annotated[str, Meta(extra={"check": check_analyzer})]
"""Names an analyzer: ``embedded``, ``comprehend``, or a registered model by its MLflow URI."""


NoneOrAnalyzerSpec = Annotated[str, Meta(extra={"check": _check_analyzer_if_any})]
"""Such a name, or empty."""


class Settings(Struct, frozen=True):
    """Field ``port`` is the variable ``SENTIMENT_PORT``, and so on. The descriptions are the documentation."""

    analyzer: Annotated[
        AnalyzerSpec,
        Meta(
            description="Who answers: `embedded`, the model that comes with the service; `comprehend`, Amazon's service"
            " (with the standard AWS_* variables); or a model in MLflow's registry, as `models:/sentiment@champion`,"
            " which is followed, or `models:/sentiment/3`."
        ),
    ] = "embedded"
    shadow: Annotated[
        NoneOrAnalyzerSpec,
        Meta(
            description="Another analyzer, named as in SENTIMENT_ANALYZER, which a part of the documents is asked of as"
            " well, for comparison; callers neither wait for it nor see its answers. Empty is none."
        ),
    ] = ""
    shadow_share: Annotated[float, Meta(gt=0, le=1, description="Share of the documents that the shadow is asked.")] = (
        0.1
    )
    canary: Annotated[
        NoneOrAnalyzerSpec,
        Meta(
            description="Another analyzer, named as in SENTIMENT_ANALYZER, which answers a part of the texts in place"
            " of that one. Empty is none."
        ),
    ] = ""
    canary_share: Annotated[float, Meta(gt=0, le=1, description="Share of the texts that the canary answers.")] = 0.05
    host: Annotated[str, Meta(min_length=1, description="Address that the API listens on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port that the API listens on; 0 takes any free one.")] = 8000
    data_dir: Annotated[
        str,
        Meta(description="Folder of everything that is kept (MLflow's runs, keys); empty is the user's data folder."),
    ] = ""
    keys: Annotated[
        Literal["auto", "on"],
        Meta(description="Whether requests need an API key; auto asks for one on every address but loopback."),
    ] = "auto"
    allow_no_keys: Annotated[
        bool, Meta(description="With SENTIMENT_KEYS=auto: 1 asks for no key on any address, if others guard the port.")
    ] = False
    key_pepper: Annotated[
        str, Meta(description="Secret that keys are stored with, at least 32 characters; it cannot be changed later.")
    ] = ""
    key_pepper_file: Annotated[
        str, Meta(description="File that holds the pepper, instead of SENTIMENT_KEY_PEPPER.")
    ] = ""
    feedback_key: Annotated[
        str,
        Meta(
            description="Secret that answers' ids are signed with, at least 32 characters, the same on all replicas;"
            " without one the service makes `feedback.key` in its data folder."
        ),
    ] = ""
    feedback_key_file: Annotated[
        str, Meta(description="File that holds that secret, instead of SENTIMENT_FEEDBACK_KEY.")
    ] = ""
    feedback_days: Annotated[
        int, Meta(ge=0, le=36_500, description="Days that verdicts of POST /feedback are kept; 0 keeps them.")
    ] = 365
    trusted_proxies: Annotated[
        str,
        Meta(description="Networks (CIDR, with commas between) of the proxies whose X-Forwarded-For names the caller."),
    ] = ""
    rate_per_key: Annotated[
        float, Meta(ge=0, description="Documents a second of one key, unless the key has its own; 0 is no limit.")
    ] = 100.0
    rate_per_address: Annotated[
        float, Meta(ge=0, description="Documents a second of one address from outside, without a key; 0 is no limit.")
    ] = 100.0
    embedded_model: Annotated[
        str, Meta(description="Folder of the embedded model, as `sentiment train` writes it; empty is the shipped one.")
    ] = ""
    model_key: Annotated[
        str,
        Meta(
            description="Secret, of at least 32 characters, that models are signed with; once it is set, no other model"
            " than the shipped one and those signed with it is used."
        ),
    ] = ""
    model_key_file: Annotated[str, Meta(description="File that holds that secret, instead of SENTIMENT_MODEL_KEY.")] = (
        ""
    )
    model_poll_seconds: Annotated[
        int,
        Meta(ge=1, le=86_400, description="Seconds between two looks at which version a model's alias is on."),
    ] = 10
    embedded_threads: Annotated[
        int, Meta(ge=0, le=256, description="Threads of the embedded model; 0 takes one for each core.")
    ] = 0
    comprehend_connections: Annotated[
        int, Meta(ge=3, le=256, description="Calls to Comprehend that may be under way at once.")
    ] = 48
    comprehend_single_tps: Annotated[
        float, Meta(gt=0, description="The account's quota of calls a second for one text, of each operation.")
    ] = 20.0
    comprehend_batch_tps: Annotated[
        float, Meta(gt=0, description="The account's quota of calls a second for several texts, of each operation.")
    ] = 10.0
    replicas: Annotated[
        int, Meta(ge=1, le=1000, description="Services that share the account's quota; each takes its part.")
    ] = 1
    fallback: Annotated[
        Switch, Meta(description="Whether the embedded model answers what Comprehend cannot, marked as degraded.")
    ] = "on"
    fallback_reserve_ms: Annotated[
        int,
        Meta(ge=0, le=60_000, description="Milliseconds of a deadline that are kept for the fallback, at most half."),
    ] = 500
    budget_usd_per_day: Annotated[
        float, Meta(ge=0, description="Dollars that Comprehend may cost in a UTC day, estimated; 0 is no limit.")
    ] = 0.0
    cache: Annotated[
        str,
        Meta(
            pattern=r"^(off|memory|rediss?://.+)$",
            description="Where answers are kept: off, memory, or the URL of a Redis that replicas share.",
        ),
    ] = "memory"
    cache_ttl_seconds: Annotated[int, Meta(ge=1, le=2_592_000, description="Seconds that an answer is kept.")] = 3_600
    cache_megabytes: Annotated[int, Meta(ge=1, le=100_000, description="Size of the cache in memory.")] = 32
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
    drain_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=600,
            description="Seconds after SIGTERM in which it still answers, while `/health/ready` tells a proxy to stop.",
        ),
    ] = 0
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
    def pays(self) -> bool:
        """Whether any analyzer costs money."""
        return "comprehend" in (self.analyzer, self.shadow, self.canary)

    @property
    def needs_keys(self) -> bool:
        """Whether every request for an analysis has to show a key."""
        return self.keys == "on" or not (self.allow_no_keys or is_loopback(self.host))

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
                values[field.name] = _convert(text, field)
            except (msgspec.ValidationError, ValueError) as error:
                mistakes.append(f"{variable(field)} is {printable(text)!r}: {_expected(field) or error}.")
    mistakes += [_misspelt(name) for name in given]
    settings = Settings(**values)
    mistakes += _doubled(settings)
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return settings


def alone(settings: Settings, analyzer: str) -> Settings:
    """For measuring an analyzer: nobody else answers or is asked, and no answer was given before."""
    return msgspec.structs.replace(settings, analyzer=analyzer, fallback="off", cache="off", shadow="", canary="")


def _doubled(settings: Settings) -> Iterator[str]:
    for name, spec in (("SHADOW", settings.shadow), ("CANARY", settings.canary)):
        if spec == settings.analyzer:
            yield (
                f"{PREFIX}{name} is {spec!r}, as {PREFIX}ANALYZER is: there is nothing to compare. Name another"
                " analyzer, or unset it."
            )


def pepper(settings: Settings) -> bytes:
    """The secret that keys are stored with. Raises SettingsError when there is none that deserves the name."""
    return _secret("SENTIMENT_KEY_PEPPER", "API keys are stored with", settings.key_pepper, settings.key_pepper_file)


def model_key(settings: Settings) -> bytes | None:
    """The secret that models are signed with; None when none is set. Raises SettingsError when it is a bad one."""
    if not (settings.model_key or settings.model_key_file):
        return None
    return _secret("SENTIMENT_MODEL_KEY", "models are signed with", settings.model_key, settings.model_key_file)


def feedback_key(settings: Settings) -> bytes | None:
    """The secret that answers' ids are signed with; None when none is set. Raises SettingsError for a bad one."""
    if not (settings.feedback_key or settings.feedback_key_file):
        return None
    use = "answers' ids are signed with"
    return _secret("SENTIMENT_FEEDBACK_KEY", use, settings.feedback_key, settings.feedback_key_file)


def _secret(variable: str, use: str, value: str, file: str) -> bytes:
    """What a variable holds, or the file that its sibling names."""
    if file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{variable}_FILE cannot be read: {error}.") from None
    if len(value) < MIN_SECRET or _is_placeholder(value):
        found = "a placeholder or too short" if value else "missing"
        raise SettingsError(
            f"{variable} (or the file in {variable}_FILE), the secret that {use}, is {found}."
            f" Set it to {MIN_SECRET} random characters or more: openssl rand -base64 32"
        )
    return value.encode()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a service that listens on ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _convert(text: str, field: FieldInfo) -> object:
    value = msgspec.convert(text, field.type, strict=False)
    if check := (_metadata(field).extra or {}).get("check"):
        check(value)
    return value


def _expected(field: FieldInfo) -> str:
    choices = getattr(_metadata(field).type, "values", ())
    return f"expected {' or '.join(sorted(choices))}" if choices else ""


def _misspelt(name: str) -> str:
    known = [variable(field) for field in msgspec.structs.fields(Settings)]
    close = difflib.get_close_matches(name, known, n=1)
    return f"{name} is no setting" + (
        f"; did you mean {close[0]}?" if close else "; `sentiment serve --help` lists them."
    )


def printable(text: str) -> str:
    """A setting or a URI without the password in it."""
    return re.sub(r"(//[^/@:]*):[^/@]*@", r"\1:***@", text)


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
