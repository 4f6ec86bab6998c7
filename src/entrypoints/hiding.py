"""Packages that are there and that nobody here uses: others load what is optional to them wherever they find it.

MLflow's client brings FastAPI and pydantic along, which took a seventh of the processor's time to the first answer.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hidden(*packages: str) -> Iterator[None]:
    """Meanwhile an import of the packages fails, unless they are loaded already.

    For the start of a process of our own only: nobody else is there who would use two of them together.
    """
    absent = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # the import system's sign for "not there"
    try:
        yield
    finally:
        for package in absent:
            del sys.modules[package]
