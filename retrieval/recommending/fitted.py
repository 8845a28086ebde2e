"""All that is learned from one event log by counting."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.events import EventLog
from retrieval.recommending.items import Items
from retrieval.recommending.popularity import Popularity, count_popularity
from retrieval.recommending.propensity import Propensity, learn_latest
from retrieval.recommending.purchases import purchases_by
from retrieval.recommending.repeats import Repeats, learn_repeats
from retrieval.recommending.together import Together, count_together

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_POPULAR = 120


@dataclass(frozen=True)
class Fitted:
    """The tables over the products, of one log on one day."""

    items: Items
    together: Together
    popularity: Popularity
    repeats: Repeats
    kinds: Repeats
    """The same of the categories: who comes back for anything of one."""
    again: Propensity | None
    """The chance to buy a product again within `HORIZON` days; None where too little is known."""
    now: float
    events: int

    def most_popular(self, segment: str | None = None) -> "NDArray[np.int64]":
        """Return the rows of what is most popular in a segment, in the whole shop where it is unknown, in no order.

        Where few products are known, others from all over the shop are among them.
        """
        return self._most_popular.get(segment or "", self._most_popular[""])

    @cached_property
    def _most_popular(self) -> "dict[str, NDArray[np.int64]]":
        popularity = self.popularity
        others = popularity.season + np.float32(1e-3) * popularity.persons
        return {
            segment: self._best_known(popularity.of_segment(segment) + others) for segment in ("", *popularity.segments)
        }

    def _best_known(self, popular: "NDArray[np.float32]") -> "NDArray[np.int64]":
        found = best_rows(popular, MOST_POPULAR)
        if len(found) >= MOST_POPULAR or not self.items.ids:
            return found
        spread = np.linspace(0, len(self.items.ids) - 1, min(MOST_POPULAR, len(self.items.ids))).astype(np.int64)
        return np.union1d(found, spread)

    @cached_property
    def favourites(self) -> "NDArray[np.bool_]":
        """Which products are among the tenth of their category that most people bought, one a category at least."""
        categories, buyers = self.items.categories, self.popularity.buyers
        order = np.lexsort((-buyers, categories))
        sorted_categories, sorted_buyers = categories[order], buyers[order]
        starts = np.searchsorted(sorted_categories, sorted_categories)
        sizes = np.searchsorted(sorted_categories, sorted_categories, side="right") - starts
        # Those with as many buyers stand in the same place.
        same = np.r_[True, np.diff(sorted_buyers) != 0] | (np.arange(len(order)) == starts)
        above = np.maximum.accumulate(np.where(same, np.arange(len(order)), 0)) - starts
        found = np.zeros(len(order), dtype=bool)
        found[order] = above < np.maximum(1, sizes // 10)
        return found


def best_rows(values: "NDArray[np.float32]", count: int) -> "NDArray[np.int64]":
    """Return the rows of the largest values above 0, at most `count`, in no order."""
    positive = np.flatnonzero(values > 0)
    if len(positive) <= count:
        return positive
    return np.asarray(positive[np.argpartition(-values[positive], count)[:count]])


def fit(log: EventLog, items: Items) -> Fitted:
    """Count everything that recommendations rest on."""
    purchases = purchases_by(log, np.arange(len(items.ids), dtype=np.int32))
    kinds = int(items.categories.max(initial=-1)) + 1
    return Fitted(
        items=items,
        together=count_together(log, len(items.ids)),
        popularity=count_popularity(log, len(items.ids)),
        repeats=learn_repeats(purchases, items.categories, log.now),
        kinds=learn_repeats(purchases_by(log, items.categories), np.zeros(kinds, dtype=np.int32), log.now),
        again=learn_latest(purchases, items.categories, log.now),
        now=log.now,
        events=len(log),
    )
