"""What many people take: now, at this time of the year, and in a segment; one person counts once a product."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.events import PURCHASE, EventLog

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HALF_LIFE = 60.0
_YEAR = 365.25
# How near a day of another year must be to count for the season, in days: the bell's spread.
_SEASON = 21.0


@dataclass(frozen=True)
class Popularity:
    """By product: how many persons had to do with it, weighted by how lately, by season, and how many bought it."""

    lately: "NDArray[np.float32]"
    season: "NDArray[np.float32]"
    persons: "NDArray[np.float32]"
    buyers: "NDArray[np.int32]"


def count_popularity(log: EventLog, products: int) -> Popularity:
    """Count persons by product. A robot that is one person counts as one person."""
    if not len(log):
        none = np.zeros(products, dtype=np.float32)
        return Popularity(none, none, none, none.astype(np.int32))
    pairs = log.persons.astype(np.int64) * products + log.rows
    unique, which = np.unique(pairs, return_inverse=True)
    rows = unique % products
    ages = log.now - log.days
    lately = log.strengths * np.exp2(-ages / _HALF_LIFE).astype(np.float32)
    from_season = np.abs((ages + _YEAR / 2) % _YEAR - _YEAR / 2)
    season = log.strengths * np.exp(-0.5 * (from_season / _SEASON) ** 2).astype(np.float32)

    def by_product(values: "NDArray[np.float32]") -> "NDArray[np.float32]":
        best = np.zeros(len(unique), dtype=np.float32)
        np.maximum.at(best, which.ravel(), values)
        return np.bincount(rows, weights=best, minlength=products).astype(np.float32)

    bought = np.unique(pairs[log.kinds == PURCHASE]) % products
    buyers = np.bincount(bought, minlength=products).astype(np.int32)
    return Popularity(by_product(lately), by_product(season), by_product(log.strengths), buyers)
