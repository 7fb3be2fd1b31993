"""Rows of unlike lengths in one array."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.vocabulary import PAD

__all__ = ["padded"]


def padded(tokens: NDArray[Any], lengths: NDArray[np.int64], pad_to: int) -> NDArray[np.int64]:
    """Return rows of `lengths` (n,), which follow each other in `tokens`, as (n, width), padded on the right.

    The width is the greatest length, rounded up to a multiple of `pad_to`.
    """
    width = -(-int(lengths.max()) // pad_to) * pad_to
    rows = np.full((len(lengths), width), PAD, dtype=np.int64)
    rows[np.arange(width) < lengths[:, None]] = tokens
    return rows
