"""A signature is botocore's own, whatever is signed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.analyzers.comprehend.signing import CONTENT_TYPE, TARGET, Signer

SECRETS = st.text("abcdefXYZ0189+/=", min_size=1, max_size=40)
CREDENTIALS = st.builds(Credentials, SECRETS, SECRETS, st.none() | SECRETS)
HOSTS = st.sampled_from(["comprehend.eu-west-1.amazonaws.com", "127.0.0.1", "[::1]", "user:word@vpce.test"])
ENDPOINTS = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https"]),
    HOSTS,
    st.sampled_from(["", ":80", ":443", ":4566"]),
    st.sampled_from(["", "/", "/a", "/a/b/", "/a b", "/a%20b", "/./a/../c"]),
)
SECONDS = st.integers(0, 4_000_000_000)


def _by_botocore(
    endpoint: str, region: str, operation: str, body: bytes, credentials: ReadOnlyCredentials, now: float
) -> Mapping[str, str]:
    headers = {"Content-Type": CONTENT_TYPE, "X-Amz-Target": TARGET + operation}
    request = AWSRequest("POST", f"{endpoint.rstrip('/')}/", headers, body)
    moment = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
    with mock.patch("botocore.auth.get_current_datetime", return_value=moment):
        SigV4Auth(credentials, "comprehend", region).add_auth(request)
    return dict(request.headers.items())


@given(ENDPOINTS, st.sampled_from(["eu-west-1", "us-gov-east-1"]), st.binary(max_size=100), CREDENTIALS, SECONDS)
@example("http://127.0.0.1:80", "eu-west-1", b"{}", Credentials("key", "secret", "token"), 86_399)
def test_headers_are_those_that_botocore_would_send(
    endpoint: str, region: str, body: bytes, credentials: Credentials, now: int
) -> None:
    frozen = credentials.get_frozen_credentials()

    ours = dict(Signer(endpoint, region, lambda: now).headers("BatchDetectSentiment", body, frozen))

    theirs = _by_botocore(endpoint, region, "BatchDetectSentiment", body, frozen, now)
    assert ours.pop("Host")
    assert ours == theirs


def test_a_key_holds_for_a_day_and_for_its_secret() -> None:
    now = 86_399.0
    signer = Signer("https://comprehend.test", "eu-west-1", lambda: now)
    one, other = Credentials("a", "one").get_frozen_credentials(), Credentials("a", "other").get_frozen_credentials()

    def signed(credentials: ReadOnlyCredentials) -> str:
        return signer.headers("DetectSentiment", b"{}", credentials)["Authorization"]

    first, others, again = signed(one), signed(other), signed(one)
    now += 1
    tomorrow = signed(one)

    assert first == again
    assert len({first, others, tomorrow}) == 3
    assert "19700102" in tomorrow
