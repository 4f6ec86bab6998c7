"""The standard AWS variables are obeyed, and a mistake in them is told at start."""

from pathlib import Path

import pytest

from adapters.analyzers.comprehend.configuration import DEFAULT_REGION, load_configuration
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

    configuration = load_configuration()

    assert configuration.region == region
    assert configuration.endpoint == f"https://comprehend.{region}.amazonaws.com"
    assert configuration.tls is not None
    assert configuration.proxy is None


def test_the_endpoint_is_that_of_the_standard_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND="http://127.0.0.1:9")

    assert load_configuration().endpoint == "http://127.0.0.1:9"


def test_the_endpoint_may_be_in_the_configuration_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("[default]\nregion = us-east-1\nendpoint_url = http://127.0.0.1:9\n")
    use_dummy_aws(monkeypatch, AWS_CONFIG_FILE=str(file))

    configuration = load_configuration()

    assert (configuration.endpoint, configuration.region) == ("http://127.0.0.1:9", "us-east-1")


@pytest.mark.parametrize(
    ("no_proxy", "proxy"), [("", "http://proxy.test:3128"), ("comprehend.eu-west-1.amazonaws.com", None)]
)
def test_a_proxy_is_that_of_the_endpoints_scheme_unless_it_is_to_be_passed_by(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, proxy: str | None
) -> None:
    use_dummy_aws(monkeypatch)
    monkeypatch.setenv("HTTPS_PROXY", "proxy.test:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://another.test:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)

    assert load_configuration().proxy == proxy


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("AWS_SECRET_ACCESS_KEY", "", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_PROFILE", "nobody", "nobody"),
        ("AWS_REGION", "eu west 1", "eu west 1"),
        ("AWS_CA_BUNDLE", "/nowhere.pem", "AWS_CA_BUNDLE"),
        ("AWS_ENDPOINT_URL_COMPREHEND", "nonsense:hunter2", "AWS_ENDPOINT_URL_COMPREHEND"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    use_dummy_aws(monkeypatch, AWS_ACCESS_KEY_ID="AKIASECRET", **{variable: value})

    with pytest.raises(AnalyzerUnavailableError, match=told) as raised:
        load_configuration()

    assert "AKIASECRET" not in str(raised.value)
    assert "hunter2" not in str(raised.value)
