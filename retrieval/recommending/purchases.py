"""Purchases by person and key: a product, a category, or the whole shop."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.events import PURCHASE, EventLog

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Purchases:
    """Days on which something was bought: parallel arrays by person, key and day, one entry each."""

    persons: "NDArray[np.int64]"
    keys: "NDArray[np.int64]"
    days: "NDArray[np.float64]"

    def before(self, day: float) -> "Purchases":
        """Return what was bought earlier than on a day."""
        kept = self.days < day
        return Purchases(self.persons[kept], self.keys[kept], self.days[kept])

    def starts(self) -> "NDArray[np.int64]":
        """Return where each person and key begins."""
        changed = (np.diff(self.persons) != 0) | (np.diff(self.keys) != 0)
        return np.flatnonzero(np.r_[True, changed]) if len(self.days) else np.zeros(0, dtype=np.int64)


def purchases_by(log: EventLog, codes: "NDArray[np.int32] | NDArray[np.int64] | None" = None) -> Purchases:
    """Return purchases by person, and by `codes` of their products (a product's own row, its category) where given."""
    bought = log.kinds == PURCHASE
    rows = log.rows[bought]
    keys = np.zeros(len(rows), dtype=np.int64) if codes is None else codes[rows].astype(np.int64)
    return sorted_purchases(log.persons[bought][keys >= 0], keys[keys >= 0], log.days[bought][keys >= 0])


def sorted_purchases(
    persons: "NDArray[np.int32] | NDArray[np.int64]", keys: "NDArray[np.int64]", days: "NDArray[np.float64]"
) -> Purchases:
    """Return purchases in order, each person, key and day once. What is bought twice a day is one purchase."""
    whole = np.floor(days)
    order = np.lexsort((whole, keys, persons))
    found = Purchases(persons[order].astype(np.int64), keys[order], whole[order])
    same = (np.diff(found.persons) == 0) & (np.diff(found.keys) == 0) & (np.diff(found.days) == 0)
    once = np.r_[True, ~same] if len(order) else np.zeros(0, dtype=bool)
    return Purchases(found.persons[once], found.keys[once], found.days[once])
