"""The chance that a customer buys within some days: at all, a given product again, or in a category.

One kind of model for the three: purchases are grouped by customer and by customer and product or category, described by
recency, frequency and rhythm, and learned from earlier days, whose outcome is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np

from retrieval.recommending.events import PURCHASE, EventLog

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEATURES = ("recency", "frequency", "tenure", "gap", "gap_spread", "overdue", "last_30", "last_90", "own_share", "pace")
HORIZON = 30.0
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 8,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "seed": 3,
    "verbose": -1,
    "num_threads": 1,
}
_ROUNDS = 120
_MOST_ROWS = 200_000
FEWEST = 200
"""Examples from which on there is something to learn."""


@dataclass(frozen=True)
class Purchases:
    """Days on which something was bought: parallel arrays, one entry a person, key and day."""

    persons: "NDArray[np.int64]"
    keys: "NDArray[np.int64]"
    days: "NDArray[np.float64]"


@dataclass(frozen=True)
class Table:
    """What is known on a day of each person and key with a purchase: `features` is (n, len(FEATURES))."""

    persons: "NDArray[np.int64]"
    keys: "NDArray[np.int64]"
    features: "NDArray[np.float32]"


def purchases_by(log: EventLog, codes: "NDArray[np.int32] | None" = None) -> Purchases:
    """Return purchases by person, and by `codes` of their products (a product's own row, its category) where given."""
    bought = log.kinds == PURCHASE
    rows = log.rows[bought]
    keys = np.zeros(len(rows), dtype=np.int64) if codes is None else codes[rows].astype(np.int64)
    table = np.stack([log.persons[bought].astype(np.int64), keys, np.floor(log.days[bought]).astype(np.int64)])
    persons, found, days = np.unique(table[:, keys >= 0], axis=1)
    return Purchases(persons, found, days.astype(np.float64))


def describe(purchases: Purchases, today: float) -> Table:
    """Describe every person and key by what was bought before a day."""
    kept = purchases.days < today
    persons, keys, days = purchases.persons[kept], purchases.keys[kept], purchases.days[kept]
    if not len(days):
        return Table(persons, keys, np.zeros((0, len(FEATURES)), dtype=np.float32))
    new = np.r_[True, (persons[1:] != persons[:-1]) | (keys[1:] != keys[:-1])]
    starts = np.flatnonzero(new)
    counts = np.diff(np.r_[starts, len(days)])
    first, last = days[starts], days[starts + counts - 1]
    gaps = np.diff(days, prepend=days[0])
    gaps[starts] = 0.0
    total, squares = np.add.reduceat(gaps, starts), np.add.reduceat(gaps**2, starts)
    steps = np.maximum(counts - 1, 1)
    gap = np.where(counts > 1, total / steps, np.nan)
    spread = np.sqrt(np.maximum(squares / steps - (total / steps) ** 2, 0.0))
    recency = today - last
    ages = today - days
    recent = [np.add.reduceat((ages <= window).astype(float), starts) for window in (30, 90)]
    of_person = np.bincount(persons, minlength=int(persons.max()) + 1)
    columns = {
        "recency": recency,
        "frequency": counts,
        "tenure": today - first,
        "gap": gap,
        "gap_spread": spread,
        "overdue": recency / np.maximum(gap, 1.0),
        "last_30": recent[0],
        "last_90": recent[1],
        "own_share": counts / of_person[persons[starts]],
        "pace": counts / np.maximum(today - first, 1.0),
    }
    features = np.stack([np.asarray(columns[name], dtype=np.float32) for name in FEATURES], axis=1)
    return Table(persons[starts], keys[starts], features)


def outcome(purchases: Purchases, table: Table, today: float, horizon: float = HORIZON) -> "NDArray[np.bool_]":
    """Return whether each person and key of the table was bought within the horizon from a day on."""
    inside = (purchases.days >= today) & (purchases.days < today + horizon)
    happened = set(zip(purchases.persons[inside].tolist(), purchases.keys[inside].tolist(), strict=True))
    return np.array([pair in happened for pair in zip(table.persons.tolist(), table.keys.tolist(), strict=True)])


class Propensity:
    """Calibrated chances, learned from days whose outcome is known. Safe to share between threads."""

    def __init__(self, forest: lightgbm.Booster, calibration: Any) -> None:
        self._forest = forest
        self._calibration = calibration

    def chances(self, features: "NDArray[np.float32]") -> "NDArray[np.float64]":
        """Return a chance from 0 to 1 for each row of features, (n, len(FEATURES))."""
        if not len(features):
            return np.zeros(0)
        raw = np.asarray(self._forest.predict(features, num_threads=1, raw_score=True)).reshape(-1, 1)
        return np.asarray(self._calibration.predict_proba(raw)[:, 1], dtype=np.float64)


def learn_propensity(purchases: Purchases, days: Sequence[float], horizon: float = HORIZON) -> Propensity | None:
    """Learn from some days, the outcome of all of them known, oldest first; None where there is too little.

    The trees learn from all days but the last; the last one calibrates them.
    """
    from sklearn.linear_model import LogisticRegression

    if len(days) < 2:
        return None
    tables = [describe(purchases, day) for day in days]
    labels = [outcome(purchases, table, day, horizon) for table, day in zip(tables, days, strict=True)]
    rows, truth = np.concatenate([table.features for table in tables[:-1]]), np.concatenate(labels[:-1])
    if len(truth) < FEWEST or truth.all() or not truth.any() or len(set(labels[-1].tolist())) < 2:
        return None
    if len(truth) > _MOST_ROWS:
        chosen = np.random.default_rng(3).choice(len(truth), _MOST_ROWS, replace=False)
        rows, truth = rows[chosen], truth[chosen]
    forest = lightgbm.train(_PARAMETERS, lightgbm.Dataset(rows, truth.astype(int)), _ROUNDS)
    raw = np.asarray(forest.predict(tables[-1].features, raw_score=True, num_threads=1)).reshape(-1, 1)
    return Propensity(forest, LogisticRegression(C=10.0).fit(raw, labels[-1]))
