"""A text goes into the analyzer and into its answer, and nowhere else (rows 70 and 71)."""

import os
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest

from tests.e2e.serving import CANARY, SENTIMENT, Service, check_log, environment, serve

KEY_PEPPER = "a pepper for the canary, of 40 characters"
TEXT = f"The staff were {CANARY}, and {CANARY} is in Berlin."
BODIES = [
    f'{{"text": "{TEXT}"}}'.encode(),
    f'{{"text": "{TEXT}", "language": "auto", "features": ["entities"]}}'.encode(),
    f'{{"text": "{TEXT}", "language": "nl"}}'.encode(),
    f'{{"text": ["{TEXT}"]}}'.encode(),
    f'{{"text": "{TEXT}'.encode(),
    f'{{"text": "{TEXT}\\ud800"}}'.encode(),
    f'{{"text": "{TEXT}'.encode() + b'\xff"}',
    f'{{"text": "{TEXT * 4_000}"}}'.encode(),
    f'{{"text": "{TEXT}", "documents": 1}}'.encode(),
    f'{{"documents": [{{"text": "{TEXT}"}}, {{"text": "{TEXT}", "language": "xx"}}, "{TEXT}", 7]}}'.encode(),
    f'{{"documents": "{TEXT}"}}'.encode(),
    f'"{TEXT}"'.encode(),
    TEXT.encode(),
]
HEADERS = [
    {"content-type": "application/json"},
    {"content-type": "text/plain"},
    {"content-type": "application/json", "content-encoding": "gzip"},
    {"content-type": "application/json", "x-request-timeout-ms": "1"},
]
HOSTILE = ["a\x1b[31mb", '{"level":"error"}', "a%0d%0ab", "../../etc/passwd"]


def raw(service: Service, request: bytes) -> None:
    address = urlsplit(service.address)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass


@pytest.mark.parametrize("keys", [False, True], ids=["open", "with keys"])
def test_a_text_is_nowhere_but_in_its_answer(tmp_path: Path, keys: bool) -> None:
    settings = {"SENTIMENT_LOG_LEVEL": "debug", "SENTIMENT_TRACKING_WINDOW_SECONDS": "1"}
    token = f"ta_aaaaaaaa_{CANARY:x<43}"
    if keys:
        settings |= {"SENTIMENT_KEYS": "on", "SENTIMENT_KEY_PEPPER": KEY_PEPPER}
        token = subprocess.run(
            [str(SENTIMENT), "keys", "create", "canary", "--rate", "0"],
            capture_output=True,
            text=True,
            check=True,
            env=environment(tmp_path, **settings),
        ).stdout.strip()
    errors: list[str] = []
    answered = 0
    with serve(tmp_path, **settings) as service:
        with httpx.Client(base_url=service.address, headers={"authorization": f"Bearer {token}"}, timeout=60) as client:
            for path in ("/analyze", "/analyze/batch"):
                for headers in HEADERS:
                    for body in BODIES:
                        response = client.post(path, content=body, headers=headers)
                        answered += response.status_code == 200
                        if response.status_code != 200:
                            errors.append(response.text)
            for hostile in HOSTILE:
                head = f"X-Request-Id: {hostile}\r\nX-Forwarded-For: {hostile}\r\nUser-Agent: {hostile}\r\n"
                raw(service, f"POST /{quote(hostile)}/{CANARY} HTTP/1.1\r\nHost: test\r\n{head}\r\n".encode())
            client.get("/analyze", params={"text": TEXT})
            client.post("/analyze", content=BODIES[0], headers={**HEADERS[0], "authorization": f"Bearer {token[:-1]}_"})
            raw(service, b"POST /analyze HTTP/1.1\r\nHost: test\r\nContent-Length: 99\r\n\r\n" + BODIES[0])
            raw(service, f"{CANARY} HTTP/1.1\r\n\r\n".encode())
            metrics = client.get("/metrics").text
        assert service.stop() == 0
        log = (tmp_path / "log").read_text()

    assert answered >= 4
    check_log(log)
    assert [error for error in errors if CANARY in error] == []
    assert CANARY not in metrics
    assert CANARY not in service.banner
    for folder, _, names in os.walk(tmp_path):
        for name in names:
            content = Path(folder, name).read_bytes()
            assert CANARY.encode() not in content, name
            assert token[12:].encode() not in content, name
