"""Tables of what was done with products, and of what was tried out."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from assistant.shop.tables.base import Base, UtcDateTime


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


class ShowingRow(Base):
    """A product that was tried out in a list of recommendations. It holds nothing of whom it was shown to."""

    __tablename__ = "showings"

    attribution_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    product_id: Mapped[str] = mapped_column(String(200), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
