"""Tables of what was bought and of what became of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.shop.tables.base import Amount, Base, UtcDateTime


class OrderRow(Base):
    """An order. Address and payment method are copies: an order keeps what it was placed with."""

    __tablename__ = "orders"
    __table_args__ = (Index("orders_of_customer", "customer_id", "placed_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    status: Mapped[str] = mapped_column(String(20))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    currency: Mapped[str] = mapped_column(String(3))
    shipping: Mapped[Decimal] = mapped_column(Amount)
    total: Mapped[Decimal] = mapped_column(Amount)
    payment_method: Mapped[dict[str, Any]] = mapped_column(JSON)
    address: Mapped[dict[str, Any]] = mapped_column(JSON)
    carrier: Mapped[str | None] = mapped_column(String(100))
    tracking_number: Mapped[str | None] = mapped_column(String(100))
    expected_on: Mapped[date | None]
    delivered_on: Mapped[date | None]
    cancel_reason: Mapped[str | None] = mapped_column(Text)
    items_changed: Mapped[bool]
    version: Mapped[int]
    lines: Mapped[list["OrderLineRow"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="OrderLineRow.position"
    )


class OrderLineRow(Base):
    """One variant in an order, in the order's currency. It outlives the product, so nothing refers to the catalogue."""

    __tablename__ = "order_lines"
    __table_args__ = (CheckConstraint("quantity >= 1", name="order_line_has_pieces"),)

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(String(200), index=True)
    variant_id: Mapped[str | None] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, str]] = mapped_column(JSON)
    quantity: Mapped[int]
    price: Mapped[Decimal] = mapped_column(Amount)


class OrderChangeRow(Base):
    """A step in an order's life; the order itself holds only how it stands now."""

    __tablename__ = "order_changes"

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)


class RefundRow(Base):
    """Money that goes back. The key of the change that caused it makes a second one impossible."""

    __tablename__ = "refunds"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    amount: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    method: Mapped[dict[str, Any]] = mapped_column(JSON)
    cause: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PaymentRow(Base):
    """Money that was taken. An order without such rows was paid whole with the method it names."""

    __tablename__ = "payments"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    amount: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    method: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReturnRow(Base):
    """Items on their way back. Its id is the key of the change that asked for it."""

    __tablename__ = "returns"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    refund: Mapped[Decimal] = mapped_column(Amount)
    fee: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    refund_to: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExchangeRow(Base):
    """Items that are swapped. Its id is the key of the change that asked for it."""

    __tablename__ = "exchanges"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    difference: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
    method: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ShipmentRow(Base):
    """A parcel of an order. `positions` are those of the order's lines that are in it."""

    __tablename__ = "shipments"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    carrier: Mapped[str | None] = mapped_column(String(100))
    tracking_number: Mapped[str | None] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(20))
    expected_on: Mapped[date | None]
    positions: Mapped[list[int]] = mapped_column(JSON)
    scans: Mapped[list["ShipmentScanRow"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="ShipmentScanRow.at"
    )


class ShipmentScanRow(Base):
    """What the carrier saw of a parcel, and when."""

    __tablename__ = "shipment_scans"

    shipment_id: Mapped[str] = mapped_column(ForeignKey("shipments.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    place: Mapped[str | None] = mapped_column(String(200))
