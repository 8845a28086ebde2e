"""The next basket of real customers, told from a year of order lines (`benchmarks.order_lines`).

The origin rolls: what is known on a day ranks every product for the first basket after it, of customers with two
earlier days at least. The first origin is the one that choices were made on; the later ones were only measured.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from assistant.settings import Settings
from benchmarks.order_lines import read_order_lines, until
from retrieval.recommend import Recommender
from retrieval.recommending.events import KINDS, EventLog, RawEvent
from retrieval.recommending.fitted import fit
from retrieval.recommending.items import Items
from retrieval.recommending.learned import LearnedRanking
from retrieval.recommending.learning import cases_of, scores_of_all, train_ranking
from retrieval.recommending.past import past_of_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

K = 20
TUNED = date(2011, 7, 1)
REPORTED = (date(2011, 9, 1), date(2011, 11, 1))
_WINDOW = 60
"""Days after an origin in which a customer's first basket is their next one."""
_CASES = 5_000
_RANKED = 800
"""Customers that are ranked at one origin, drawn by chance."""
_DAY = 86400.0


class Basket(NamedTuple):
    """A customer's next basket and what they had bought before the origin; all rows of the log."""

    before: slice
    target: slice


def measure(settings: Settings) -> dict[str, Any]:
    items, log = read_order_lines(settings)
    figures: dict[str, Any] = {"read": {"products": len(items.ids), "customers": log.people, "lines": len(log)}}
    for kind, origins in (("tuned_on", [TUNED]), ("reported", REPORTED)):
        figures[kind] = {str(origin): next_baskets(log, items, day_number(origin)) for origin in origins}
    return figures


def next_baskets(log: EventLog, items: Items, origin: float) -> dict[str, Any]:
    """Return Recall@20 by system: of all in the basket, of what was bought before and of what was new."""
    known = until(log, origin)
    found = list(baskets(log, origin))
    chosen = np.random.default_rng(1).permutation(len(found))[:_RANKED]
    own = train_ranking(known, items, list(cases_of(known, _CASES)))
    assert own is not None
    systems = _Systems(known, items, own)
    recall: dict[str, dict[str, list[float]]] = {}
    for basket in (found[place] for place in chosen):
        before, target = set(log.rows[basket.before].tolist()), set(log.rows[basket.target].tolist())
        lists = systems.lists(log, basket)
        for part, wanted in (("all", target), ("bought_before", target & before), ("new", target - before)):
            for name, order in lists.items() if wanted else ():
                # Bought before and new ones are ranked among their own kind.
                pool = order if part == "all" else [row for row in order if (row in before) == (part != "new")]
                share = len(wanted & set(pool[:K])) / len(wanted)
                recall.setdefault(part, {}).setdefault(name, []).append(share)
        shown = systems.shown(log, basket)
        recall["all"].setdefault("ours_as_shown", []).append(len(target & set(shown)) / len(target))
    means = {
        part: {name: round(float(np.mean(found)), 4) for name, found in each.items()} for part, each in recall.items()
    }
    return {
        "baskets": {part: len(each["ours"]) for part, each in recall.items()},
        f"recall_at_{K}": means,
        "gains": {name: round(gain, 3) for name, gain in own.gains().items() if gain >= 0.005},
    }


def baskets(log: EventLog, origin: float) -> Iterator[Basket]:
    """Yield the next basket of each customer who has one."""
    starts = np.flatnonzero(np.r_[True, log.persons[1:] != log.persons[:-1]])
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(log)], strict=True):
        days = log.days[start:end]
        first = start + int(np.searchsorted(days, origin))
        if first == end or log.days[first] >= origin + _WINDOW or len(np.unique(np.floor(log.days[start:first]))) < 2:
            continue
        last = start + int(np.searchsorted(days, np.floor(log.days[first]) + 1))
        yield Basket(slice(start, first), slice(first, last))


class _Systems:
    """Everything that ranks, learned from what was known at one origin."""

    def __init__(self, known: EventLog, items: Items, ranking: LearnedRanking) -> None:
        self._items = items
        self._fitted = fit(known, items)
        self._ranking = ranking
        self._recommender = Recommender(self._fitted, ranking)
        self._popular = np.argsort(-self._fitted.popularity.lately, kind="stable").tolist()

    def lists(self, log: EventLog, basket: Basket) -> "dict[str, list[int]]":
        """Return each system's ranking of all products, best first."""
        rows, days = log.rows[basket.before], log.days[basket.before]
        today = float(log.days[basket.target.start])
        past = past_of_rows(rows, log.kinds[basket.before], days)
        again = _bought_again(rows, days)
        had = set(again)
        return {
            "popularity": self._popular,
            "buy_again": [*again, *(row for row in self._popular if row not in had)],
            "ours": np.argsort(-scores_of_all(self._fitted, self._ranking, past, today), kind="stable").tolist(),
        }

    def shown(self, log: EventLog, basket: Basket) -> list[int]:
        """Return what the customer would be shown in a list of K, varied as it is."""
        events, now = raw_events(log, self._items, basket)
        return [self._items.rows[each.product_id] for each in self._recommender.recommend(events, now, K)]


def raw_events(log: EventLog, items: Items, basket: Basket) -> tuple[list[RawEvent], datetime]:
    """Return what a customer did before a basket, as the recommender is given it, and the basket's time."""
    events = [
        RawEvent("", items.ids[log.rows[at]], KINDS[log.kinds[at]], float(log.days[at]) * _DAY)
        for at in range(basket.before.start, basket.before.stop)
    ]
    return events, datetime.fromtimestamp(float(log.days[basket.target.start]) * _DAY, UTC)


def _bought_again(rows: "NDArray[np.int32]", days: "NDArray[np.float64]") -> Sequence[int]:
    """Return what was bought most often, of those the latest first."""
    bought, counts = np.unique(rows, return_counts=True)
    latest = {int(row): float(day) for row, day in zip(rows, days, strict=True)}
    often = sorted(zip(bought.tolist(), counts.tolist(), strict=True), key=lambda pair: (-pair[1], -latest[pair[0]]))
    return [row for row, _ in often]


def day_number(day: date) -> float:
    """Return a date as days since 1970."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() / _DAY
