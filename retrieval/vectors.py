"""What encoders share about vectors."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def unit(vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Return the rows, (n, dimension), at length 1; a zero row stays zero."""
    # bfloat16 leaves lengths a percent off.
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
