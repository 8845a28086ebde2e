"""The paired bootstrap: could a difference between two systems come from which queries were asked?"""

from collections.abc import Mapping

import numpy as np

from retrieval.schema import Value

_RESAMPLES = 10_000
_SEED = 20260101


class Difference(Value):
    """How much better than the first system: the mean over the queries, its 95 % interval, and the doubt."""

    mean: float
    low: float
    high: float
    share_not_better: float
    """The share of the resamples in which the difference is 0 or below."""


def paired_difference(
    values: Mapping[str, float], first: Mapping[str, float], resamples: int = _RESAMPLES
) -> Difference | None:
    """Compare two systems over the queries that both have a value for; None where there is none.

    The interval is the percentile one. The same values give the same answer each time.
    """
    differences = np.array([values[query] - first[query] for query in sorted(values.keys() & first.keys())])
    if not len(differences):
        return None
    random = np.random.default_rng(_SEED)
    means = np.array([random.choice(differences, len(differences)).mean() for _ in range(resamples)])
    low, high = np.percentile(means, [2.5, 97.5])
    return Difference(
        mean=float(differences.mean()), low=float(low), high=float(high), share_not_better=float((means <= 0).mean())
    )
