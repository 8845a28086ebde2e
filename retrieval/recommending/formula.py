"""A ranking by hand, for a shop whose events are too few to train on."""

from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.features import FEATURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What is taken together counts most, what is alike next; popularity decides where nothing else does.
_WEIGHTS = {
    "following_share": 1.0,
    "together_cosine": 1.5,
    "content_best": 0.5,
    "content_last": 0.2,
    "category_share": 0.3,
    "chance_again": 1.5,
    "segment": 0.15,
    "season": 0.05,
}


class Formula:
    """A weighted sum of features."""

    def score(self, features: "NDArray[np.float32]") -> "NDArray[np.float64]":
        """Return a score a row of `features`, (n, len(FEATURES))."""
        weights = np.array([_WEIGHTS.get(name, 0.0) for name in FEATURES])
        return np.asarray(features @ weights, dtype=np.float64)
