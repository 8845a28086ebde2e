"""A list that isn't ten of a kind: maximal marginal relevance over vectors and categories."""

from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.items import Items

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAME_CATEGORY = 0.35
"""How alike two products are at least that share a category; their vectors may say more."""


def varied(
    items: Items, rows: "NDArray[np.int64]", relevance: "NDArray[np.float64]", k: int, weight: float
) -> "list[int]":
    """Return the places in `rows` of at most k products, in the order in which to show them.

    `relevance` is scaled to 0 … 1 here; `weight` from 0 (relevance alone) to 1 (difference alone).
    """
    if not len(rows):
        return []
    low, high = float(relevance.min()), float(relevance.max())
    scaled = (relevance - low) / (high - low) if high > low else np.ones(len(rows))
    vectors, categories = items.vectors[rows], items.categories[rows]
    alike = np.zeros(len(rows))
    chosen: list[int] = []
    open_ = np.ones(len(rows), dtype=bool)
    while len(chosen) < min(k, len(rows)):
        value = np.where(open_, (1 - weight) * scaled - weight * alike, -np.inf)
        best = int(np.argmax(value))
        chosen.append(best)
        open_[best] = False
        same = (categories == categories[best]) & (categories >= 0)
        alike = np.maximum(alike, np.maximum(vectors @ vectors[best], _SAME_CATEGORY * same))
    return chosen
