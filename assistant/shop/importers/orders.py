"""Orders from a table, one row an article, or from JSON Lines, one order a line with its `lines`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assistant.schema import Money, Order, OrderLine, OrderStatus, PaymentMethod
from assistant.shop.importers.rows import read_address, read_day, read_moment, read_rows
from retrieval.importers.records import Columns, Record
from retrieval.importers.values import BrokenValue, read_count, read_price
from retrieval.schema import RowError

ORDER_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "order_id", "Name"),
    "customer_id": ("customer_id", "Customer ID"),
    "email": ("email", "Email"),
    "status": ("status", "Fulfillment Status"),
    "financial_status": ("financial_status", "Financial Status"),
    "placed_at": ("placed_at", "Created at"),
    "cancelled_at": ("cancelled_at", "Cancelled at"),
    "delivered_on": ("delivered_on",),
    "expected_on": ("expected_on",),
    "carrier": ("carrier",),
    "tracking_number": ("tracking_number",),
    "cancel_reason": ("cancel_reason",),
    "currency": ("currency", "Currency"),
    "shipping": ("shipping", "Shipping"),
    "total": ("total", "Total"),
    "payment": ("payment", "Payment Method"),
    "recipient": ("recipient", "Shipping Name", "Billing Name"),
    "line1": ("line1", "address1", "Shipping Address1", "Billing Address1"),
    "line2": ("line2", "address2", "Shipping Address2", "Billing Address2"),
    "city": ("city", "Shipping City", "Billing City"),
    "region": ("region", "Shipping Province", "Billing Province"),
    "postcode": ("postcode", "zip", "Shipping Zip", "Billing Zip"),
    "country": ("country", "Shipping Country", "Billing Country"),
    "product_id": ("product_id",),
    "variant_id": ("variant_id", "sku", "Lineitem sku"),
    "title": ("title", "Lineitem name"),
    "quantity": ("quantity", "Lineitem quantity"),
    "price": ("price", "Lineitem price"),
}
"""Our fields, and what their columns are called in our own tables and in Shopify's export."""

_STATUSES: Mapping[str, OrderStatus] = {
    "pending": "pending",
    "unfulfilled": "pending",
    "": "pending",
    "processing": "processing",
    "processed": "processing",
    "partial": "processing",
    "partially fulfilled": "processing",
    "shipped": "shipped",
    "fulfilled": "shipped",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "returned": "returned",
    "restocked": "returned",
    "refunded": "returned",
}

FindCustomer = Callable[[str], str | None]
FindProduct = Callable[[str], str | None]


def read_orders(
    path: Path, mapping: Mapping[str, str] | None, find_customer: FindCustomer, find_product: FindProduct
) -> Iterator[Order | RowError]:
    """Yield each order, or what is wrong with one of its rows; then the whole order is left out.

    Rows of one order stand together, and only the first need say more than the article. `find_customer` takes an e-mail
    address or an id to the customer's id, `find_product` a variant's id to its product's. `mapping` renames: our field
    → theirs. Raises `CatalogueError` for what is no such file.
    """
    columns = Columns(ORDER_FIELDS, mapping or {}, "an order")
    reader = _Reader(columns, find_customer, find_product)
    good: list[Record] = []
    for record in read_rows(path, columns):
        if isinstance(record, RowError):
            yield record
        else:
            good.append(record)
    seen: set[str] = set()
    for order_id, rows in groupby(good, key=lambda record: str(columns.value(record, "id") or "")):
        group = list(rows)
        try:
            if order_id in seen:
                raise BrokenValue(columns.name(group[0], "id"), f"order {order_id} stands further up already.")
            seen.add(order_id)
            yield reader.read(group)
        except _BrokenLine as error:
            yield error.record.error(error.found)
        except BrokenValue as error:
            yield group[0].error(error)


class _BrokenLine(Exception):
    """A further row of an order cannot be used."""

    def __init__(self, record: Record, found: BrokenValue) -> None:
        super().__init__(str(found))
        self.record = record
        self.found = found


class _Reader:
    """Makes orders of rows."""

    def __init__(self, columns: Columns, find_customer: FindCustomer, find_product: FindProduct) -> None:
        self._columns = columns
        self._find_customer = find_customer
        self._find_product = find_product

    def read(self, rows: Sequence[Record]) -> Order:
        """Return the order of the rows. Raises `BrokenValue` for its head and `_BrokenLine` for a line."""
        head, columns = rows[0], self._columns
        if isinstance(head.cells.get("lines"), list):
            return _own_form(head.cells)
        currency = columns.needed(head, "currency").upper()
        lines = tuple(self._line(row, currency) for row in rows)
        status = self._status(head)
        shipping = self._money(head, "shipping", currency) or Money(amount=Decimal(0), currency=currency)
        goods = sum((line.price.amount * line.quantity for line in lines), Decimal(0))
        total = self._money(head, "total", currency) or Money(amount=goods + shipping.amount, currency=currency)
        payment = columns.text(head, "payment") or "unknown"
        return Order(
            id=columns.needed(head, "id").lstrip("#"),
            customer_id=self._customer(head),
            status=status,
            placed_at=read_moment(columns, head, "placed_at"),
            lines=lines,
            shipping=shipping,
            total=total,
            payment_method=PaymentMethod(id=payment, kind=_payment_kind(payment), label=payment),
            address=read_address(columns, head, columns.text(head, "email") or "the customer"),
            carrier=columns.text(head, "carrier"),
            tracking_number=columns.text(head, "tracking_number"),
            expected_on=read_day(columns, head, "expected_on"),
            delivered_on=read_day(columns, head, "delivered_on"),
            cancel_reason=columns.text(head, "cancel_reason"),
        )

    def _line(self, record: Record, currency: str) -> OrderLine:
        columns = self._columns
        try:
            variant_id = columns.text(record, "variant_id")
            title = columns.needed(record, "title")
            price = self._money(record, "price", currency)
            if price is None:
                raise BrokenValue(columns.name(record, "price"), "the price is missing. Add it.")
            quantity = read_count(columns.value(record, "quantity"), columns.name(record, "quantity"))
            if quantity == 0:
                raise BrokenValue(columns.name(record, "quantity"), "an order has at least one piece of an article.")
            found = self._find_product(variant_id) if variant_id else None
            return OrderLine(
                product_id=columns.text(record, "product_id") or found or variant_id or title,
                variant_id=variant_id,
                title=title,
                quantity=1 if quantity is None else quantity,
                price=price,
            )
        except BrokenValue as error:
            raise _BrokenLine(record, error) from error

    def _money(self, record: Record, field: str, currency: str) -> Money | None:
        columns = self._columns
        name = columns.name(record, field)
        return read_price(columns.value(record, field), currency, name, columns.name(record, "currency"))

    def _customer(self, record: Record) -> str:
        given = self._columns.text(record, "customer_id") or self._columns.needed(record, "email")
        found = self._find_customer(given.lstrip("'"))
        if found is None:
            column = self._columns.name(record, "customer_id" if "@" not in given else "email")
            raise BrokenValue(column, f"no customer is known as '{given}'. Import the customers first.")
        return found

    def _status(self, record: Record) -> OrderStatus:
        if self._columns.text(record, "cancelled_at"):
            return "cancelled"
        if (self._columns.text(record, "financial_status") or "").casefold() == "refunded":
            return "returned"
        if self._columns.text(record, "delivered_on"):
            return "delivered"
        text = (self._columns.text(record, "status") or "").casefold()
        if text not in _STATUSES:
            column = self._columns.name(record, "status")
            raise BrokenValue(
                column, f"'{text}' is no status; there are: {', '.join(sorted(set(_STATUSES.values())))}."
            )
        return _STATUSES[text]


def _payment_kind(label: str) -> Any:
    folded = label.casefold()
    return "paypal" if "paypal" in folded else "gift_card" if "gift" in folded else "card"


def _own_form(cells: Mapping[str, Any]) -> Order:
    try:
        return Order.model_validate(cells)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BrokenValue(".".join(map(str, first["loc"])), f"{first['msg']}. Fix it or drop the line.") from error
