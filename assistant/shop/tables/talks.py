"""Tables of conversations, tickets, feedback, and of what was done in each turn."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.shop.tables.base import Base, UtcDateTime


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


class TicketMessageRow(Base):
    """What a person of the shop, or the customer, wrote on a ticket."""

    __tablename__ = "ticket_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket: Mapped[int] = mapped_column(ForeignKey("tickets.number", ondelete="CASCADE"), index=True)
    sender: Mapped[str] = mapped_column(String(20))
    name: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
