"""References to registered models."""

import pytest

from sentiment_core.registry import ModelReference, ModelVersion


@pytest.mark.parametrize(
    ("uri", "reference"),
    [
        ("models:/sentiment@champion", ModelReference("sentiment", "champion")),
        ("models:/sentiment/3", ModelReference("sentiment", 3)),
        ("models:/my.model_2-x@a-b_c.1", ModelReference("my.model_2-x", "a-b_c.1")),
    ],
)
def test_a_reference_is_read_and_printed_as_mlflow_writes_it(uri: str, reference: ModelReference) -> None:
    assert ModelReference.parse(uri) == reference
    assert str(reference) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "sentiment",
        "models:/sentiment",
        "models:/sentiment@",
        "models:/sentiment/",
        "models:/sentiment/0",
        "models:/sentiment/03",
        "models:/sentiment/latest",
        "models:/sentiment/Production",
        "models:/sentiment@latest",  # MLflow gives this name to the newest
        "models:/sentiment@v2",  # and takes this one for a version
        "models:/sentiment@7",
        "models:/m@a@b",
        "models:/../x@champion",
        "models:/a/b@champion",
        "models://sentiment/3",
        "models:/sentiment/3\n",
        "models:/m-0123/model",
        "runs:/0123/model",
        "",
    ],
)
def test_anything_else_is_refused_with_the_forms_that_are_right(uri: str) -> None:
    with pytest.raises(ValueError, match=r"models:/NAME@ALIAS.*models:/NAME/VERSION") as raised:
        ModelReference.parse(uri)

    assert str(raised.value).startswith(repr(uri))


def test_a_version_is_printed_as_answers_name_it() -> None:
    assert str(ModelVersion("sentiment", 3, frozenset(), 0.0, {})) == "sentiment/3"
