"""The caches and a plain dict agree under any sequence of operations."""

import asyncio
import time

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from adapters.caches.memory import MemoryCache
from adapters.caches.redis import RedisCache
from sentiment_core.testing import ManualClock, RecordingMetrics
from tests.standins.redis import RedisServer

TTL = 60.0
STEP = 25.0
"""Seconds: two steps are well within TTL and three well beyond, since Redis's own time passes besides."""

KEYS = st.sampled_from([bytes([number]) * 32 for number in range(6)])


class Agreement(RuleBasedStateMachine):
    def __init__(self, server: RedisServer) -> None:
        super().__init__()
        server.forget()
        metrics = RecordingMetrics()
        self.server = server
        self.clock = ManualClock()
        self.model: dict[bytes, tuple[float, bytes]] = {}
        self.memory = MemoryCache(max_bytes=1_000_000, ttl=TTL, clock=self.clock, metrics=metrics)
        self.redis = RedisCache(server.url, ttl=TTL, clock=time.monotonic, metrics=metrics, timeout=30)
        self.loop = asyncio.Runner()

    @rule(values=st.dictionaries(KEYS, st.binary(max_size=50)))
    def set_many(self, values: dict[bytes, bytes]) -> None:
        self.model |= {key: (self.clock() + TTL, value) for key, value in values.items()}
        self.loop.run(self.memory.set_many(values))
        self.loop.run(self.redis.set_many(values))

    @rule(keys=st.lists(KEYS))
    def get_many(self, keys: list[bytes]) -> None:
        entries = [self.model.get(key, (0.0, None)) for key in keys]
        expected = [value if end > self.clock() else None for end, value in entries]

        assert self.loop.run(self.memory.get_many(keys)) == expected
        assert self.loop.run(self.redis.get_many(keys)) == expected

    @rule()
    def pass_time(self) -> None:
        self.clock.advance(STEP)
        self.server.pass_time(STEP)

    def teardown(self) -> None:
        self.loop.run(self.redis.aclose())
        self.loop.close()


def test_memory_redis_and_a_dict_agree(shared_server: RedisServer) -> None:
    run_state_machine_as_test(
        lambda: Agreement(shared_server), settings=settings(max_examples=40, stateful_step_count=20)
    )
