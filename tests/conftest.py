import hypothesis
import pytest

pytest.register_assert_rewrite("sentiment_core.testing")

# No test is about how long it takes: its machine may have other things to do.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
