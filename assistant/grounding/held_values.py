"""Every amount, day and text that results about orders, carts and deliveries hold, wherever in them it stands.

What a product costs and what stands in an order are judged by whose they are; see `product_facts` and `order_facts`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from pydantic import BaseModel

from assistant.grounding.text import fold
from assistant.schema import (
    AccountFound,
    AddressChanged,
    CartShown,
    DeliveryEstimated,
    Evidence,
    ExchangeRequested,
    Order,
    OrderCancelled,
    OrderChanged,
    OrderDetails,
    ReturnRequested,
)
from retrieval.schema import Money, Product

Settled = OrderCancelled | OrderChanged | OrderDetails | ReturnRequested | ExchangeRequested | AddressChanged
"""Results about what becomes of an order. What others say in words may be a model's own: the text of a search, say."""
Held = Settled | AccountFound | CartShown | DeliveryEstimated


@dataclass(frozen=True)
class HeldValues:
    """The values of the results beside their products and orders."""

    evidence: Evidence

    @cached_property
    def held_amounts(self) -> frozenset[Decimal]:
        """Fees, refunds, differences, sums and thresholds."""
        return frozenset(abs(value.amount) for value in self._held if isinstance(value, Money))

    @cached_property
    def settled_amounts(self) -> frozenset[Decimal]:
        """Those of returns, swaps and changes; which amount of a cart or a delivery is what, `shopping.py` checks."""
        settled = (each for each in self.evidence.results if isinstance(each, Settled))
        return frozenset(
            abs(value.amount) for each in settled for value in _values_in(each) if isinstance(value, Money)
        )

    @cached_property
    def held_currencies(self) -> frozenset[str]:
        """The currencies of the amounts held."""
        return frozenset(value.currency for value in self._held if isinstance(value, Money))

    @cached_property
    def held_days(self) -> frozenset[date]:
        """The days of parcels, deliveries, returns and coupons."""
        days = (value for value in self._held if isinstance(value, date))
        return frozenset(day.date() if isinstance(day, datetime) else day for day in days)

    @cached_property
    def held_text(self) -> str:
        """All texts, folded, a line each: numbers of returns, names of cards, what a parcel's scans say."""
        return "\n".join(fold(value) for value in self._held if isinstance(value, str))

    @cached_property
    def _held(self) -> tuple[object, ...]:
        results = (result for result in self.evidence.results if isinstance(result, Held))
        return tuple(value for result in results for value in _values_in(result))


def _values_in(value: object) -> Iterator[object]:
    """Yield the amounts, days and texts inside a value, those of products and orders left out."""
    if isinstance(value, Product | Order):
        return
    if isinstance(value, Money | date | str):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields.keys() - {"type"}:
            yield from _values_in(getattr(value, name))
    elif isinstance(value, dict):
        yield from (each for part in value.values() for each in _values_in(part))
    elif isinstance(value, tuple | list | frozenset | set):
        yield from (each for part in value for each in _values_in(part))
