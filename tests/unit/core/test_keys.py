"""API keys: what is made, what is kept, and what is let through."""

import hashlib
import hmac
import os
import re

import pytest
from msgspec.structs import replace

from sentiment_core.keys import ApiKey, KeyRefusedError, KeyRing, Scope, issue

PEPPER = b"p" * 32
NOW = 1_000.0


def made(**details: float) -> tuple[bytes, ApiKey]:
    token, key = issue(PEPPER, name="shop", scopes=[Scope.ANALYZE], now=NOW, entropy=os.urandom, **details)
    return token.encode(), key


def reason(ring: KeyRing, token: bytes, now: float = NOW) -> str:
    with pytest.raises(KeyRefusedError) as caught:
        ring.find(token, now)
    return caught.value.reason


def test_a_key_is_a_prefix_an_id_of_8_and_a_secret_of_43_characters() -> None:
    token, key = made()

    assert re.fullmatch(rb"ta_[a-z2-7]{8}_[A-Za-z0-9_-]{43}", token)
    assert token.split(b"_")[1].decode() == key.id


def test_what_is_kept_is_an_hmac_of_the_token_and_holds_nothing_of_its_secret() -> None:
    token, key = made()

    assert key.digest == hmac.new(PEPPER, token, hashlib.sha256).digest()
    assert token[12:].decode() not in repr(key)


def test_no_two_keys_are_the_same() -> None:
    tokens = {made()[0] for _ in range(100)}

    assert len(tokens) == 100


def test_the_secret_has_256_bits_of_the_entropy_it_is_given() -> None:
    asked: list[int] = []

    def entropy(count: int) -> bytes:
        asked.append(count)
        return bytes(count)

    issue(PEPPER, name="", scopes=[], now=NOW, entropy=entropy)

    assert asked == [5, 32]


def test_a_known_key_is_found() -> None:
    token, key = made()

    assert KeyRing(PEPPER, [key]).find(token, NOW) == key


@pytest.mark.parametrize("place", [3, 10, 12, 30, 54])
def test_no_character_of_a_key_may_be_another(place: int) -> None:
    token, key = made()
    other = bytearray(token)
    other[place] = ord("a") if other[place] != ord("a") else ord("b")

    assert reason(KeyRing(PEPPER, [key]), bytes(other)) == ("unknown" if place < 11 else "wrong_secret")


@pytest.mark.parametrize(
    "token", [b"", b"ta_", b"ta_aaaaaaaa_", b"ta_aaaaaaaa_" + b"x" * 44, b"TA_aaaaaaaa_" + b"x" * 43, b"\xff" * 55]
)
def test_what_is_no_key_is_malformed(token: bytes) -> None:
    assert reason(KeyRing(PEPPER), token) == "malformed"


def test_under_another_pepper_no_key_is_good() -> None:
    token, key = made()

    assert reason(KeyRing(b"q" * 32, [key]), token) == "wrong_secret"


def test_a_digest_is_of_no_use_under_another_id() -> None:
    token, key = made()
    moved = replace(key, id="aaaaaaaa")

    assert reason(KeyRing(PEPPER, [moved]), b"ta_aaaaaaaa" + token[11:]) == "wrong_secret"


def test_a_key_is_good_until_the_instant_it_expires() -> None:
    token, key = made(expires=NOW + 10)
    ring = KeyRing(PEPPER, [key])

    assert ring.find(token, NOW + 9.9) == key
    assert reason(ring, token, NOW + 10) == "expired"
    assert (ring.usable(NOW), ring.usable(NOW + 10)) == (1, 0)


def test_a_revoked_key_is_refused_and_only_who_has_its_secret_is_told_why() -> None:
    token, key = made()
    ring = KeyRing(PEPPER, [replace(key, revoked=True)])

    assert reason(ring, token) == "revoked"
    assert reason(ring, token[:-1] + b"-") == "wrong_secret"
    assert ring.usable(NOW) == 0


def test_replacing_the_keys_forgets_those_that_are_gone() -> None:
    token, key = made()
    ring = KeyRing(PEPPER, [key])

    ring.replace([])

    assert reason(ring, token) == "unknown"
    assert ring.usable(NOW) == 0
