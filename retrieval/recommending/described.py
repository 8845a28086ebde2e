"""What is known on a day of each person and what they bought: recency, frequency, rhythm, and what others do."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.purchases import Purchases, sorted_purchases
from retrieval.recommending.repeats import Repeats

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEATURES = (
    "recency",
    "frequency",
    "tenure",
    "gap",
    "gap_spread",
    "overdue",
    "last_30",
    "last_90",
    "own_share",
    "pace",
    "person_recency",
    "person_days",
    "person_gap",
    "person_again",
    "key_share",
    "key_overdue",
    "key_lately",
    "key_buyers",
)


@dataclass(frozen=True)
class Table:
    """What is known on a day of each person and key with a purchase: `features` is (n, len(FEATURES))."""

    persons: "NDArray[np.int64]"
    keys: "NDArray[np.int64]"
    features: "NDArray[np.float32]"

    def column(self, name: str) -> "NDArray[np.float32]":
        """Return one feature: shape (n,)."""
        return self.features[:, FEATURES.index(name)]


def describe(purchases: Purchases, today: float, repeats: Repeats) -> Table:
    """Describe every person and key by what was bought before a day; `repeats` is what all people do with each key."""
    known = purchases.before(today)
    persons, keys, days, starts = known.persons, known.keys, known.days, known.starts()
    if not len(days):
        return Table(persons, keys, np.zeros((0, len(FEATURES)), dtype=np.float32))
    counts = np.diff(np.r_[starts, len(days)])
    first, last = days[starts], days[starts + counts - 1]
    gaps = np.diff(days, prepend=days[0])
    gaps[starts] = 0.0
    total, squares = np.add.reduceat(gaps, starts), np.add.reduceat(gaps**2, starts)
    steps = np.maximum(counts - 1, 1)
    gap = np.where(counts > 1, total / steps, np.nan)
    recency = today - last
    recent = [np.add.reduceat((today - days <= window).astype(float), starts) for window in (30, 90)]
    persons, keys = persons[starts], keys[starts]
    columns = {
        "recency": recency,
        "frequency": counts,
        "tenure": today - first,
        "gap": gap,
        "gap_spread": np.sqrt(np.maximum(squares / steps - (total / steps) ** 2, 0.0)),
        "overdue": recency / np.maximum(gap, 1.0),
        "last_30": recent[0],
        "last_90": recent[1],
        "own_share": counts / np.bincount(known.persons)[persons],
        "pace": counts / np.maximum(today - first, 1.0),
        **_of_persons(known, persons, counts, today),
        "key_share": repeats.share[keys],
        "key_overdue": recency / np.maximum(repeats.interval[keys], 1.0),
        "key_lately": repeats.lately[keys],
        "key_buyers": np.log1p(repeats.buyers[keys]),
    }
    features = np.stack([np.asarray(columns[name], dtype=np.float32) for name in FEATURES], axis=1)
    return Table(persons, keys, features)


def _of_persons(
    known: Purchases, persons: "NDArray[np.int64]", counts: "NDArray[np.int64]", today: float
) -> "dict[str, NDArray[np.float64]]":
    """Return how each person shops, whatever it is that they buy: a value for each entry of `persons`."""
    people = int(persons.max()) + 1
    visits = sorted_purchases(known.persons.astype(np.int32), np.zeros_like(known.keys), known.days)
    starts = visits.starts()
    number = np.zeros(people)
    number[visits.persons[starts]] = np.diff(np.r_[starts, len(visits.days)])
    first, last = np.zeros(people), np.zeros(people)
    first[visits.persons[starts]] = visits.days[starts]
    last[visits.persons] = visits.days
    again = np.bincount(persons, weights=counts > 1, minlength=people) / np.maximum(np.bincount(persons), 1)
    gap = np.where(number > 1, (last - first) / np.maximum(number - 1, 1), np.nan)
    return {
        "person_recency": (today - last)[persons],
        "person_days": number[persons],
        "person_gap": gap[persons],
        "person_again": again[persons],
    }


def outcome(purchases: Purchases, table: Table, today: float, horizon: float) -> "NDArray[np.bool_]":
    """Return whether each person and key of the table was bought within the horizon from a day on."""
    inside = (purchases.days >= today) & (purchases.days < today + horizon)
    keys = int(max(purchases.keys.max(initial=0), table.keys.max(initial=0))) + 1
    happened = purchases.persons[inside] * keys + purchases.keys[inside]
    return np.isin(table.persons * keys + table.keys, happened)
