"""Chance that falls the same way every time: what the demo shop has in stock, and who thought what of it."""

import math
import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

SEED = 2026


class Luck:
    """Draws for one topic, such as the stock of one product; no draw elsewhere changes them."""

    def __init__(self, *topic: str | int) -> None:
        # Of all its methods, Python promises only for random() that later versions give the same numbers.
        self._random = random.Random("/".join(str(part) for part in (SEED, *topic))).random

    def happens(self, share: float) -> bool:
        """Tell whether something that happens in `share` of all cases happens here."""
        return self._random() < share

    def between(self, low: float, high: float) -> float:
        """Return a number from [low, high)."""
        return low + (high - low) * self._random()

    def count(self, low: int, high: int) -> int:
        """Return a whole number from [low, high]; small ones come more often, evenly over their magnitudes."""
        return int(math.exp(self.between(math.log(low), math.log(high + 1))))

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return the items in another order."""
        return sorted(items, key=lambda _: self._random())
