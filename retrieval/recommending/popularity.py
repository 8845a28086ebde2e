"""What many people take: now, at this time of the year, and in a segment; one person counts once a product."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.events import PURCHASE, EventLog

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HALF_LIFE = 60.0
_YEAR = 365.25
# How near a day of another year must be to count for the season, in days: the bell's spread.
_SEASON = 21.0
_PRIOR = 10.0
"""Weight of the whole shop in a segment: as much as so many persons."""


@dataclass(frozen=True)
class Popularity:
    """By product: how many persons had to do with it, weighted by how lately, by season, and how many bought it."""

    lately: "NDArray[np.float32]"
    season: "NDArray[np.float32]"
    persons: "NDArray[np.float32]"
    buyers: "NDArray[np.int32]"
    segments: "Mapping[str, NDArray[np.float32]]" = field(default_factory=dict)
    """By segment `lately` as its persons would have it if they were the whole shop."""

    def of_segment(self, segment: str | None) -> "NDArray[np.float32]":
        """Return what is popular lately in a segment; in the whole shop where it is unknown."""
        return self.segments.get(segment or "", self.lately)


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
    whole = by_product(lately)
    numbers = np.full(log.people, -1) if log.segments is None else log.segments
    of_event = numbers[log.persons]
    segments = {
        name: _blended(by_product(np.where(of_event == number, lately, np.float32(0))), whole)
        for number, name in enumerate(log.segment_names)
    }
    return Popularity(whole, by_product(season), by_product(log.strengths), buyers, segments)


def _blended(part: "NDArray[np.float32]", whole: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Scale a segment's counts up to the shop's; the fewer there are, the more they are the shop's own."""
    total = max(float(whole.sum()), 1e-9)
    shares = (part + _PRIOR * whole / total) / (float(part.sum()) + _PRIOR)
    return np.asarray(shares * total, dtype=np.float32)
