"""One person on one day: what they did, what is near it in every table, and what they may want again."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from retrieval.recommending.described import describe
from retrieval.recommending.fitted import Fitted
from retrieval.recommending.past import Past

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

# From which chance on something bought before may be shown again: that people ever come back for it, and, where that is
# learned, that this person buys it within the horizon.
CONSUMABLE = 0.1
LEAST_CHANCE = 0.02
_ANOTHER = 60.0
"""Days for which another one of a kind is left out at most."""


class Signals(NamedTuple):
    """How near every product is to a past, by source: arrays of shape (n,)."""

    following: "NDArray[np.float32]"
    preceding: "NDArray[np.float32]"
    bought: "NDArray[np.float32]"
    smoothed: "NDArray[np.float32]"
    smoothed_back: "NDArray[np.float32]"
    smoothed_after: "NDArray[np.float32]"
    content: "NDArray[np.float32]"


class Situation(NamedTuple):
    """Whom a list is for and when, as far as the tables know. `today`: days since 1970."""

    past: Past
    today: float
    signals: Signals
    due: dict[int, float]
    """Rows of what was bought and is used up about now → the chance that it is bought again soon."""
    segment: str | None = None

    def unwanted(self, disliked: Collection[int] = ()) -> "NDArray[np.int64]":
        """Return the rows that don't belong into a list: what is disliked, and what was bought and isn't due."""
        out = {*self.past.disliked, *disliked, *(row for row in self.past.bought if row not in self.due)}
        return np.fromiter(out, dtype=np.int64, count=len(out))


def resting_kinds(fitted: Fitted, situation: Situation) -> set[int]:
    """Return the categories that the person bought of so lately that they hardly want another one by now.

    Whoever looked at more of one since then wants it.
    """
    past, categories = situation.past, fitted.items.categories
    bought: dict[int, float] = {}
    for row, day in past.bought.items():
        bought[int(categories[row])] = max(day, bought.get(int(categories[row]), -np.inf))
    looked = {
        int(categories[row]): day for row, day in zip(past.rows, past.days, strict=True) if row not in past.bought
    }
    return {
        code
        for code, day in bought.items()
        if code >= 0
        and situation.today - day < np.fmin(fitted.kinds.rest[code], _ANOTHER)
        and looked.get(code, -np.inf) < np.floor(day) + 1
    }


def situation_of(fitted: Fitted, past: Past, today: float, segment: str | None = None) -> Situation:
    """Put together what is known of a person."""
    return Situation(past, today, _signals(fitted, past), _due(fitted, past, today), segment)


def _due(fitted: Fitted, past: Past, today: float) -> dict[int, float]:
    """Return what may be bought again, by the learned chance where there is one, else by how often others did."""
    if not past.bought:
        return {}
    table = describe(past.purchases, today, fitted.repeats)
    rested = fitted.repeats.rested(table.keys, table.column("recency"), table.column("gap"))
    back = fitted.repeats.comes_back(table.keys, table.column("frequency"))
    chances, kept = back, rested & (back >= CONSUMABLE)
    if fitted.again is not None:
        chances = fitted.again.chances(table.features)
        kept &= chances >= LEAST_CHANCE
    return dict(zip(table.keys[kept].tolist(), chances[kept].tolist(), strict=True))


def _signals(fitted: Fitted, past: Past) -> Signals:
    """Spread a past over the tables."""
    together = fitted.together
    after, before = (_spread(each, past.rows, past.weights) for each in (together.following, together.preceding))
    content = _spread(fitted.items.neighbours, past.rows, past.weights)
    # What is nearest counts most.
    alike = np.flatnonzero(content)
    nearness = content[alike] ** 3
    around = after + before
    taken = np.flatnonzero(around)
    return Signals(
        following=after,
        preceding=before,
        bought=_spread(together.bought, past.rows, past.weights),
        smoothed=_spread(together.following, alike, nearness),
        smoothed_back=_spread(together.preceding, alike, nearness),
        smoothed_after=_spread(fitted.items.close, taken, around[taken]),
        content=content,
    )


def _spread(table: "csr_array", rows: "NDArray[Any]", weights: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Return the weighted sum of some rows of a table: shape (columns,)."""
    return np.asarray(table[rows].T @ weights, dtype=np.float32)
