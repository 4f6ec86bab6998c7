"""The client obeys the standard AWS variables, and a mistake in them is told at start."""

from contextlib import closing

import pytest

from adapters.analyzers.comprehend.client import DEFAULT_REGION, comprehend_client
from sentiment_core.errors import AnalyzerUnavailableError
from tests.standins.aws import use_dummy_aws


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({}, DEFAULT_REGION),
        ({"AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
        ({"AWS_DEFAULT_REGION": "us-west-2", "AWS_REGION": "eu-central-1"}, "eu-central-1"),
    ],
)
def test_the_region_is_that_of_the_standard_variables(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], region: str
) -> None:
    use_dummy_aws(monkeypatch, **variables)

    with closing(comprehend_client()) as client:
        assert client.meta.region_name == region
        assert client.meta.endpoint_url == f"https://comprehend.{region}.amazonaws.com"


def test_the_endpoint_is_that_of_the_standard_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND="http://127.0.0.1:9")

    with closing(comprehend_client()) as client:
        assert client.meta.endpoint_url == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("AWS_SECRET_ACCESS_KEY", "", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_PROFILE", "nobody", "nobody"),
        ("AWS_REGION", "eu west 1", "eu west 1"),
        ("AWS_ENDPOINT_URL_COMPREHEND", "nonsense:hunter2", "AWS_ENDPOINT_URL_COMPREHEND"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    use_dummy_aws(monkeypatch, AWS_ACCESS_KEY_ID="AKIASECRET", **{variable: value})

    with pytest.raises(AnalyzerUnavailableError, match=told) as raised:
        comprehend_client()

    assert "AKIASECRET" not in str(raised.value)
    assert "hunter2" not in str(raised.value)
