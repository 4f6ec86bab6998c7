"""A cache never holds a text, nor a part of it."""

import time

from adapters.caches.memory import MemoryCache
from adapters.caches.redis import RedisCache
from sentiment_core.metric_names import CACHE_LOOKUPS
from sentiment_core.models import Document, Entity, EntityType, KeyPhrase, Options, SentimentType
from sentiment_core.policies.caching import CachingAnalyzer
from sentiment_core.ports import Cache
from sentiment_core.testing import FakeAnalyzer, RecordingMetrics, fake_analysis
from tests.standins.redis import RedisServer

WORDS = ("Xanthippe", "Quetzalcoatl", "Zürich", "東京タワー")
TEXT = " ".join(WORDS)


async def cached_once(cache: Cache) -> None:
    """Has the text answered twice, the second time from the cache."""
    begins = [TEXT.index(word) for word in WORDS]
    places = list(
        zip(WORDS, begins, [begin + len(word) for begin, word in zip(begins, WORDS, strict=True)], strict=True)
    )
    entities = [Entity(word, EntityType.PERSON, 0.9, begin, end) for word, begin, end in places]
    phrases = [KeyPhrase(word, 0.8, begin, end) for word, begin, end in places]
    metrics = RecordingMetrics()
    fake = FakeAnalyzer({TEXT: fake_analysis(SentimentType.POSITIVE, entities, phrases)})
    analyzer = CachingAnalyzer(fake, cache, clock=time.monotonic, metrics=metrics)

    first = await analyzer.analyze([Document(TEXT)], Options())
    second = await analyzer.analyze([Document(TEXT)], Options())

    assert first == second
    assert metrics.value(CACHE_LOOKUPS, "hit") == 1


def assert_wordless(held: bytes) -> None:
    assert held
    for word in WORDS:
        for encoding in ("utf-8", "utf-16-le", "unicode-escape", "latin-1"):
            assert word.encode(encoding, "replace") not in held


async def test_redis_holds_no_word_of_the_text(shared_server: RedisServer) -> None:
    shared_server.forget()
    cache = RedisCache(shared_server.url, ttl=60, clock=time.monotonic, metrics=RecordingMetrics(), timeout=30)
    await cached_once(cache)
    await cache.aclose()

    entries = shared_server.entries()

    assert len(entries) == 1
    assert_wordless(b"".join(key + value for key, value in entries.items()))


async def test_memory_holds_no_word_of_the_text() -> None:
    cache = MemoryCache(max_bytes=1_000_000, ttl=60, clock=time.monotonic, metrics=RecordingMetrics())
    await cached_once(cache)

    assert_wordless(b"".join(key + value for key, (_, value) in cache._entries.items()))
