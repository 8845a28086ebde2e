"""The demo shop's 600 orders, A1001 … A1600: what is in them, what they cost and where they are."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from assistant.schema import Customer, Money, Order, OrderLine
from assistant.shop.demo.personas import CONSUMABLES
from assistant.shop.demo.taste import Shelves, Taste
from assistant.shop.demo.timetable import Plan, plan_orders
from retrieval.schema import Product

SHIPPING = {"US": ("5.95", "50"), "CA": ("12.95", "150"), "GB": ("16.95", "200"), "CN": ("18.95", "200")}
"""What sending costs by country, and the order value from which it is free, as policies/en/shipping.md says."""

_TRANSIT = {"US": (3, 5), "CA": (6, 9), "GB": (7, 10), "CN": (8, 12)}
_CARRIERS = {"US": (("Parcelway", "PW"), ("Bluefin Express", "BFX"))}
_ABROAD = (("Meridian Post", "MP"),)
_STEPS = {"pending": 1, "processing": 2, "cancelled": 2, "shipped": 3, "delivered": 4, "returned": 5}
_REASONS = {
    "en": ("Ordered the wrong size", "Changed my mind", "It would come too late", "Ordered twice", "Found another one"),
    "zh": ("尺码选错了", "不想要了", "送达时间太晚", "重复下单"),
}
# Reserved for the story, and so not in the order of time as the others are.
_FIRST_FREE = 1011


def demo_orders(products: Sequence[Product], customers: Sequence[Customer], seed: int, today: date) -> list[Order]:
    """Return the orders by id. Nothing is later than `today`, but the days on which open orders are expected."""
    clerk = _Clerk(Shelves(products), customers, seed, today)
    orders = []
    number = _FIRST_FREE
    for plan in plan_orders(customers, seed, today):
        orders.append(clerk.fill(plan, plan.id or f"A{number}"))
        number += plan.id is None
    return sorted(orders, key=lambda order: order.id)


class _Clerk:
    """Fills plans in the order of time, and so knows what each customer has bought before."""

    def __init__(self, shelves: Shelves, customers: Sequence[Customer], seed: int, today: date) -> None:
        self._shelves = shelves
        self._customers = {customer.id: customer for customer in customers}
        self._tastes = {customer.id: Taste(customer, seed) for customer in customers}
        self._bought: dict[str, list[tuple[str, Product]]] = {customer.id: [] for customer in customers}
        self._seed = seed
        self._today = today

    def fill(self, plan: Plan, order_id: str) -> Order:
        """Make the order of a plan."""
        customer = self._customers[plan.customer_id]
        # A draw of its own for each order: a change in one leaves the others as they are.
        rng = random.Random(f"order {self._seed} {plan.customer_id} {plan.id or len(self._bought[customer.id])}")
        lines = tuple(self._line(plan, type_id, rng) for type_id in self._types(plan, rng))
        goods = sum((line.price.amount * line.quantity for line in lines), Decimal(0))
        shipping = _shipping(customer.address.country, goods)
        return Order(
            id=order_id,
            customer_id=customer.id,
            status=plan.status,
            placed_at=plan.placed_at,
            lines=lines,
            shipping=Money(amount=shipping, currency="USD"),
            total=Money(amount=goods + shipping, currency="USD"),
            payment_method=customer.payment_methods[0 if plan.id or rng.random() < 0.75 else -1],
            address=customer.address,
            version=_STEPS[plan.status],
            **_journey(plan, customer, self._today, rng),
        )

    def _types(self, plan: Plan, rng: random.Random) -> Sequence[str]:
        if plan.types:
            return self._shelves.types(plan.types)[: len(plan.types)]
        weights = self._tastes[plan.customer_id].types(self._shelves, plan.placed_at.month)
        owned = [type_id for type_id, _ in self._bought[plan.customer_id]]
        # Who has a turntable rarely buys a second one; socks wear out.
        for type_id in weights.keys() - CONSUMABLES:
            weights[type_id] /= 1 + 3 * owned.count(type_id)
        chosen: list[str] = []
        for _ in range(rng.choices((1, 2, 3), weights=(55, 32, 13))[0]):
            left = {type_id: weight for type_id, weight in weights.items() if type_id not in chosen}
            if left:
                chosen += rng.choices(list(left), weights=list(left.values()))
        return chosen

    def _line(self, plan: Plan, type_id: str, rng: random.Random) -> OrderLine:
        customer = self._customers[plan.customer_id]
        taste, bought = self._tastes[customer.id], self._bought[customer.id]
        # What was bought before depends on the day; the orders of the story must not.
        before = [] if plan.id else [product for earlier, product in bought if earlier == type_id]
        consumable = type_id in CONSUMABLES
        if consumable and before and rng.random() < 0.75:
            product = before[-1]
        else:
            product = taste.pick(self._shelves.of(type_id), rng, without={product.id for product in before})
        bought.append((type_id, product))
        variant = taste.pick_variant(product, rng)
        price = (variant.price if variant else None) or product.price
        assert price is not None  # the shelves hold nothing without a price
        return OrderLine(
            product_id=product.id,
            variant_id=variant.id if variant else None,
            # The short name, since that is how a reply names a product.
            title=product.text(customer.language).short_name,
            options=dict(variant.options) if variant else {},
            quantity=rng.choices((1, 2, 3), weights=(6, 3, 1))[0] if consumable else 1,
            price=price,
        )


def _shipping(country: str, goods: Decimal) -> Decimal:
    fee, free_from = SHIPPING[country]
    return Decimal("0.00") if goods >= Decimal(free_from) else Decimal(fee)


def _journey(plan: Plan, customer: Customer, today: date, rng: random.Random) -> dict[str, Any]:
    """Return how the order travels: carrier, tracking number and days, as far as its status has them."""
    if plan.status == "cancelled":
        return {"cancel_reason": rng.choice(_REASONS[customer.language])}
    country = customer.address.country
    expected_on = plan.placed_at.date() + timedelta(days=rng.randint(*_TRANSIT[country]))
    if plan.status in ("pending", "processing"):
        return {"expected_on": max(expected_on, today + timedelta(days=2))}
    carrier, prefix = rng.choice(_CARRIERS.get(country, _ABROAD))
    travel = {"carrier": carrier, "tracking_number": f"{prefix}{rng.randint(0, 10**10 - 1):010}"}
    if plan.status == "shipped":
        return travel | {"expected_on": max(expected_on, today + timedelta(days=1))}
    late = rng.choices((0, -1, 1), weights=(75, 15, 10))[0]
    return travel | {"expected_on": expected_on, "delivered_on": expected_on + timedelta(days=late)}
