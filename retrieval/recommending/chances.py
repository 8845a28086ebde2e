"""What a customer is likely to buy within some days: anything at all, a product again, of a category again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.described import describe
from retrieval.recommending.events import EventLog, RawEvent
from retrieval.recommending.items import Items
from retrieval.recommending.past import read_past
from retrieval.recommending.propensity import Propensity, learn_latest
from retrieval.recommending.purchases import Purchases, purchases_by, sorted_purchases
from retrieval.recommending.repeats import Repeats, learn_repeats
from retrieval.schema import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAY = 86400.0


class BuyingChances(Value):
    """Chances from 0 to 1 that a customer buys within `days`, the likeliest first; of what they have bought before.

    `at_all` is None, and the others are empty, where they never bought anything or the shop's log is too short to learn
    it from.
    """

    days: int
    at_all: float | None
    products: dict[str, float]
    categories: dict[str, float]


@dataclass(frozen=True)
class _Question:
    """One kind of thing to buy again: `keys` numbers it by product row, -1 where the product belongs to none."""

    keys: "NDArray[np.int64]"
    repeats: Repeats
    model: Propensity | None

    def answers(self, bought: Purchases, today: float) -> dict[int, float]:
        """Return key → chance of one person's purchases by product row, the likeliest first."""
        keys = self.keys[bought.keys]
        own = sorted_purchases(bought.persons[keys >= 0], keys[keys >= 0], bought.days[keys >= 0])
        if self.model is None or not len(own.days):
            return {}
        table = describe(own, today, self.repeats)
        chances = self.model.chances(table.features)
        order = np.argsort(-chances, kind="stable")
        return dict(zip(table.keys[order].tolist(), chances[order].tolist(), strict=True))


class ChanceModels:
    """Tells chances to buy. Holds nobody's data; safe to share between threads."""

    def __init__(self, log: EventLog, items: Items, days: int) -> None:
        """Learn from a log; `days` is how far ahead is told."""
        self._items, self._days = items, days
        rows, shop = np.arange(len(items.ids)), np.zeros(len(items.ids), dtype=np.int64)
        one, alone = np.zeros(1, dtype=np.int32), np.zeros(len(items.category_names), dtype=np.int32)
        self._at_all = _learned(log, shop, one, days)
        self._products = _learned(log, rows, items.categories, days)
        self._categories = _learned(log, items.categories.astype(np.int64), alone, days)

    def of(self, events: Sequence[RawEvent], now: datetime) -> BuyingChances:
        """Return the chances of the person who did these things."""
        bought, today = read_past(events, self._items, now).purchases, now.timestamp() / _DAY
        products, categories = self._products.answers(bought, today), self._categories.answers(bought, today)
        return BuyingChances(
            days=self._days,
            at_all=self._at_all.answers(bought, today).get(0),
            products={self._items.ids[row]: chance for row, chance in products.items()},
            categories={self._items.category_names[code]: chance for code, chance in categories.items()},
        )


def _learned(log: EventLog, keys: "NDArray[np.int64]", groups: "NDArray[np.int32]", days: int) -> _Question:
    purchases = purchases_by(log, keys)
    model = learn_latest(purchases, groups, log.now, days)
    return _Question(keys, learn_repeats(purchases, groups, log.now), model)
