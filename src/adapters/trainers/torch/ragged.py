"""Rows of different lengths, stored flat."""

import numpy as np
from numpy.typing import NDArray

from adapters.analyzers.onnx.features import Ints


class Ragged:
    """Row ``r`` owns ``lengths[r]`` of the ``values``, in order."""

    def __init__(self, values: NDArray[np.integer], lengths: Ints) -> None:
        self.values = values
        self.lengths = lengths
        self._begins = np.cumsum(lengths) - lengths

    def padded(self, rows: Ints, width: int) -> tuple[Ints, Ints]:
        """The wanted rows as ``(rows, at most width)``, zero beyond their ends, and their lengths so cut."""
        lengths = np.minimum(self.lengths[rows], width)
        columns = np.arange(int(lengths.max(initial=1)))
        held = columns < lengths[:, None]
        index = np.where(held, self._begins[rows][:, None] + columns, 0)
        return np.where(held, self.values[index], 0).astype(np.int64), lengths

    def rows(self) -> list[NDArray[np.integer]]:
        """The values of each row."""
        return np.split(self.values, self._begins[1:])
