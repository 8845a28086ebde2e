"""What is known of orders: those that came back, what was done with them, and one order in words and amounts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from assistant.grounding.product_facts import Listing
from assistant.grounding.text import fold
from assistant.schema import (
    AddressChanged,
    Customer,
    Evidence,
    ExchangeRequested,
    Order,
    OrderCancelled,
    OrderChanged,
    OrderDetails,
    OrdersFound,
    ProductDetails,
    PurchasesFound,
    ReturnRequested,
    ToolResult,
)

Settled = OrderCancelled | OrderChanged | ReturnRequested | ExchangeRequested
"""What was done with an order after the customer's yes."""


@dataclass(frozen=True)
class OrderFacts:
    """The orders among the results. Of one that came back twice the newer record counts."""

    evidence: Evidence

    @cached_property
    def orders(self) -> dict[str, Order]:
        """Every order that came back, by id."""
        return {order.id: order for result in self.evidence.results for order in orders_of(result)}

    @cached_property
    def latest_orders(self) -> tuple[Order, ...]:
        """The orders of the latest answer about orders, newest first; single details in a row go together."""
        single: dict[str, Order] = {}
        for result in reversed(self.evidence.results):
            if isinstance(result, OrderDetails):
                single.setdefault(result.order.id, self.orders[result.order.id])
            elif single:
                break
            elif isinstance(result, OrdersFound | PurchasesFound | Settled):
                return tuple(orders_of(result))
        return tuple(single.values())

    @cached_property
    def latest_is_about_orders(self) -> bool:
        """Whether the newest answer about products or orders is about orders."""
        for result in reversed(self.evidence.results):
            if isinstance(result, OrdersFound | PurchasesFound | OrderDetails | Settled):
                return True
            if isinstance(result, Listing | ProductDetails):
                return False
        return False

    @cached_property
    def cancellations(self) -> tuple[OrderCancelled, ...]:
        """The orders that were cancelled in this conversation."""
        return tuple(result for result in self.evidence.results if isinstance(result, OrderCancelled))

    @cached_property
    def refunds(self) -> dict[str, frozenset[Decimal]]:
        """By order what goes back to the customer, as the results of what was done say."""
        found: dict[str, set[Decimal]] = {}
        for result in self.evidence.results:
            if isinstance(result, OrderCancelled | OrderChanged) and result.refund:
                found.setdefault(result.order.id, set()).add(result.refund.amount)
            elif isinstance(result, ReturnRequested):
                found.setdefault(result.order.id, set()).add(result.request.refund.amount)
            elif isinstance(result, ExchangeRequested) and result.request.difference.amount < 0:
                found.setdefault(result.order.id, set()).add(-result.request.difference.amount)
        return {order_id: frozenset(amounts) for order_id, amounts in found.items()}

    @cached_property
    def fees(self) -> frozenset[Decimal]:
        """What is taken off for items that come back."""
        returns = (result for result in self.evidence.results if isinstance(result, ReturnRequested))
        return frozenset(result.request.fee.amount for result in returns)

    @cached_property
    def requested(self) -> tuple[tuple[str, int], ...]:
        """What was asked to be sent back or swapped: the product's id and how many pieces."""
        found: list[tuple[str, int]] = []
        for result in self.evidence.results:
            if isinstance(result, ReturnRequested):
                lines = result.order.lines
                found += [(lines[line.position].product_id, line.quantity) for line in result.request.lines]
            elif isinstance(result, ExchangeRequested):
                lines = result.order.lines
                found += [
                    (lines[line.position].product_id, lines[line.position].quantity) for line in result.request.lines
                ]
        return tuple(found)

    @cached_property
    def changes_made(self) -> bool:
        """Whether anything but a cancellation was done after the customer's yes."""
        done = OrderChanged | ReturnRequested | ExchangeRequested | AddressChanged
        return any(isinstance(result, done) for result in self.evidence.results)

    @cached_property
    def order_text(self) -> str:
        """What the orders say in words, folded."""
        return "\n".join(fold(line) for order in self.orders.values() for line in order_lines(order))


def orders_of(result: ToolResult) -> Iterable[Order]:
    """Return the orders that a result holds."""
    if isinstance(result, OrdersFound | PurchasesFound):
        return result.orders
    return (result.order,) if isinstance(result, OrderDetails | Settled) else ()


def customer_lines(customer: Customer) -> Iterator[str]:
    """Yield what is saved of a customer in words."""
    address = customer.address
    yield from (customer.name, customer.email, address.name)
    parts = (address.line1, address.line2, address.city, address.region, address.postcode, address.country)
    yield from (part for part in parts if part)
    yield from (method.label for method in customer.payment_methods)


def order_lines(order: Order) -> Iterator[str]:
    """Yield what an order says in words."""
    for line in order.lines:
        yield line.title
        yield from line.options.values()
    address = order.address
    parts = (
        address.name,
        address.line1,
        address.line2,
        address.city,
        address.region,
        address.postcode,
        address.country,
    )
    yield from (part for part in parts if part)
    yield order.payment_method.label
    yield from (text for text in (order.carrier, order.cancel_reason) if text)


def order_dates(order: Order) -> dict[str, date]:
    """Return the order's days by what happened on them."""
    days = {"placed": order.placed_at.date(), "expected": order.expected_on, "delivered": order.delivered_on}
    return {what: day for what, day in days.items() if day is not None}


def order_amounts(order: Order) -> dict[str, set[Decimal]]:
    """Return an order's amounts by what they are: 'total', 'shipping', 'line'."""
    pieces = {line.price.amount for line in order.lines}
    whole = {line.price.amount * line.quantity for line in order.lines}
    subtotal = sum((line.price.amount * line.quantity for line in order.lines), Decimal())
    return {"total": {order.total.amount}, "shipping": {order.shipping.amount}, "line": pieces | whole | {subtotal}}
