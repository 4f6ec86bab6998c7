"""Everything in turn, while requests go on."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import httpx

from tests.integration.faults.deployment import HURRIED, TEXTS, Deployment, who_answered
from tests.standins.network_faults import (
    Blackhole,
    Corrupt,
    Cut,
    Drip,
    Fault,
    Latency,
    Refusing,
    Reset,
    SlowClose,
    Unaccepting,
)

WEATHER = (
    Fault(),
    Latency(0.05),
    Drip(0.02),
    Blackhole(),
    SlowClose(60),
    Cut(100),
    Fault(),
    Unaccepting(),
    Corrupt(100),
    Cut(0, reset=True),
    Fault(),
    Reset(),
    Refusing(),
)
ROUND = 6


def test_whatever_the_network_does_every_request_is_answered_by_somebody_who_can(service: Deployment) -> None:
    answers: list[Future[httpx.Response]] = []
    ask = partial(service.analyze, timeout_ms=HURRIED, features=["sentiment"])
    with ThreadPoolExecutor(ROUND) as callers:
        for number, fault in enumerate(WEATHER):
            service.proxy.fault = fault
            texts = TEXTS[number * ROUND :][:ROUND]
            answers += [callers.submit(ask, text) for text in texts]
            time.sleep(0.1)  # some are over by then, and the next fault befalls the others in their midst

    assert {answer.result().status_code for answer in answers} == {200}
    assert "embedded" in [who_answered(answer.result().json()) for answer in answers]
