"""The demo shop's exchanges for another size: of one product for a larger one, of another for a smaller one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from assistant.schema import Exchange, Order, Product, VariantChange
from assistant.shop.sizing import sizes_of
from assistant.shop.sizing.fit import FEWEST
from assistant.shop.sizing.sizes import size_option
from retrieval.schema import Variant

_STEPS = (1, -1)
"""Which way the exchanges of the products go, of the one that was sold most often first."""
_SHARE = 0.75
"""Of those who could exchange a piece for the next size: the others kept theirs."""
_STORY = tuple(f"C{number:03}" for number in range(1, 11))
"""Customers with a story of their own, which these exchanges aren't part of."""


class _Swap(NamedTuple):
    order: Order
    position: int
    variant: Variant


def demo_exchanges(products: Sequence[Product], orders: Sequence[Order], today: date) -> list[Exchange]:
    """Return exchanges of delivered items, none later than `today`."""
    delivered = [order for order in orders if order.delivered_on and order.customer_id not in _STORY]
    by_product: dict[str, list[tuple[Order, int]]] = defaultdict(list)
    for order in delivered:
        for position, line in enumerate(order.lines):
            by_product[line.product_id].append((order, position))
    sized = [product for product in products if size_option(product) and product.id in by_product]
    sized.sort(key=lambda product: (-len(by_product[product.id]), product.id))
    exchanges: list[Exchange] = []
    for step in _STEPS:
        # The first from which something follows: those sold most may have come in their last size only.
        product = next((each for each in sized if _enough(each, by_product[each.id], step)), None)
        if product is not None:
            sized.remove(product)
            exchanges += [_exchange(swap, today) for swap in _swaps(product, by_product[product.id], step)]
    return exchanges


def _enough(product: Product, lines: Sequence[tuple[Order, int]], step: int) -> bool:
    return len(list(_swaps(product, lines, step))) >= FEWEST


def _swaps(product: Product, lines: Sequence[tuple[Order, int]], step: int) -> Iterator[_Swap]:
    """Yield most of the lines for which there is a variant that differs in nothing but the next size."""
    option, sizes = size_option(product), list(sizes_of(product))
    assert option is not None
    possible = []
    for order, position in lines:
        had = order.lines[position].options
        place = sizes.index(had[option]) + step if had.get(option) in sizes else -1
        wanted = {**had, option: sizes[place]} if 0 <= place < len(sizes) else None
        variant = next((each for each in product.variants if each.options == wanted), None)
        if variant is not None:
            possible.append(_Swap(order, position, variant))
    yield from possible[: max(1, round(_SHARE * len(possible)))]


def _exchange(swap: _Swap, today: date) -> Exchange:
    order, line = swap.order, swap.order.lines[swap.position]
    assert order.delivered_on is not None
    change = VariantChange(
        position=swap.position,
        variant_id=swap.variant.id,
        title=line.title,
        options=dict(swap.variant.options),
        price=line.price,
    )
    return Exchange(
        id=f"exchange-{order.id}-{swap.position}",
        order_id=order.id,
        lines=(change,),
        difference=line.price.model_copy(update={"amount": line.price.amount * 0}),
        method=order.payment_method,
        state="closed",
        at=datetime.combine(min(order.delivered_on + timedelta(days=3), today), time(9), UTC),
    )
