"""Tables that keep the service right: done once, audited, limited, told to the shop's own system."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.shop.tables.base import Base, UtcDateTime


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
