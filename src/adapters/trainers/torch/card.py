"""The model card, rendered from manifest, figures and a list of errors, so that it cannot say what they do not."""

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from adapters.analyzers.onnx.bundle import Manifest, read_manifest
from sentiment_core.evaluation import Evaluation, headline
from sentiment_core.evaluation.figures import Headline, SpanFigures, pooled_calibration
from sentiment_core.evaluation.plots import calibration_plot
from sentiment_core.model_folder import ModelFolder

CARD = "MODEL_CARD.md"
FIGURES = "figures.json"
ERRORS = "errors.json"
PLOT = "calibration.svg"

_NOT_LOOKED_AT = "No list of single errors has been drawn up yet."
_HEADLINES = ("sentiment_macro_f1", "sentiment_accuracy", "calibration_error", "entities_f1", "key_phrases_f1")


class ErrorKind(Struct, frozen=True):
    """Errors of one kind among those that a person has looked at, with one of them."""

    kind: str
    errors: int
    example: str


Errors = Mapping[str, Sequence[ErrorKind]]
"""By task; a person writes it as ``errors.json`` beside the model."""


def write_card(model: Path) -> None:
    """Write the card and its plot from what lies in a model folder; ``errors.json`` may be absent."""
    manifest = read_manifest(ModelFolder(model))
    evaluation = msgspec.json.decode((model / FIGURES).read_bytes(), type=Evaluation)
    errors: Errors = {}
    if (model / ERRORS).exists():
        errors = msgspec.json.decode((model / ERRORS).read_bytes(), type=dict[str, list[ErrorKind]])
    (model / PLOT).write_text(calibration_plot(pooled_calibration(evaluation)), encoding="utf-8")
    (model / CARD).write_text(render_card(manifest, evaluation, errors), encoding="utf-8")


def render_card(manifest: Manifest, evaluation: Evaluation, errors: Errors) -> str:
    """The card's Markdown."""
    template = (files(__package__) / "card.md").read_text(encoding="utf-8")
    return template.format(
        version=manifest.model_version,
        note=manifest.made.get("note", ""),
        split=evaluation.split,
        size=f"{sum(file.size for file in manifest.files.values()) / 1e6:.1f}",
        figures=_figures(evaluation),
        files=_files(manifest),
        speed=_number(evaluation.mean.texts_per_second, places=0),
        errors="\n\n".join(_errors(task, kinds) for task, kinds in errors.items()) or _NOT_LOOKED_AT,
        types=_types(evaluation),
        sources="\n\n".join(_sources(task, used) for task, used in _made(manifest, "sources").items()),
        risks=_risks(_made(manifest, "sources")),
        configuration=json.dumps(_made(manifest, "configuration"), indent=2),
        blend=f"{manifest.blend.wide:.3f} * wide + {manifest.blend.deep:.3f} * deep",
        mixed=f"{manifest.blend.bias[3]:+.3f}",
        sharpness=f"entities {manifest.entities.sharpness:.2f}, key phrases {manifest.phrases.sharpness:.2f}",
        weakest=_weakest(evaluation),
    )


def _made(manifest: Manifest, key: str) -> dict[str, Any]:
    return dict(msgspec.convert(manifest.made[key], dict[str, Any]))


def _figures(evaluation: Evaluation) -> str:
    """A row for each language with the number of its texts, and the mean."""
    rows = [
        [
            language,
            *_cells(headline(each)),
            _texts(each.sentiment),
            _texts(each.entities),
            _texts(each.key_phrases),
        ]
        for language, each in evaluation.languages.items()
    ]
    names = ["language", "sentiment, 3 classes, macro-F1", "4 classes, accuracy", "ECE", "entities F1", "phrases F1"]
    return _table(
        [*names, "sentiment texts", "entity texts", "phrase texts"], [*rows, ["mean", *_cells(evaluation.mean)]]
    )


def _cells(figures: Headline) -> list[str]:
    return [_number(getattr(figures, name)) for name in _HEADLINES]


def _types(evaluation: Evaluation) -> str:
    """A row for each type of entity, over all languages."""
    rows = [[str(kind), *_span_cells(each)] for kind, each in evaluation.entity_types.items()]
    return _table(["type", "texts", "entities", "precision", "recall", "F1"], rows)


def _span_cells(figures: SpanFigures) -> list[str]:
    scores = (figures.precision, figures.recall, figures.f1)
    return [str(figures.texts), str(figures.gold), *map(_number, scores)]


def _files(manifest: Manifest) -> str:
    """A row for each file that is served."""
    return _table(["file", "MB"], [[name, f"{file.size / 1e6:.1f}"] for name, file in manifest.files.items()])


def _errors(task: str, kinds: Sequence[ErrorKind]) -> str:
    looked_at = sum(each.errors for each in kinds)
    rows = [[each.kind, str(each.errors), each.example] for each in kinds]
    return f"{task.capitalize()}, {looked_at} errors looked at:\n\n{_table(['kind', 'errors', 'for example'], rows)}"


def _sources(task: str, used: Iterable[Mapping[str, Any]]) -> str:
    rows = [[each["name"], each["licence"], each["stated"], each["repository"], str(each["rows"])] for each in used]
    return f"### {task.capitalize()}\n\n{_table(['source', 'class', 'licence as stated', 'repository', 'rows'], rows)}"


def _risks(sources: Mapping[str, Iterable[Mapping[str, Any]]]) -> str:
    """The names of the sources whose licence is unstated."""
    names = {each["name"] for used in sources.values() for each in used if each["licence"] == "unstated"}
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"


def _weakest(evaluation: Evaluation) -> str:
    """The weakest language of each task and the weakest types, in a sentence."""
    headlines = {language: headline(figures) for language, figures in evaluation.languages.items()}
    tasks = {"sentiment": "sentiment_macro_f1", "entities": "entities_f1", "key phrases": "key_phrases_f1"}
    lowest = []
    for task, name in tasks.items():
        scores = {
            language: getattr(each, name) for language, each in headlines.items() if getattr(each, name) is not None
        }
        if scores:
            language = min(scores, key=scores.__getitem__)
            lowest.append(f"{task} in {language} ({scores[language]:.2f})")
    types = sorted(evaluation.entity_types.items(), key=lambda item: item[1].f1)[:2]
    named = [f"{kind} ({figures.f1:.2f})" for kind, figures in types]
    return f"Weakest are {', '.join(lowest)}; of the types {', '.join(named)}."


def _table(names: list[str], rows: Iterable[list[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _texts(figures: Any) -> str:
    return str(figures.texts) if figures else ""


def _number(value: float | None, places: int = 3) -> str:
    return "" if value is None else f"{value:,.{places}f}"
