"""Queries that something fits and queries that nothing fits: judged ones, and made ones out of two shops."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from finetune.ranker_data import RankedQuery, RankedShop
from retrieval.ranking.features import FEATURES

_HALVES = 2


@dataclass(frozen=True)
class FitExample:
    """A query's candidates, whether anything in the shop fits it, and what kind of example it is."""

    query: RankedQuery
    fits: bool
    kind: str

    def is_of(self, kind: str, fits: bool) -> bool:
        """Tell whether it is an example of this kind with this answer."""
        return (self.kind, self.fits) == (kind, fits)


def fit_examples(shops: Sequence[RankedShop], shared: Collection[str]) -> Iterator[FitExample]:
    """Yield the judged queries of all shops, and made ones, most of which nothing fits.

    'judged': nothing judged is relevant. 'foreign': a query of another shop, where neither the query nor the shop's
    products are of the departments in `shared`, which both have. 'emptied': a query in its own shop, its relevant
    products' departments taken out. 'half': the same in a smaller shop, with every other of its departments, once
    without those of the relevant products and once with them.
    """
    for shop in shops:
        names = sorted({name for name in _department_list(shop) if name})
        for query in shop.own_queries():
            yield FitExample(query, any(query.ideal), "judged")
            if own := _own_departments(shop, query.query_id):
                yield from _without(shop, query, own, (), False, "emptied")
                for half in range(_HALVES):
                    others = set(names[half::_HALVES])
                    yield from _without(shop, query, own, others, False, "half")
                    yield from _without(shop, query, (), others - own, True, "half")
        for other in shops:
            if other is not shop:
                yield from (FitExample(query, False, "foreign") for query in _foreign(other, shop, shared))


def _own_departments(shop: RankedShop, query_id: str) -> set[str]:
    """Return the departments of a query's relevant products; none where one of them is of no known department."""
    departments = {department for department, gain in _departments(shop, query_id) if gain > 0}
    return set() if None in departments else {name for name in departments if name}


def _without(
    shop: RankedShop, query: RankedQuery, own: Collection[str], others: Collection[str], fits: bool, kind: str
) -> Iterator[FitExample]:
    """Ask the query in its shop without these departments and without what is of none."""
    # Nothing is known of products without a department, and a shop whose departments are all gone is no shop.
    absent = _rows_of(shop, {*own, *others, None})
    if len(absent) < len(shop.ids):
        labels = shop.shop.labels(query.query_id) if fits else {}
        yield FitExample(shop.ask(query.query_id, query.text, labels, absent), fits, kind)


def _foreign(other: RankedShop, shop: RankedShop, shared: Collection[str]) -> Iterator[RankedQuery]:
    """Ask another shop's queries here. One whose words all stand in one title may well fit, so it is left out."""
    without = _rows_of(shop, {*shared, None}) if any(_department_list(shop)) else []
    for query_id, text in other.shop.queries.items():
        relevant = Counter(department for department, gain in _departments(other, query_id) if gain == 1)
        if relevant and (None in relevant or relevant.keys() & set(shared)):
            continue
        asked = shop.ask(query_id, text, {}, without)
        if len(asked.rows) and np.nanmax(asked.features[:, FEATURES.index("title_coverage")]) < 1:
            yield asked


def _departments(shop: RankedShop, query_id: str) -> list[tuple[str | None, float]]:
    """Return department and gain of the judged products; none for a shop without departments."""
    if not any(_department_list(shop)):
        return []
    products = shop.shop.products
    return [(products[name].department, gain) for name, gain in shop.shop.labels(query_id).items() if name in products]


def _department_list(shop: RankedShop) -> list[str | None]:
    return [product.department for product in shop.shop.products.values()]


def _rows_of(shop: RankedShop, departments: Collection[str | None]) -> list[int]:
    return [row for row, department in enumerate(_department_list(shop)) if department in departments]
