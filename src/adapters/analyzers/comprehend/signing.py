"""AWS Signature Version 4 of the calls to one endpoint."""

import hashlib
import hmac
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from botocore.utils import normalize_url_path

from sentiment_core.ports import WallClock

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials

SERVICE = "comprehend"
CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET = "Comprehend_20171127."
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Signer:
    """What ``botocore.auth.SigV4Auth`` computes, for a twelfth of its processor time: all but the body is known.

    Everything that a call differs in is its operation, its body, the second and the credentials; the key that these
    sign with holds for a day.
    """

    def __init__(self, endpoint: str, region: str, wall_clock: WallClock = time.time) -> None:
        parts = urlsplit(endpoint)
        self.path = f"{parts.path.rstrip('/')}/"
        host, port = parts.netloc.rpartition("@")[2], parts.port
        default = port == _DEFAULT_PORTS.get(parts.scheme)
        self._host = host.removesuffix(f":{port}") if default else host
        self._canonical_path = quote(normalize_url_path(self.path), safe="/~")
        self._region = region
        self._wall_clock = wall_clock

    def headers(self, operation: str, body: bytes, credentials: "ReadOnlyCredentials") -> Mapping[str, str]:
        """All headers that a ``POST`` of ``body`` must have."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._wall_clock()))
        headers = {
            "Content-Type": CONTENT_TYPE,
            "Host": self._host,
            "X-Amz-Date": stamp,
            **({"X-Amz-Security-Token": credentials.token} if credentials.token else {}),
            "X-Amz-Target": TARGET + operation,
        }  # in the order of their names, as they are signed
        names = ";".join(headers).lower()
        lines = "".join([f"{name.lower()}:{value}\n" for name, value in headers.items()])
        request = f"POST\n{self._canonical_path}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{stamp[:8]}/{self._region}/{SERVICE}/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = _signing_key(credentials.secret_key, stamp[:8], self._region)
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, SignedHeaders={names}, "
            f"Signature={_digest(key, to_sign).hex()}"
        )
        return headers


@lru_cache(maxsize=4)
def _signing_key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, SERVICE, "aws4_request"):
        key = _digest(key, part)
    return key


def _digest(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")
