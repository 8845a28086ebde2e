"""Tables of what shoppers mean to buy, and of the coupons that take something off."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.shop.tables.base import Amount, Base, UtcDateTime


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
