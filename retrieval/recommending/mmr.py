"""A list that isn't ten of a kind: maximal marginal relevance over vectors and categories."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from retrieval.recommending.items import Items

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAME_CATEGORY = 0.35
"""How alike two products are at least that share a category; their vectors may say more."""


class Limit(NamedTuple):
    """At most `most` of the products that `places` marks, of shape (n,), while there are others."""

    places: "NDArray[np.bool_]"
    most: int


def varied(
    items: Items,
    rows: "NDArray[np.int64]",
    relevance: "NDArray[np.float64]",
    k: int,
    weight: float,
    limits: Sequence[Limit] = (),
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
    left = np.ones(len(rows), dtype=bool)
    while len(chosen) < min(k, len(rows)):
        within = left.copy()
        for limit in limits:
            if np.count_nonzero(limit.places[chosen]) >= limit.most:
                within &= ~limit.places
        value = np.where(within if within.any() else left, (1 - weight) * scaled - weight * alike, -np.inf)
        best = int(np.argmax(value))
        chosen.append(best)
        left[best] = False
        same = (categories == categories[best]) & (categories >= 0)
        alike = np.maximum(alike, np.maximum(vectors @ vectors[best], _SAME_CATEGORY * same))
    return chosen


def limits_of(
    items: Items, rows: "NDArray[np.int64]", k: int, seen: Collection[int], had: Collection[int]
) -> list[Limit]:
    """Return what keeps a list of k from telling people what they know: rows that they looked at (`seen`) or `had`.

    A quarter may be what was looked at, three quarters that or what was had, and half of one category.
    """
    known, looked_at = np.isin(rows, list(had)), np.isin(rows, list(seen))
    categories = items.categories[rows]
    kinds = (Limit(categories == code, -(-k // 2)) for code in np.unique(categories[categories >= 0]))
    return [Limit(looked_at, max(1, k // 4)), Limit(known | looked_at, max(1, 3 * k // 4)), *kinds]
