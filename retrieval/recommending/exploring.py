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

    def __init__(self, share: float, trials: Sequence[Trial] = (), seed: int | None = None) -> None:
        self._share = share
        self._trials = tuple(trials)
        self._random = random.Random(seed)

    def choose(self, product_ids: Sequence[str]) -> str | None:
        """Return the product to try, None where none is to be: what did well before is drawn more often."""
        if not product_ids or self._random.random() >= self._share:
            return None
        from mabwiser.mab import MAB, LearningPolicy

        arms = list(dict.fromkeys(product_ids))
        known = [trial for trial in self._trials if trial.product_id in set(arms)]
        if len(arms) == 1 or not known:
            # Without any outcome every product is as good a guess.
            return self._random.choice(arms)
        policy = LearningPolicy.ThompsonSampling()
        bandit = MAB(arms=arms, learning_policy=policy, seed=self._random.randrange(2**31))
        bandit.fit(decisions=[trial.product_id for trial in known], rewards=[int(trial.rewarded) for trial in known])
        return str(bandit.predict())
