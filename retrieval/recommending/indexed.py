"""The products of a shop as the recommender wants them: facts from the store, vectors from the index."""

from collections.abc import Sequence

import numpy as np

from retrieval.dense import DenseIndex
from retrieval.product_store import ProductFacts
from retrieval.recommending.items import Items, make_items

_BATCH = 2000


def items_of(facts: Sequence[ProductFacts], dense: DenseIndex | None) -> Items:
    """Put facts and vectors together; a product without a readable text has a vector of zeros."""
    ids = [fact.id for fact in facts]
    held = {}
    for start in range(0, len(ids) if dense else 0, _BATCH):
        assert dense is not None
        held.update(dense.vectors(ids[start : start + _BATCH]))
    dimension = len(next(iter(held.values()), ()))
    vectors = np.zeros((len(ids), dimension), dtype=np.float32)
    for row, identifier in enumerate(ids):
        if identifier in held:
            vectors[row] = held[identifier]
    return make_items(
        ids,
        [fact.category for fact in facts],
        [fact.brand for fact in facts],
        vectors,
        [fact.price for fact in facts],
        [fact.arrived for fact in facts],
    )
