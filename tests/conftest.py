import pytest

pytest.register_assert_rewrite("sentiment_core.testing")
