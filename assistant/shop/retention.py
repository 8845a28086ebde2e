"""How long the shop keeps what shoppers said and did; orders, and what belongs to them, are never removed here."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Engine, delete, exists, or_, select

from assistant.schema import Value
from assistant.shop.sessions import Clock, utc_now, writing
from assistant.shop.tables import (
    Base,
    CartRow,
    ConversationRow,
    FeedbackRow,
    InteractionRow,
    RateCounterRow,
    RevokedTokenRow,
    ShowingRow,
    TicketRow,
    TraceRow,
)


class Kept(Value):
    """For how many days what is kept."""

    conversations: int
    events: int
    traces: int


class Retention:
    """Removes from the shop's records what is older than the shop wants to keep it."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def tidy(self, kept: Kept) -> dict[str, int]:
        """Remove what is too old, all or nothing; return how many of what. An open ticket keeps its conversation."""
        now = self._clock()
        said, done = now - timedelta(days=kept.conversations), now - timedelta(days=kept.events)
        with_a_ticket = exists(
            select(TicketRow.number).where(TicketRow.conversation_id == ConversationRow.id, TicketRow.state != "closed")
        )
        guests = or_(CartRow.owner.startswith("visitor:"), CartRow.owner.startswith("conversation:"))
        old: tuple[tuple[str, type[Base], tuple[ColumnElement[bool], ...]], ...] = (
            ("conversations", ConversationRow, (ConversationRow.saved_at < said, ~with_a_ticket)),
            ("tickets", TicketRow, (TicketRow.opened_at < said, TicketRow.state == "closed")),
            ("feedback", FeedbackRow, (FeedbackRow.at < said,)),
            ("carts of guests", CartRow, (CartRow.changed_at < said, guests)),
            ("events", InteractionRow, (InteractionRow.at < done,)),
            ("showings", ShowingRow, (ShowingRow.at < done,)),
            ("traces", TraceRow, (TraceRow.at < now - timedelta(days=kept.traces),)),
            ("tokens given up", RevokedTokenRow, (RevokedTokenRow.expires_at < now,)),
            ("counters", RateCounterRow, (RateCounterRow.expires_at < now.timestamp(),)),
        )
        with writing(self._engine) as session:
            # Row by row of the mapper's cascades isn't needed: the database removes what belongs to a row.
            return {
                name: int(getattr(session.execute(delete(table).where(*which)), "rowcount", 0))
                for name, table, which in old
            }
