"""Tables of the people the shop knows, and of what they said they like."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.shop.tables.base import Amount, Base, UtcDateTime


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


class GiftCardRow(Base):
    """A gift card of a customer's, and what is left on it."""

    __tablename__ = "gift_cards"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    balance: Mapped[Decimal] = mapped_column(Amount)
    currency: Mapped[str] = mapped_column(String(3))
