"""What a customer bought and what became of it: orders, parcels, refunds, returns, exchanges."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from assistant.schema.customers import Address, PaymentMethod
from retrieval.schema import Money, Value


class OrderLine(Value):
    """One variant in an order, at the price it was bought for."""

    product_id: str
    variant_id: str | None = None
    title: str
    options: dict[str, str] = Field(default_factory=dict)
    quantity: int = Field(ge=1)
    price: Money = Field(description="For one piece.")


OrderStatus = Literal["pending", "processing", "shipped", "delivered", "cancelled", "returned"]


class Order(Value):
    """What a customer bought. `version` grows with every change; a writer that saw an older one is refused."""

    id: str
    customer_id: str
    status: OrderStatus
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    shipping: Money
    total: Money
    payment_method: PaymentMethod
    address: Address
    carrier: str | None = None
    tracking_number: str | None = None
    expected_on: date | None = Field(default=None, description="The day it should arrive, when that is known.")
    delivered_on: date | None = None
    cancel_reason: str | None = None
    items_changed: bool = Field(default=False, description="Whether its variants were changed after it was placed.")
    version: int = 1


class OrderChange(Value):
    """One step in an order's life."""

    order_id: str
    version: int = Field(description="The order's version after the step.")
    status: OrderStatus
    at: datetime
    note: str | None = Field(default=None, description="What was done, beyond the status.")


class Refund(Value):
    """Money that goes back to a customer."""

    order_id: str
    amount: Money
    method: PaymentMethod
    cause: Literal["cancelled", "returned", "exchanged", "changed"]
    state: Literal["awaiting_items", "requested", "paid"] = "requested"
    at: datetime


class ReturnedLine(Value):
    """Pieces of one line of an order that come back. `position` counts the order's lines from 0."""

    position: int
    title: str
    quantity: int = Field(ge=1)


class Return(Value):
    """Items that a customer sends back for money."""

    id: str
    order_id: str
    lines: tuple[ReturnedLine, ...]
    refund: Money = Field(description="What goes back once the items have come, the fee taken off.")
    fee: Money
    refund_to: PaymentMethod
    state: Literal["requested", "received", "closed"] = "requested"
    at: datetime


class VariantChange(Value):
    """One line of an order, and the variant that takes its place. `position` counts the order's lines from 0."""

    position: int
    variant_id: str
    title: str
    options: dict[str, str]
    price: Money = Field(description="For one piece of the new variant.")


class Exchange(Value):
    """Delivered items that are swapped for other variants of the same products."""

    id: str
    order_id: str
    lines: tuple[VariantChange, ...]
    difference: Money = Field(description="What the customer still pays; below zero, what goes back.")
    method: PaymentMethod
    state: Literal["requested", "sent", "closed"] = "requested"
    at: datetime


ShipmentState = Literal["packed", "in_transit", "out_for_delivery", "delivered", "problem"]


class Scan(Value):
    """What the carrier saw of a parcel."""

    at: datetime
    state: ShipmentState
    place: str | None = None


class Shipment(Value):
    """A parcel of an order. `positions` count the order's lines that are in it from 0; none named: all of them."""

    id: str
    order_id: str
    carrier: str | None = None
    tracking_number: str | None = None
    state: ShipmentState = "packed"
    expected_on: date | None = None
    positions: tuple[int, ...] = ()
    scans: tuple[Scan, ...] = Field(default=(), description="Oldest first.")
