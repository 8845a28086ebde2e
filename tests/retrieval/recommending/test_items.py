"""The nearest products of each, found without sorting all."""

import numpy as np
import pytest

from retrieval.recommending.items import nearest


@pytest.mark.parametrize("count", [1, 2, 5, 40, 900])
@pytest.mark.parametrize("crowded", [False, True])
def test_the_nearest_are_exactly_the_nearest(count: int, crowded: bool) -> None:
    rng = np.random.default_rng(4)
    vectors = rng.standard_normal((count, 6)).astype(np.float32)
    if crowded:
        # A catalogue in the order of its shelves, a few of them far fuller than the others.
        vectors = np.repeat(vectors[: max(1, count // 100)], 100, axis=0)[:count]
        vectors += 0.01 * rng.standard_normal(vectors.shape).astype(np.float32)
        vectors[: len(vectors) // 20] = 0
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    found = nearest(vectors, 7).toarray()
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1.0)
    for row, held in zip(cosines, found, strict=True):
        best = np.sort(row[row > 0])[::-1][:7]
        assert np.allclose(np.sort(held[held > 0])[::-1], best, atol=1e-5)
