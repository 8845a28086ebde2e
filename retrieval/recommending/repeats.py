"""What is bought again and again, and after how long: learned from the days between two purchases."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.purchases import Purchases

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A group's purchases stand in for a key with few of its own: they count as so many buyers. A key with fewer buyers than
# this whose group is seldom bought again isn't bought again.
_SHARE = 0.15
_BUYERS = 2
_PRIOR = 5.0
_LATELY = 30.0
_USED_UP = 0.75
"""The part of the usual time between two purchases after which the first may be used up."""
_SOON = 0.1
"""The share of those who came back that were back already when something may be shown again."""
_ON_ITS_WAY = 3.0
"""Days in which nothing is shown again: it has hardly arrived."""
_ENOUGH = 10
"""Times between purchases from which on a key's own tell when the soonest come back."""


@dataclass(frozen=True)
class Repeats:
    """What all people do with each key (a product, mostly): arrays of shape (keys,)."""

    share: "NDArray[np.float32]"
    """The share of its buyers who bought it on another day, too."""
    interval: "NDArray[np.float32]"
    """The usual days between; nan: never seen."""
    rest: "NDArray[np.float32]"
    """Days after which it may be shown again; nan: never."""
    buyers: "NDArray[np.float32]"
    lately: "NDArray[np.float32]"
    """The share of its buyers who bought it in the last thirty days."""

    def comes_back(self, keys: "NDArray[np.int64]", times: "NDArray[np.float32]") -> "NDArray[np.float64]":
        """Return the chance that people ever come back for things that they bought so many times.

        It is the share of all buyers who did; each time that they came back themselves says more, but for the first.
        """
        more = np.maximum(times - 2, 0)
        return np.asarray((_PRIOR * self.share[keys] + more) / (_PRIOR + more))

    def rested(
        self, keys: "NDArray[np.int64]", days_since: "NDArray[np.float32]", own_gap: "NDArray[np.float32]"
    ) -> "NDArray[np.bool_]":
        """Tell of things bought so many days ago whether they may be shown again; `own_gap`: nan where bought once.

        That is after three quarters of the usual time between two purchases, the shop's or the person's own, or as soon
        as a tenth of those who ever came back were back: where people come back whenever they like, that is early.
        """
        return np.asarray(days_since >= np.fmin(self.rest[keys], _USED_UP * own_gap))


def learn_repeats(purchases: Purchases, groups: "NDArray[np.int32]", today: float) -> Repeats:
    """Learn from what was bought before a day; a key with few buyers is taken as its group (-1: has none)."""
    known, count = purchases.before(today), len(groups)
    starts = known.starts()
    times = np.diff(np.r_[starts, len(known.days)])
    keys = known.keys[starts]
    buyers = np.bincount(keys, minlength=count).astype(np.float32)
    returning = np.bincount(keys[times > 1], minlength=count).astype(np.float32)
    last = known.days[starts + times - 1] if len(starts) else known.days
    lately = np.bincount(keys[last >= today - _LATELY], minlength=count) / np.maximum(buyers, 1)
    groups = np.where(groups >= 0, groups, groups.max(initial=-1) + 1)
    shares = np.bincount(groups, returning) / np.maximum(np.bincount(groups, buyers), 1)
    share = (returning + _PRIOR * shares[groups]) / (buyers + _PRIOR)
    share[(buyers < _BUYERS) & (shares[groups] < _SHARE)] = 0.0
    inner = np.ones(len(known.days), dtype=bool)
    inner[starts] = False
    gaps = np.diff(known.days, prepend=0.0)[inner]
    gap_keys = known.keys[inner]
    interval = _quantiles(gaps, gap_keys, groups, 0.5, _BUYERS)
    rest = np.fmin(_USED_UP * interval, _quantiles(gaps, gap_keys, groups, _SOON, _ENOUGH))
    rest = np.maximum(rest, _ON_ITS_WAY)
    return Repeats(
        share=share.astype(np.float32), interval=interval, rest=rest, buyers=buyers, lately=lately.astype(np.float32)
    )


def _quantiles(
    gaps: "NDArray[np.float64]", keys: "NDArray[np.int64]", groups: "NDArray[np.int32]", quantile: float, enough: int
) -> "NDArray[np.float32]":
    """Return a quantile of the gaps of each key, of its group where it has fewer than `enough`; nan where none has."""
    own, counts = _by_number(gaps, keys, len(groups), quantile)
    of_group, _ = _by_number(gaps, groups[keys], int(groups.max(initial=-1)) + 1, quantile)
    return np.asarray(np.where(counts >= enough, own, of_group[groups]), dtype=np.float32)


def _by_number(
    values: "NDArray[np.float64]", numbers: "NDArray[np.int64] | NDArray[np.int32]", count: int, quantile: float
) -> "tuple[NDArray[np.float64], NDArray[np.int64]]":
    """Return a quantile of the values of each number (nan of none), and how many there are."""
    found, counts = np.full(count, np.nan), np.bincount(numbers, minlength=count)
    ordered = values[np.lexsort((values, numbers))]
    held = np.flatnonzero(counts)
    starts = np.r_[0, np.cumsum(counts[held])[:-1]].astype(np.int64)
    place = quantile * (counts[held] - 1)
    low = np.floor(place).astype(np.int64)
    high = np.ceil(place).astype(np.int64)
    if len(held):
        part = place - low
        found[held] = (1 - part) * ordered[starts + low] + part * ordered[starts + high]
    return found, counts
