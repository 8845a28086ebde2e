"""The tables of the shop's records: people, what they bought and looked at, and what they said."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, DateTime, Dialect, Float, ForeignKey, Index, MetaData, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC. SQLite drops the zone, so it is put back on the way out."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment of any zone into UTC; one without a zone is a ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone: say which moment it is.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that what was stored is UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Amount(TypeDecorator[Decimal]):
    """An exact decimal number, kept as text: SQLite would make it a float."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Write the digits."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Read the digits."""
        return None if value is None else Decimal(value)


class Base(DeclarativeBase):
    """The records' own set of tables, apart from the product store's."""

    metadata = MetaData()


class CustomerRow(Base):
    """A person the shop knows."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320), unique=True)
    language: Mapped[str] = mapped_column(String(2))
    addresses: Mapped[list["AddressRow"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="AddressRow.position"
    )
    payment_methods: Mapped[list["PaymentMethodRow"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="PaymentMethodRow.position"
    )


class AddressRow(Base):
    """A customer's address; the first one is where things go."""

    __tablename__ = "addresses"

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    line1: Mapped[str] = mapped_column(String(200))
    line2: Mapped[str | None] = mapped_column(String(200))
    city: Mapped[str] = mapped_column(String(100))
    region: Mapped[str | None] = mapped_column(String(100))
    postcode: Mapped[str] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(2))


class PaymentMethodRow(Base):
    """A way to pay that a customer saved; the first one is the usual one."""

    __tablename__ = "payment_methods"

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(100))


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


class InteractionRow(Base):
    """Something that was done with a product: looked at, bought, liked and so on."""

    __tablename__ = "interactions"
    __table_args__ = (
        Index("interactions_of_customer", "customer_id", "at"),
        Index("interactions_of_visitor", "visitor_id", "at"),
        Index("interactions_of_showing", "attribution_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    visitor_id: Mapped[str | None] = mapped_column(String(64))
    product_id: Mapped[str] = mapped_column(String(200), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(20))
    conversation_id: Mapped[str | None] = mapped_column(String(64))
    attribution_id: Mapped[str | None] = mapped_column(String(64))


class ConsentRow(Base):
    """Whether a customer lets the shop keep and use what they do, and when they said so last."""

    __tablename__ = "consents"

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    history: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PreferenceRow(Base):
    """What a customer said they like or don't: a word such as 'leather', or a product's id."""

    __tablename__ = "preferences"

    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    liked: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ShowingRow(Base):
    """A product that was tried out in a list of recommendations. It holds nothing of whom it was shown to."""

    __tablename__ = "showings"

    attribution_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    product_id: Mapped[str] = mapped_column(String(200), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class TicketRow(Base):
    """A conversation handed over. `customer_id` is no foreign key: a shop may know shoppers that its records don't."""

    __tablename__ = "tickets"
    # One open ticket a conversation, also when two turns ask at once.
    __table_args__ = (
        Index(
            "one_open_ticket",
            "conversation_id",
            unique=True,
            sqlite_where=text("state != 'closed'"),
            postgresql_where=text("state != 'closed'"),
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), index=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    transcript: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    taken_by: Mapped[str | None] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, server_default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ConversationRow(Base):
    """A conversation, whole, as one JSON document."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(String(64), index=True)
    visitor_id: Mapped[str | None] = mapped_column(String(64), index=True)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    document: Mapped[str] = mapped_column(Text)


class FeedbackRow(Base):
    """What a shopper thought of a turn."""

    __tablename__ = "feedback"

    conversation_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[str | None] = mapped_column(String(64))
    rating: Mapped[str] = mapped_column(String(8))
    comment: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class IdempotencyKeyRow(Base):
    """A change that was made, so that asking for it again does nothing more."""

    __tablename__ = "idempotency_keys"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    operation: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditRow(Base):
    """A use of a tool on a customer's records, allowed or refused. `customer_id` is who asked, where that is known."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_of_customer", "customer_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    conversation_id: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[str | None] = mapped_column(String(64))
    tool: Mapped[str] = mapped_column(String(64))
    step: Mapped[str] = mapped_column(String(10))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    refusal: Mapped[str | None] = mapped_column(Text)


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


class GiftCardRow(Base):
    """A gift card of a customer's, and what is left on it."""

    __tablename__ = "gift_cards"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    balance: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))


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


class CartRow(Base):
    """A cart. `owner` is a customer's id, 'visitor:' and an id, or 'conversation:' and an id."""

    __tablename__ = "carts"

    owner: Mapped[str] = mapped_column(String(140), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    coupon: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lines: Mapped[list["CartLineRow"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="CartLineRow.position"
    )


class CartLineRow(Base):
    """One variant in a cart. Its title is kept for the day when the catalogue has it no more."""

    __tablename__ = "cart_lines"
    __table_args__ = (CheckConstraint("quantity >= 1", name="cart_line_has_pieces"),)

    owner: Mapped[str] = mapped_column(ForeignKey("carts.owner", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[str] = mapped_column(String(200))
    variant_id: Mapped[str | None] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int]


class CouponRow(Base):
    """A code that takes something off a cart."""

    __tablename__ = "coupons"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str | None] = mapped_column(String(3))
    minimum: Mapped[Decimal | None] = mapped_column(Amount)
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    uses: Mapped[int | None]
    categories: Mapped[list[str]] = mapped_column(JSON)


class CouponUseRow(Base):
    """A cart that holds a coupon until a time, or an order that used it up for good: then `until` is None."""

    __tablename__ = "coupon_uses"

    code: Mapped[str] = mapped_column(ForeignKey("coupons.code", ondelete="CASCADE"), primary_key=True)
    cart_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    order_id: Mapped[str | None] = mapped_column(String(64))


class TraceRow(Base):
    """What was done in a turn; the document holds all of it, the columns what is looked for."""

    __tablename__ = "traces"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(64), index=True)
    customer_id: Mapped[str | None] = mapped_column(String(64), index=True)
    visitor_id: Mapped[str | None] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended: Mapped[str] = mapped_column(String(30))
    held_back: Mapped[int]
    seconds: Mapped[float | None] = mapped_column(Float)
    first_card: Mapped[float | None] = mapped_column(Float)
    first_word: Mapped[float | None] = mapped_column(Float)
    document: Mapped[str] = mapped_column(Text)


class TraceSearchRow(Base):
    """Words that were searched in a turn, and how many products were found."""

    __tablename__ = "trace_searches"

    trace_id: Mapped[str] = mapped_column(ForeignKey("traces.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    words: Mapped[str] = mapped_column(Text)
    hits: Mapped[int]


class TraceShowingRow(Base):
    """A product that an answer showed."""

    __tablename__ = "trace_showings"

    attribution_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    product_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    trace_id: Mapped[str] = mapped_column(ForeignKey("traces.id", ondelete="CASCADE"), index=True)


class SharedSecretRow(Base):
    """A key that the shop's processes made for themselves, so that each takes what another one signed."""

    __tablename__ = "shared_secrets"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


class RevokedTokenRow(Base):
    """A customer's token that was given up before its time, by its hash, until it would have expired."""

    __tablename__ = "revoked_tokens"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class RateCounterRow(Base):
    """How often somebody asked in the window that is open, by a moment in seconds since 1970."""

    __tablename__ = "rate_counters"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[float] = mapped_column(Float, index=True)


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


class OutboxRow(Base):
    """What the shop's own system has to be told. It is written with the change itself, and sent until it arrives."""

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_due", "state", "next_at"),)

    id: Mapped[str] = mapped_column(String(140), primary_key=True)
    type: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[str] = mapped_column(String(64), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)


class ShopUpdateRow(Base):
    """What the shop's own system told, so that telling it again does nothing more."""

    __tablename__ = "shop_updates"

    id: Mapped[str] = mapped_column(String(140), primary_key=True)
    type: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class TicketMessageRow(Base):
    """What a person of the shop, or the customer, wrote on a ticket."""

    __tablename__ = "ticket_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket: Mapped[int] = mapped_column(ForeignKey("tickets.number", ondelete="CASCADE"), index=True)
    sender: Mapped[str] = mapped_column(String(20))
    name: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
