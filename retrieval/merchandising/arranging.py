"""A ranking as the shop wants it: without what is never shown, the boosted moved, the pinned first, the buried last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from retrieval.merchandising.rules import Boost, Bury, Rules
from retrieval.schema import Hit, Product, Query

# A factor works on places and not on scores, whose scales differ from stage to stage: place p, counted from 0, becomes
# (p + 10) / factor - 10. A factor of 1.3 takes a product from place 20 to 14 and from 2 to the top, 2 from place 20 to
# 6, and 10 to the top from nearly anywhere in the first hundred; 0.5 takes the first product to place 9.
_OFFSET = 10
_WEAKEST, _STRONGEST = 0.1, 10.0


@dataclass(frozen=True)
class Arranged:
    """A ranking in three parts: only the middle one is open to further sorting."""

    pinned: list[Hit]
    ranked: list[Hit]
    buried: list[Hit]

    def whole(self) -> list[Hit]:
        """Return all of it, best first."""
        return [*self.pinned, *self.ranked, *self.buried]


def arrange(
    rules: Rules, query: Query, hits: Sequence[Hit], get_products: Callable[[Sequence[str]], list[Product]], today: date
) -> Arranged:
    """Arrange the hits, best first, as the rules say for this query and day.

    Pinned products that are not among the hits are read with `get_products` and must be inside the query's limits;
    their stage is 'pinned'. A product that the query names ('named') is buried only by a rule for this very query.
    """
    shown = [hit for hit in hits if not rules.never_show.selects(hit.product)]
    pinned = _pinned(rules, query, get_products, today)
    taken = {hit.product.id for hit in pinned}
    others = _boosted([hit for hit in shown if hit.product.id not in taken], rules, query, today)
    burials = [rule for rule in rules.bury if rule.applies(query, today)]
    buried = {hit.product.id for hit in others if any(_buries(rule, hit) for rule in burials)}
    return Arranged(
        pinned=pinned,
        ranked=[hit for hit in others if hit.product.id not in buried],
        buried=[hit for hit in others if hit.product.id in buried],
    )


def _pinned(
    rules: Rules, query: Query, get_products: Callable[[Sequence[str]], list[Product]], today: date
) -> list[Hit]:
    ids = rules.pinned_ids(query, today)
    products = get_products(ids) if ids else []
    return [
        Hit(product=product, score=1.0, stage="pinned")
        for product in products
        if query.filters.admit(product) and not rules.never_show.selects(product)
    ]


def _boosted(hits: Sequence[Hit], rules: Rules, query: Query, today: date) -> list[Hit]:
    boosts = [rule for rule in rules.boost if rule.applies(query, today)]
    if not boosts:
        return list(hits)
    places = [(place + _OFFSET) / _factor(boosts, hit.product) for place, hit in enumerate(hits)]
    return [hits[place] for place in sorted(range(len(hits)), key=places.__getitem__)]


def _factor(boosts: Sequence[Boost], product: Product) -> float:
    factor = 1.0
    for boost in boosts:
        if boost.selects(product):
            factor *= boost.factor
    return min(max(factor, _WEAKEST), _STRONGEST)


def _buries(rule: Bury, hit: Hit) -> bool:
    return rule.selects(hit.product) and (hit.stage != "named" or rule.query is not None)
