"""Orders as rows, and rows as orders."""

from typing import Any

from assistant.schema import Exchange, Money, Order, OrderLine, Refund, Return
from assistant.shop.tables import ExchangeRow, OrderLineRow, OrderRow, RefundRow, ReturnRow

_PLAIN = (
    "id",
    "customer_id",
    "status",
    "placed_at",
    "carrier",
    "tracking_number",
    "expected_on",
    "delivered_on",
    "cancel_reason",
    "items_changed",
    "version",
)


def order_to_row(order: Order) -> OrderRow:
    """Return the row of an order. Raises ValueError for one that mixes currencies."""
    moneys = [order.shipping, *(line.price for line in order.lines)]
    if any(money.currency != order.total.currency for money in moneys):
        raise ValueError(f"Order {order.id} mixes currencies: an order has one.")
    return OrderRow(
        **{name: getattr(order, name) for name in _PLAIN},
        currency=order.total.currency,
        shipping=order.shipping.amount,
        total=order.total.amount,
        payment_method=order.payment_method.model_dump(mode="json"),
        address=order.address.model_dump(mode="json"),
        lines=[
            OrderLineRow(position=position, price=line.price.amount, **line.model_dump(exclude={"price"}))
            for position, line in enumerate(order.lines)
        ],
    )


def order_from_row(row: OrderRow) -> Order:
    """Return the order that a row holds."""
    return Order.model_validate(
        {name: getattr(row, name) for name in (*_PLAIN, "payment_method", "address")}
        | {
            "shipping": Money(amount=row.shipping, currency=row.currency),
            "total": Money(amount=row.total, currency=row.currency),
            "lines": tuple(_line_from_row(line, row.currency) for line in row.lines),
        }
    )


def refund_from_row(row: RefundRow) -> Refund:
    """Return the refund that a row holds."""
    return Refund.model_validate(
        _same(row, "order_id", "method", "cause", "state", "at") | _moneys(row, "amount"),
    )


def return_from_row(row: ReturnRow) -> Return:
    """Return the return that a row holds."""
    return Return.model_validate(
        _same(row, "id", "order_id", "lines", "refund_to", "state", "at") | _moneys(row, "refund", "fee")
    )


def exchange_from_row(row: ExchangeRow) -> Exchange:
    """Return the exchange that a row holds."""
    return Exchange.model_validate(
        _same(row, "id", "order_id", "lines", "method", "state", "at") | _moneys(row, "difference")
    )


def exchange_to_row(exchange: Exchange) -> ExchangeRow:
    """Return the row of an exchange."""
    whole = exchange.model_dump(mode="json")
    return ExchangeRow(
        **_same(exchange, "id", "order_id", "state", "at"),
        lines=whole["lines"],
        method=whole["method"],
        difference=exchange.difference.amount,
        currency=exchange.difference.currency,
    )


def _same(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _moneys(row: Any, *names: str) -> dict[str, Any]:
    return {name: Money(amount=getattr(row, name), currency=row.currency) for name in names}


def _line_from_row(row: OrderLineRow, currency: str) -> OrderLine:
    return OrderLine(
        product_id=row.product_id,
        variant_id=row.variant_id,
        title=row.title,
        options=row.options,
        quantity=row.quantity,
        price=Money(amount=row.price, currency=currency),
    )
