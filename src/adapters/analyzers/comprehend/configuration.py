"""Where Comprehend is and how it is reached, by the standard ``AWS_*`` variables and files."""

import os
import ssl
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.httpsession import ProxyConfiguration, get_cert_path
from botocore.utils import get_environ_proxies
from msgspec import Struct

from sentiment_core.errors import AnalyzerUnavailableError

if TYPE_CHECKING:
    from botocore.credentials import Credentials

DEFAULT_REGION = "eu-west-1"


class Configuration(Struct, frozen=True):
    """``proxy`` is a URL, ``tls`` what a certificate is checked with; None where there is none."""

    endpoint: str
    region: str
    credentials: "Credentials | None"
    proxy: str | None
    tls: ssl.SSLContext | None


def load_configuration() -> Configuration:
    """What boto3 makes of the environment.

    Looks for credentials at once, which may ask the machine's metadata service: a second or two outside AWS. Raises
    AnalyzerUnavailableError, saying what is wrong, when a variable or a file cannot be used at all.
    """
    try:
        return _load()
    except BotoCoreError as error:
        raise AnalyzerUnavailableError(f"The AWS settings cannot be used: {error}.") from error
    except OSError as error:  # ssl.SSLError is one
        raise AnalyzerUnavailableError(f"The CA bundle cannot be used: correct AWS_CA_BUNDLE ({error}).") from error
    except ValueError as error:  # botocore's word for an endpoint that is no URL; it may hold a password
        raise AnalyzerUnavailableError(
            "The AWS endpoint is not a URL: correct AWS_ENDPOINT_URL_COMPREHEND (or AWS_ENDPOINT_URL)."
        ) from error


def _load() -> Configuration:
    variables = botocore.session.Session()
    session = boto3.Session(botocore_session=variables)
    # boto3 itself knows AWS_DEFAULT_REGION only; other SDKs and AWS's own runtimes use AWS_REGION.
    region = os.environ.get("AWS_REGION") or session.region_name or DEFAULT_REGION
    # A client of boto3's finds the endpoint and the region that signatures name, by all of its rules.
    client = session.client("comprehend", region_name=region, config=Config(max_pool_connections=1))
    try:
        endpoint = client.meta.endpoint_url
        scheme = endpoint.partition(":")[0]
        return Configuration(
            endpoint=endpoint,
            region=client.meta.region_name,
            credentials=session.get_credentials(),
            proxy=ProxyConfiguration(get_environ_proxies(endpoint)).proxy_url_for(endpoint),
            tls=_tls(variables.get_config_variable("ca_bundle")) if scheme == "https" else None,
        )
    finally:
        client.close()


def _tls(ca_bundle: str | None) -> ssl.SSLContext:
    bundle = ca_bundle or os.environ.get("REQUESTS_CA_BUNDLE") or get_cert_path(True)
    return ssl.create_default_context(cafile=bundle)
