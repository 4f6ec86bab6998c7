"""POST /feedback."""

import asyncio
import os
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sentiment_core.feedback.answer_ids import AnswerIds
from sentiment_core.models import SentimentType
from sentiment_core.testing import fake_analysis
from tests.unit.entrypoints.api.support import IDS, NOW, TOKEN, Service, code_of, guarded

SAID_GOOD = fake_analysis(SentimentType.POSITIVE)
YEAR = 365 * 86_400
SERVICE = Service()


async def judge(service: Service, **body: Any) -> Any:
    return await service.post("/feedback", body)


async def test_a_verdict_is_kept_and_compared_with_the_answer() -> None:
    service, id_ = Service(), IDS.issue(SAID_GOOD)

    response = await judge(service, id=id_, sentiment="NEGATIVE")

    assert (response.status_code, response.json()) == (201, {"id": id_, "answered": "POSITIVE", "right": False})
    assert service.verdicts.kept[id_].label is SentimentType.NEGATIVE


@pytest.mark.parametrize("text", [None, "AWS provides a great service"])
async def test_a_text_is_kept_only_when_it_is_sent(text: str | None) -> None:
    service, id_ = Service(), IDS.issue(SAID_GOOD)

    await judge(service, id=id_, sentiment="POSITIVE", **({"text": text} if text else {}))

    assert service.verdicts.kept[id_].text == text


@pytest.mark.parametrize(
    ("id_", "code"),
    [
        ("", "invalid_answer_id"),
        ("5f0c2a9be14d4c375f0c2a9be14d4c37", "invalid_answer_id"),
        (IDS.issue(SAID_GOOD)[:-1], "invalid_answer_id"),
        (AnswerIds(b"other", wall_clock=lambda: NOW, entropy=os.urandom).issue(SAID_GOOD), "invalid_answer_id"),
        (AnswerIds(bytes(32), wall_clock=lambda: NOW - YEAR, entropy=os.urandom).issue(SAID_GOOD), "expired_answer_id"),
    ],
    ids=["empty", "a random number", "cut", "another key's", "a year old"],
)
async def test_an_id_that_names_no_answer_is_a_problem_that_says_so(id_: str, code: str) -> None:
    service = Service()

    response = await judge(service, id=id_, sentiment="NEGATIVE")

    assert (response.status_code, code_of(response)) == (400, code)
    assert service.verdicts.kept == {}


@pytest.mark.parametrize(
    "body",
    [
        {"sentiment": "NEGATIVE"},
        {"id": IDS.issue(SAID_GOOD)},
        {"id": IDS.issue(SAID_GOOD), "sentiment": "negative"},
        {"id": IDS.issue(SAID_GOOD), "sentiment": "GREAT"},
        {"id": 7, "sentiment": "NEGATIVE"},
        {"id": IDS.issue(SAID_GOOD), "sentiment": "NEGATIVE", "label": "NEGATIVE"},
        [],
    ],
)
async def test_a_body_of_another_shape_is_a_problem(body: Any) -> None:
    response = await Service().post("/feedback", body)

    assert (response.status_code, code_of(response)) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [("", 400, "invalid_text"), (" \n", 400, "invalid_text"), ("x" * 100_001, 413, "text_too_long")],
)
async def test_a_text_that_no_answer_can_be_about_is_a_problem(text: str, status: int, code: str) -> None:
    response = await judge(Service(), id=IDS.issue(SAID_GOOD), sentiment="NEGATIVE", text=text)

    assert (response.status_code, code_of(response)) == (status, code)


async def test_a_body_over_the_limit_is_refused() -> None:
    response = await judge(Service(), id="x" * 1_000_000, sentiment="NEGATIVE")

    assert (response.status_code, code_of(response)) == (413, "body_too_large")


async def test_when_it_cannot_be_kept_the_caller_is_told_to_come_back() -> None:
    service = Service()
    service.verdicts.away = True

    response = await judge(service, id=IDS.issue(SAID_GOOD), sentiment="NEGATIVE")

    assert (response.status_code, code_of(response)) == (503, "feedback_unavailable")
    assert response.headers["retry-after"]


async def test_it_wants_a_key_like_an_analysis() -> None:
    service, body = guarded(), {"id": IDS.issue(SAID_GOOD), "sentiment": "NEGATIVE"}

    assert code_of(await service.post("/feedback", body)) == "unauthenticated"
    assert (await service.post("/feedback", body, authorization=f"Bearer {TOKEN}")).status_code == 201


ID = IDS.issue(SAID_GOOD)
HOSTILE = st.one_of(
    st.text(),
    st.builds(lambda begin, put, end: ID[:begin] + put + ID[end:], st.integers(0, 99), st.text(), st.integers(0, 99)),
)


@given(HOSTILE, st.sampled_from([*SentimentType, "", "\x00"]), st.none() | st.text())
def test_whatever_is_sent_instead_of_an_id_is_the_callers_fault(id_: str, sentiment: str, text: str | None) -> None:
    assume(id_ != ID)

    response = asyncio.run(judge(SERVICE, id=id_, sentiment=sentiment, text=text))

    assert response.status_code == 400
    assert SERVICE.verdicts.kept == {}
