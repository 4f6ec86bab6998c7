"""The two branches of sentiment are blended for what they are worth."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from adapters.analyzers.onnx.bundle import Blend
from adapters.trainers.torch import blending
from adapters.trainers.torch.blending import SHARES, fit_blend
from adapters.trainers.torch.wide import WideConfiguration

ROWS = 2_000
RANDOM = np.random.default_rng(5)
LABELS = RANDOM.integers(0, 4, ROWS)
KNOWING = (2.0 * np.eye(4)[LABELS] + RANDOM.normal(size=(ROWS, 4))).astype(np.float32)
GUESSING = RANDOM.normal(size=(ROWS, 4)).astype(np.float32)


def blended(monkeypatch: pytest.MonkeyPatch, wide: Any, deep: Any) -> Blend:
    """What is fitted when the branches say so, of rows in two languages."""
    monkeypatch.setattr(blending, "_logits", lambda *_: iter([(wide, deep)]))
    rows: Any = SimpleNamespace(labels=LABELS, texts=SimpleNamespace(languages=np.arange(ROWS) % 2))
    session: Any = None
    return fit_blend(session, rows, WideConfiguration())


@pytest.mark.parametrize(("wide", "deep", "share"), [(GUESSING, KNOWING, SHARES[0]), (KNOWING, GUESSING, SHARES[-1])])
def test_a_branch_that_guesses_gets_the_smallest_share(
    monkeypatch: pytest.MonkeyPatch, wide: Any, deep: Any, share: float
) -> None:
    blend = blended(monkeypatch, wide, deep)

    assert blend.wide / (blend.wide + blend.deep) == pytest.approx(share)


def test_branches_that_are_too_sure_are_tempered_by_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    calm, sure = (blended(monkeypatch, scale * KNOWING, scale * KNOWING) for scale in (1, 5))

    assert sure.wide + sure.deep == pytest.approx((calm.wide + calm.deep) / 5, rel=0.01)


def test_only_mixed_has_a_bias(monkeypatch: pytest.MonkeyPatch) -> None:
    blend = blended(monkeypatch, KNOWING, KNOWING - np.array([0, 0, 0, 3], np.float32))

    assert blend.bias[:3] == (0.0, 0.0, 0.0)
    assert blend.bias[3] > 0.1
