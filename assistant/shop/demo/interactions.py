"""What the demo shop's customers looked at before they bought, and what they only looked at."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from assistant.schema import Customer, Interaction, Order, OrderLine
from assistant.shop.demo.personas import type_of
from assistant.shop.demo.taste import Shelves, Taste
from retrieval.schema import Product

_BROWSING_DAYS = 120
# Priya has never ordered; what she looks at is all that is known of her.
_LOOKS_ONLY = "C006"


def demo_interactions(
    products: Sequence[Product], customers: Sequence[Customer], orders: Sequence[Order], seed: int, today: date
) -> list[Interaction]:
    """Return views and purchases, oldest first; all before `today`."""
    shelves = Shelves(products)
    interactions = [
        interaction
        for order in orders
        for line in order.lines
        for interaction in _around_purchase(order, line, shelves, seed)
    ]
    interactions += [view for customer in customers for view in _browsing(customer, shelves, seed, today)]
    return sorted(interactions, key=lambda interaction: (interaction.at, interaction.customer_id))


def _around_purchase(order: Order, line: OrderLine, shelves: Shelves, seed: int) -> Iterator[Interaction]:
    rng = random.Random(f"views {seed} {order.id} {line.product_id}")
    if order.status != "cancelled":
        yield _interaction(order.customer_id, line.product_id, "purchase", order.placed_at)
    yield _interaction(order.customer_id, line.product_id, "view", _before(order.placed_at, rng, days=0.05))
    for _ in range(rng.choices((0, 1, 2), weights=(5, 3, 2))[0]):
        yield _interaction(order.customer_id, line.product_id, "view", _before(order.placed_at, rng, days=9))
    shelf = shelves.of(type_of(line.product_id))
    for other in rng.sample(shelf, min(len(shelf), rng.choices((0, 1, 2, 4), weights=(3, 3, 3, 1))[0])):
        if other.id != line.product_id:
            yield _interaction(order.customer_id, other.id, "view", _before(order.placed_at, rng, days=9))


def _browsing(customer: Customer, shelves: Shelves, seed: int, today: date) -> Iterator[Interaction]:
    rng = random.Random(f"browsing {seed} {customer.id}")
    taste = Taste(customer, seed)
    start = datetime.combine(today, time(), tzinfo=UTC)
    for _ in range(14 if customer.id == _LOOKS_ONLY else rng.randint(0, 8)):
        at = _before(start, rng, days=_BROWSING_DAYS)
        weights = taste.types(shelves, at.month)
        for type_id in rng.choices(list(weights), weights=list(weights.values())):
            product = taste.pick(shelves.of(type_id), rng, without=set())
            yield _interaction(customer.id, product.id, "view", at)


def _before(at: datetime, rng: random.Random, days: float) -> datetime:
    seconds = rng.randint(60, int(days * 24 * 3600))
    return at - timedelta(seconds=seconds)


def _interaction(customer_id: str, product_id: str, kind: Literal["view", "purchase"], at: datetime) -> Interaction:
    return Interaction(customer_id=customer_id, product_id=product_id, kind=kind, at=at, source="demo")
