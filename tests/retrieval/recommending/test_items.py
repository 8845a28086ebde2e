"""The nearest products of each, found without sorting all."""

import numpy as np
import pytest

from retrieval.recommending.items import nearest
from tests.retrieval.recommending.makers import make_shop


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


def test_other_prices_keep_what_was_worked_out_of_the_products() -> None:
    items = make_shop(2, 3)
    near = items.neighbours
    dearer = items.priced([None, 1.0, 2.0, 3.0, 4.0, 5.0])
    assert dearer.neighbours is near
    assert np.isnan(dearer.prices[0]) and dearer.prices[5] == 5.0
    plain = items.without_neighbours()
    assert plain.neighbours.nnz == plain.close.nnz == 0
    assert items.neighbours.nnz
