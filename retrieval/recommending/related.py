"""Two questions about one product: what can take its place, and what goes with it."""

from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.fitted import Fitted
from retrieval.recommending.schema import Reason, Suggestion

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEEP = 40
_LEAST_ALIKE = 0.35
"""Cosine from which on two products of no known category are of one kind."""
_TOO_ALIKE = 0.8
"""Cosine from which on a product could take the other's place, whatever their categories."""
_SURE = 2
"""Customers that must have bought both before it is said that they go together."""
_LITTLE = 1.0
"""Expected buyers of both kinds that say no more than that nothing is known."""
_MOST_LIFT = 4.0


def substitutes(fitted: Fitted, product_id: str, cheaper: bool = False) -> list[Suggestion]:
    """Return what can take a product's place, the most alike first; nothing for a product that isn't there."""
    items = fitted.items
    row = items.rows.get(product_id)
    if row is None:
        return []
    cosines = items.vectors @ items.vectors[row]
    same = (items.categories == items.categories[row]) & (items.categories[row] >= 0)
    kind = same if items.categories[row] >= 0 else cosines >= _LEAST_ALIKE
    kind = kind.copy()
    kind[row] = False
    if cheaper:
        # An unknown price is no lower price.
        kind &= np.nan_to_num(items.prices, nan=np.inf) < items.prices[row]
    found = np.flatnonzero(kind)
    scores = cosines[found] + 0.05 * np.log1p(fitted.popularity.lately[found])
    order = np.argsort(-scores, kind="stable")[:_DEEP]
    reason = Reason(kind="cheaper" if cheaper else "similar", product_id=product_id)
    return [
        Suggestion(product_id=items.ids[found[place]], score=float(scores[place]), reason=reason) for place in order
    ]


def complements(fitted: Fitted, product_id: str) -> list[Suggestion]:
    """Return what is taken together with a product, the surest first; nothing for a product that isn't there.

    First what its buyers bought; then what buyers of the products most like it bought.
    """
    items, tables = fitted.items, fitted.together
    row = items.rows.get(product_id)
    if row is None:
        return []
    counts = tables.bought[[row]].toarray().ravel()
    own = (tables.following[[row]] + tables.preceding[[row]]).toarray().ravel() / np.sqrt(tables.totals + 1)
    alike = items.close[[row]] @ (tables.following + tables.preceding)
    borrowed = alike.toarray().ravel() / np.sqrt(tables.totals + 1)
    scores = own + counts / np.sqrt(fitted.popularity.buyers + 1) + 0.2 * borrowed
    scores[items.vectors @ items.vectors[row] >= _TOO_ALIKE] = 0
    if items.categories[row] >= 0:
        scores[items.categories == items.categories[row]] = 0
    scores[row] = 0
    scores *= _of_kinds(fitted, row, counts)
    found = np.flatnonzero(scores > 0)
    order = found[np.argsort(-scores[found], kind="stable")][:_DEEP]
    return [
        Suggestion(product_id=items.ids[other], score=float(scores[other]), reason=_together(counts[other], product_id))
        for other in order
    ]


def _of_kinds(fitted: Fitted, row: int, counts: "NDArray[np.float32]") -> "NDArray[np.float64]":
    """Return, for every product, how much more often than others the buyers of this kind of thing buy that kind.

    The lift of the two categories, shrunk towards one half by as many buyers as say little. A single basket puts a toy
    bin beside running shoes; all running shoes together don't. A kind that isn't bought more often than by others goes
    with it only where enough bought this very pair.
    """
    items, tables, buyers = fitted.items, fitted.together, fitted.popularity.buyers
    kind = items.categories[row]
    if kind < 0:
        return np.ones(len(items.ids))
    known = items.categories >= 0
    kinds = items.categories[known]
    with_it = np.asarray(tables.bought[np.flatnonzero(items.categories == kind)].sum(axis=0)).ravel()
    seen = np.bincount(kinds, weights=with_it[known])
    expected = np.bincount(kinds, weights=buyers[known]) * seen.sum() / max(float(buyers[known].sum()), 1.0)
    lifts = (seen + 0.5 * _LITTLE) / (expected + _LITTLE)
    factors = np.ones(len(items.ids))
    factors[known] = np.where(lifts > 1, np.minimum(lifts, _MOST_LIFT), 0)[kinds]
    return np.where((factors == 0) & (counts >= _SURE), 1.0, factors)


def _together(count: float, product_id: str) -> Reason:
    """Say how many bought both where that is more than chance; else only that it is shown for variety."""
    if count >= _SURE:
        return Reason(kind="bought_with", product_id=product_id, count=int(count))
    return Reason(kind="varied")
