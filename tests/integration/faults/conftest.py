import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.faults.deployment import CANARY, Deployment, deployed
from tests.standins.aws import use_dummy_aws
from tests.standins.comprehend import ComprehendStandIn
from tests.standins.fault_proxy import FaultProxy


@pytest.fixture
def service(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> Iterator[Deployment]:
    """A deployment of the test's own; an indirect parameter is settings besides.

    Whatever the test does to it, no text gets into logs or metrics.
    """
    caplog.set_level(logging.INFO)
    with ComprehendStandIn() as comprehend, FaultProxy(comprehend.endpoint_url) as proxy:
        use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL_COMPREHEND=proxy.endpoint_url)
        with deployed(comprehend, proxy, tmp_path, getattr(request, "param", {})) as service:
            yield service
            assert CANARY not in service.get("/metrics").text
    assert CANARY not in caplog.text
