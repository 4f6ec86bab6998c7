"""Who may come in, and how often."""

import logging
import os

import httpx
import pytest
from msgspec.structs import replace

from entrypoints.api.callers import Callers, networks
from entrypoints.api.door import FAILURES_AT_ONCE, Rates
from sentiment_core.keys import ApiKey, Scope, issue
from sentiment_core.metric_names import AUTH_FAILURES, RATE_LIMITED
from sentiment_core.testing import ManualClock
from tests.unit.entrypoints.api.support import JSON, KEY, PEPPER, TOKEN, Exchange, Service, body, code_of, guarded

OUTSIDE = "203.0.113.7"
INSIDE = "10.0.0.9"
TEXT = b'{"text": "a"}'
BEARER = (b"authorization", f"Bearer {TOKEN}".encode())
WRONG = (b"authorization", f"Bearer {TOKEN[:-1]}B".encode())


async def ask(service: Service, *headers: tuple[bytes, bytes], peer: str = OUTSIDE, content: bytes = TEXT) -> Exchange:
    path = "/analyze/batch" if content.startswith(b'{"documents"') else "/analyze"
    exchange = Exchange(service.app, [body(content)], path)
    await exchange.run([*JSON, *headers], peer=peer)
    return exchange


async def get(service: Service, path: str, *headers: tuple[bytes, bytes], peer: str = OUTSIDE) -> int | None:
    exchange = Exchange(service.app, [], path)
    await exchange.run(headers, method="GET", peer=peer)
    return exchange.status


async def test_who_shows_a_key_is_answered() -> None:
    assert (await ask(guarded(), BEARER)).status == 200
    assert (await ask(guarded(), (b"authorization", f"bearer {TOKEN}".encode()))).status == 200


REFUSED = {
    "missing": (),
    "malformed": ((b"authorization", b"Basic dXNlcjpwYXNz"),),
    "two": (BEARER, BEARER),
    "unknown": ((b"authorization", b"Bearer ta_bbbbbbbb_" + b"x" * 43),),
    "wrong": (WRONG,),
    "spaces": ((b"authorization", b"Bearer  " + TOKEN.encode()),),
}


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
async def test_every_failure_has_one_and_the_same_answer(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    refused = await ask(guarded(), *headers, (b"x-request-id", b"same"))
    nothing_shown = await ask(guarded(), (b"x-request-id", b"same"))

    assert refused.status == 401
    assert (refused.body, refused.headers) == (nothing_shown.body, nothing_shown.headers)
    assert refused.headers[b"www-authenticate"].startswith(b"Bearer ")
    assert b'"code":"unauthenticated"' in refused.body


async def test_an_expired_and_a_revoked_key_are_refused_with_that_answer_too() -> None:
    for key in (replace(KEY, revoked=True), replace(KEY, expires=1.0)):
        refused = await ask(guarded(key), BEARER, (b"x-request-id", b"same"))
        assert refused.body == (await ask(guarded(), (b"x-request-id", b"same"))).body


async def test_a_body_is_not_read_before_its_sender_is_known() -> None:
    """Nor is the connection kept, over which the rest of it would come."""
    exchange = Exchange(guarded().app, [])

    await exchange.run()

    assert (exchange.status, exchange.headers[b"connection"]) == (401, b"close")


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/schema", "/schema/openapi.json", "/health/"])
async def test_health_and_the_documentation_are_open_to_all(path: str) -> None:
    assert await get(guarded(), path) == 200


@pytest.mark.parametrize("path", ["/nowhere", "/analyze", "/schema2", "/admin", "/health/more", "/analyze/batch/"])
async def test_every_other_path_is_closed_also_one_that_is_not_there(path: str) -> None:
    assert await get(guarded(), path) == 401


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "//metrics", "/metrics//"])
async def test_metrics_want_their_scope_from_outside_however_the_path_is_written(path: str) -> None:
    metrics_key = replace(KEY, scopes=frozenset({Scope.METRICS}))

    assert await get(guarded(), path) == 401
    assert await get(guarded(), path, BEARER) == 403
    assert await get(guarded(metrics_key), path, BEARER) == 200


@pytest.mark.parametrize("peer", ["127.0.0.1", INSIDE])
async def test_metrics_are_open_to_direct_peers_from_inside_only(peer: str) -> None:
    """Row 84's other half: what came through a proxy is never from inside."""
    assert await get(guarded(), "/metrics", peer=peer) == 200
    assert await get(guarded(), "/metrics", (b"x-forwarded-for", b"10.0.0.1"), peer=peer) == 401


async def test_from_inside_an_analysis_wants_a_key_all_the_same() -> None:
    assert (await ask(guarded(), peer="127.0.0.1")).status == 401


async def test_a_key_without_the_scope_is_403_and_the_answer_names_it() -> None:
    refused = await ask(guarded(replace(KEY, scopes=frozenset({Scope.METRICS}))), BEARER)

    assert refused.status == 403
    assert b"'analyze'" in refused.body


async def test_failures_are_counted_by_reason() -> None:
    service = guarded()
    for headers in REFUSED.values():
        await ask(service, *headers)
    await get(service, "/metrics", BEARER)

    counted = {reason: service.metrics.value(AUTH_FAILURES, reason) for (reason,) in AUTH_FAILURES.known}
    assert counted == {
        **dict.fromkeys(("missing", "unknown", "wrong_secret", "scope"), 1),
        "malformed": 3,
        "expired": 0,
        "revoked": 0,
    }


async def test_the_id_of_a_known_key_is_logged_and_never_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        service = guarded()
        await ask(service, WRONG)
        await ask(service, (b"authorization", b"Bearer ta_bbbbbbbb_" + b"x" * 43))
        await ask(service, BEARER)

    assert KEY.id in caplog.text
    assert "bbbbbbbb" not in caplog.text
    assert TOKEN[12:30] not in caplog.text


async def test_failures_of_one_address_are_throttled_and_nobody_elses() -> None:
    """Row 66: also a key that is good goes on being good, or whoever shares the address could be locked out."""
    clock = ManualClock()
    service = guarded(clock=clock)

    statuses = [(await ask(service, WRONG)).status for _ in range(FAILURES_AT_ONCE + 5)]

    assert statuses == [401] * FAILURES_AT_ONCE + [429] * 5
    assert service.metrics.value(RATE_LIMITED, "failures") == 5
    assert (await ask(service, WRONG, peer="203.0.113.8")).status == 401
    assert (await ask(service, BEARER)).status == 200
    clock.advance(1)
    assert (await ask(service, WRONG)).status == 401


async def test_an_address_that_is_invented_for_each_request_changes_nothing() -> None:
    """Row 67: the limit is the real peer's, or that of the hop that our own proxy wrote."""
    service = guarded(callers=Callers(networks("10.0.0.0/8")))

    def forged(number: int) -> tuple[bytes, bytes]:
        return b"x-forwarded-for", b"198.51.100.%d" % number

    direct = [(await ask(service, WRONG, forged(n))).status for n in range(FAILURES_AT_ONCE + 1)]
    through_the_proxy = [
        (await ask(service, WRONG, forged(n), (b"x-forwarded-for", b"192.0.2.1"), peer=INSIDE)).status
        for n in range(FAILURES_AT_ONCE + 1)
    ]

    assert direct == through_the_proxy == [401] * FAILURES_AT_ONCE + [429]


async def test_a_noisy_key_is_429_with_retry_after_and_the_others_are_served() -> None:
    """Row 33."""
    token, other = issue(PEPPER, name="quiet", scopes=[Scope.ANALYZE], now=0.0, entropy=os.urandom)
    service = guarded(KEY, other, rates=Rates(per_key=1))

    noisy = [await ask(service, BEARER) for _ in range(100)]
    quiet = [await ask(service, (b"authorization", f"Bearer {token}".encode())) for _ in range(10)]

    assert [exchange.status for exchange in noisy] == [200] * 10 + [429] * 90
    assert [exchange.status for exchange in quiet] == [200] * 10
    assert noisy[-1].headers[b"retry-after"] == b"1"
    assert b'"code":"rate_limited"' in noisy[-1].body
    assert service.metrics.value(RATE_LIMITED, "key") == 90


async def test_who_waits_for_retry_after_is_answered() -> None:
    clock = ManualClock()
    service = guarded(clock=clock, rates=Rates(per_key=0.1))
    assert (await ask(service, BEARER)).status == 200

    refused = await ask(service, BEARER)
    clock.advance(int(refused.headers[b"retry-after"]))

    assert (await ask(service, BEARER)).status == 200


@pytest.mark.parametrize(("own", "answered"), [(2.0, 20), (0.0, 30), (None, 10)])
async def test_a_keys_own_rate_goes_before_the_services(own: float | None, answered: int) -> None:
    service = guarded(replace(KEY, rate=own), rates=Rates(per_key=1))

    statuses = [(await ask(service, BEARER)).status for _ in range(30)]

    assert statuses.count(200) == answered


async def test_a_batch_counts_as_its_documents() -> None:
    documents = b'{"documents": [' + b", ".join([TEXT] * 50) + b"]}"
    service = guarded(rates=Rates(per_key=1))

    statuses = [(await ask(service, BEARER, content=content)).status for content in (documents, TEXT)]
    refused = await ask(service, BEARER)

    assert statuses == [200, 429]
    assert refused.headers[b"retry-after"] == b"41"


async def test_without_keys_an_address_from_outside_has_a_rate_and_one_from_inside_has_none() -> None:
    service = Service(rates=Rates(per_address=1))

    outside = [(await ask(service)).status for _ in range(11)]
    other = (await ask(service, peer="203.0.113.8")).status
    inside = [(await ask(service, peer=INSIDE)).status for _ in range(30)]
    health = [await get(service, "/health") for _ in range(30)]

    assert outside == [200] * 10 + [429]
    assert other == 200
    assert {*inside, *health} == {200}
    assert service.metrics.value(RATE_LIMITED, "address") == 1


async def test_the_answers_are_problems_like_all_others() -> None:
    service = guarded()

    def check(response: httpx.Response, status: int, code: str) -> None:
        assert (response.status_code, code_of(response)) == (status, code)

    check(await service.post("/analyze", TEXT), 401, "unauthenticated")
    scopeless: ApiKey = replace(KEY, scopes=frozenset())
    check(await guarded(scopeless).post("/analyze", TEXT, authorization=f"Bearer {TOKEN}"), 403, "forbidden")
