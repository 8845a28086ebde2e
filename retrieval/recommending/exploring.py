"""Trying out products that nobody knows yet: Thompson sampling over what was shown and what came of it."""

import random
from collections.abc import Sequence
from typing import NamedTuple


class Trial(NamedTuple):
    """A product that was tried in a list, and whether it was clicked or bought from there."""

    product_id: str
    rewarded: bool


class Explorer:
    """Chooses now and then one product to try. `share` is the part of the lists in which it does, 0 never."""

    def __init__(self, share: float, seed: int | None = None) -> None:
        self._share = share
        self._random = random.Random(seed)

    def draws(self) -> bool:
        """Tell whether a product is to be tried in this list."""
        return self._random.random() < self._share

    def choose(self, product_ids: Sequence[str], trials: Sequence[Trial] = ()) -> str | None:
        """Return the product to try, None of none: what did well before is drawn more often."""
        if not product_ids:
            return None
        from mabwiser.mab import MAB, LearningPolicy

        arms = list(dict.fromkeys(product_ids))
        known = [trial for trial in trials if trial.product_id in set(arms)]
        if len(arms) == 1 or not known:
            # Without any outcome every product is as good a guess.
            return self._random.choice(arms)
        policy = LearningPolicy.ThompsonSampling()
        bandit = MAB(arms=arms, learning_policy=policy, seed=self._random.randrange(2**31))
        bandit.fit(decisions=[trial.product_id for trial in known], rewards=[int(trial.rewarded) for trial in known])
        return str(bandit.predict())
