"""The chance that a customer buys within some days: at all, a given product again, or in a category.

One kind of model for the three: purchases are grouped by customer and by customer and product or category, described by
recency, frequency and rhythm, and learned from earlier days, whose outcome is known.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import lightgbm
import numpy as np

from retrieval.recommending.described import FEATURES, describe, outcome
from retrieval.recommending.purchases import Purchases
from retrieval.recommending.repeats import learn_repeats

if TYPE_CHECKING:
    from numpy.typing import NDArray

HORIZON = 30.0
# The more often somebody bought a thing, and the more others come back for it, the likelier it is that they do.
_RISING = frozenset({"frequency", "last_90", "key_share"})
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "monotone_constraints": [int(name in _RISING) for name in FEATURES],
    "seed": 3,
    "verbose": -1,
    "num_threads": 1,
}
_ROUNDS = 120
_ORIGINS = 4
"""Days that are learned from, a horizon apart."""
_MOST_ROWS = 200_000
FEWEST = 200
"""Examples from which on there is something to learn."""


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


def learn_propensity(
    purchases: Purchases, days: Sequence[float], groups: "NDArray[np.int32]", horizon: float = HORIZON
) -> Propensity | None:
    """Learn from some days, the outcome of all of them known, oldest first; None where there is too little.

    `groups` tells of each key what others are like it (a product's category). The trees learn from all days but the
    last; the last one calibrates them.
    """
    from sklearn.linear_model import LogisticRegression

    if len(days) < 2:
        return None
    tables = [describe(purchases, day, learn_repeats(purchases, groups, day)) for day in days]
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


def learn_latest(
    purchases: Purchases, groups: "NDArray[np.int32]", now: float, horizon: float = HORIZON
) -> Propensity | None:
    """Learn from the last days whose outcome is known; None where there is too little. `now`: days since 1970."""
    if not len(purchases.days):
        return None
    first = float(purchases.days.min()) + horizon
    days = [day for back in range(_ORIGINS, 0, -1) if (day := np.floor(now) + 1 - back * horizon) >= first]
    return learn_propensity(purchases, days, groups, horizon)
