"""The API key that every request of the load shows, so that all stacks get the same bytes; one of them looks at it."""

from sentiment_core.keys import Scope, issue

PEPPER = "the pepper of the bench, of 32 characters"
TOKEN, KEY = issue(PEPPER.encode(), name="bench", scopes=[Scope.ANALYZE], now=0.0, entropy=bytes, rate=1e6)
AUTHORIZATION = f"Bearer {TOKEN}"
