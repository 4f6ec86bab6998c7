"""What is hidden is not there, for as long as it is hidden."""

import importlib
import sys

import pytest

from entrypoints.hiding import hidden


def test_a_package_is_not_there_while_it_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this", raising=False)

    with hidden("this"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("this")

    assert importlib.import_module("this")


def test_a_package_that_is_loaded_stays() -> None:
    with hidden("json"):
        assert importlib.import_module("json") is sys.modules["json"]

    assert sys.modules["json"]


def test_what_was_hidden_is_there_again_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this", raising=False)

    with pytest.raises(RuntimeError), hidden("this"):
        raise RuntimeError

    assert importlib.import_module("this")
