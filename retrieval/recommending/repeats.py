"""What is bought again and again: how long it lasts, learned from the days between two purchases."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.events import PURCHASE, EventLog

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A product is a consumable where so many of its buyers came back for it, and this many did at least. Its category's
# purchases stand in for a product with few of its own: they count as so many buyers.
_SHARE = 0.15
_BUYERS = 2
_PRIOR = 5.0


@dataclass(frozen=True)
class Repeats:
    """By product: the share of its buyers who bought it again, and the usual days between (nan: never seen)."""

    share: "NDArray[np.float32]"
    interval: "NDArray[np.float32]"

    def is_consumable(self, row: int) -> bool:
        """Tell whether the product is bought again and again."""
        return bool(self.share[row] >= _SHARE) and bool(np.isfinite(self.interval[row]))

    def rested(self, row: int, days_since: float) -> bool:
        """Tell whether a product may be used up by now: from three quarters of the usual time between on."""
        return bool(np.isfinite(self.interval[row])) and days_since >= 0.75 * float(self.interval[row])


def learn_repeats(log: EventLog, categories: "NDArray[np.int32]") -> Repeats:
    """Learn from the purchases; a product with few buyers is taken as its category."""
    products = len(categories)
    purchases = log.kinds == PURCHASE
    persons, rows, days = log.persons[purchases], log.rows[purchases], log.days[purchases]
    order = np.lexsort((days, rows, persons))
    persons, rows, days = persons[order], rows[order], days[order]
    same = (persons[1:] == persons[:-1]) & (rows[1:] == rows[:-1])
    gaps, gap_rows = np.diff(days)[same], rows[1:][same]
    # Two orders of one day are one purchase.
    gaps, gap_rows = gaps[gaps >= 1], gap_rows[gaps >= 1]
    pairs = np.unique(persons.astype(np.int64) * products + rows) % products if products else rows
    buyers = np.bincount(pairs, minlength=products).astype(np.float32)
    again = np.unique(persons[1:][same].astype(np.int64) * products + rows[1:][same]) % max(products, 1)
    returning = np.bincount(again, minlength=products).astype(np.float32)
    groups = np.where(categories >= 0, categories, categories.max(initial=-1) + 1)
    shares = np.bincount(groups, returning) / np.maximum(np.bincount(groups, buyers), 1)
    share = (returning + _PRIOR * shares[groups]) / (buyers + _PRIOR)
    share[(buyers < _BUYERS) & (shares[groups] < _SHARE)] = 0.0
    return Repeats(share.astype(np.float32), _intervals(gaps, gap_rows, groups))


def _intervals(
    gaps: "NDArray[np.float64]", gap_rows: "NDArray[np.int32]", groups: "NDArray[np.int32]"
) -> "NDArray[np.float32]":
    """Return the median gap of each product, of its category where it has none."""
    found = np.full(len(groups), np.nan, dtype=np.float32)
    of_group: dict[int, float] = {
        int(group): float(np.median(gaps[groups[gap_rows] == group])) for group in np.unique(groups[gap_rows])
    }
    for row, group in enumerate(groups):
        if int(group) in of_group:
            found[row] = of_group[int(group)]
    order = np.argsort(gap_rows, kind="stable")
    own, starts = np.unique(gap_rows[order], return_index=True)
    for row, values in zip(own, np.split(gaps[order], starts[1:]), strict=False):
        if len(values) >= _BUYERS:
            found[row] = float(np.median(values))
    return found
