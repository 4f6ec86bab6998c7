"""The boto3 client, set up for a server: short timeouts, no retries, as many connections as threads."""

import os
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from sentiment_core.errors import AnalyzerUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_comprehend import ComprehendClient

THREADS = 16
"""Calls to Comprehend that may be under way at once."""

DEFAULT_REGION = "eu-west-1"


def comprehend_client(*, threads: int = THREADS) -> "ComprehendClient":
    """A client of Comprehend with ``threads`` connections, set up by the standard ``AWS_*`` variables and files.

    Looks for credentials at once, which may ask the machine's metadata service: a second or two outside AWS.
    Without any it still gives a client, whose every call fails. Raises AnalyzerUnavailableError, saying what is
    wrong, when a variable or a file cannot be used at all.
    """
    try:
        session = boto3.Session()
        # boto3 itself knows AWS_DEFAULT_REGION only; other SDKs and AWS's own runtimes use AWS_REGION.
        region = os.environ.get("AWS_REGION") or session.region_name or DEFAULT_REGION
        return session.client("comprehend", region_name=region, config=_config(threads))
    except BotoCoreError as error:
        raise AnalyzerUnavailableError(f"The AWS settings cannot be used: {error}.") from error
    except ValueError as error:  # botocore's word for an endpoint that is no URL; it may hold a password
        raise AnalyzerUnavailableError(
            "The AWS endpoint is not a URL: correct AWS_ENDPOINT_URL_COMPREHEND (or AWS_ENDPOINT_URL)."
        ) from error


def _config(threads: int) -> Config:
    return Config(
        # Retrying is a policy's, which knows the deadline; botocore would sleep in the thread.
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=1,
        read_timeout=3,
        max_pool_connections=threads,
        tcp_keepalive=True,
        user_agent="sentiment-service",  # botocore composes its own anew for each call, for some per cent of its cost
    )
