"""What may go wrong with a reply of Comprehend's: each fault turns the right reply into a wrong one."""

import json
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What is sent, and how.

    ``delay`` is the seconds before the first byte, which also waits for ``gate``; ``drip`` is the seconds after each
    byte of the body. The connection is closed after ``cut_at`` bytes of the body, or reset (``aborted``) before any.
    """

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    gate: threading.Event | None = None
    drip: float = 0.0
    cut_at: int | None = None
    aborted: bool = False


Fault = Callable[[Reply], Reply]


def failed(code: str, status: int = 400, message: str = "Scripted.") -> Fault:
    """An error of the service."""
    body = json.dumps({"__type": code, "Message": message}).encode()
    return lambda _: Reply(body, status)


def throttled() -> Fault:
    return failed("ThrottlingException", message="Rate exceeded")


def raw(body: bytes, status: int = 200) -> Fault:
    """This body, whatever was asked."""
    return lambda _: Reply(body, status)


def html(status: int = 200) -> Fault:
    """A proxy's page."""
    return raw(b"<html><body>Service under maintenance</body></html>", status)


def redirected(location: str) -> Fault:
    return lambda reply: replace(reply, status=308, headers={"location": location})


def slow(seconds: float) -> Fault:
    return lambda reply: replace(reply, delay=seconds)


def hanging() -> Fault:
    """Never a byte."""
    return slow(math.inf)


def held(gate: threading.Event) -> Fault:
    """The right reply, once ``gate`` is set."""
    return lambda reply: replace(reply, gate=gate)


def dripping(seconds: float) -> Fault:
    """The right reply, ``seconds`` after each byte."""
    return lambda reply: replace(reply, drip=seconds)


def truncated() -> Fault:
    """Half of the body, then the end of the connection."""
    return lambda reply: replace(reply, cut_at=len(reply.body) // 2)


def closing() -> Fault:
    """The right reply, then the end of the connection."""
    return lambda reply: replace(reply, cut_at=len(reply.body))


def reset() -> Fault:
    """The connection is reset instead of an answer."""
    return lambda reply: replace(reply, aborted=True)


def edited(edit: Callable[[dict[str, Any]], object]) -> Fault:
    """The right reply after ``edit`` has changed its JSON in place."""

    def fault(reply: Reply) -> Reply:
        body = json.loads(reply.body)
        edit(body)
        return replace(reply, body=json.dumps(body).encode())

    return fault


def item_failed(index: int, code: str) -> Fault:
    """The document at ``index`` of a batch is among the errors, with this code."""

    def edit(body: dict[str, Any]) -> None:
        body["ResultList"] = [item for item in body["ResultList"] if item["Index"] != index]
        body["ErrorList"].append({"Index": index, "ErrorCode": code, "ErrorMessage": "Scripted."})

    return edited(edit)
